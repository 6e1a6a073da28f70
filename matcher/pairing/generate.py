"""Finds the teams worth choosing among, and bounds every plan on the way."""

from time import monotonic

import numpy as np

from matcher.pairing.best_team import Found, TeamSearch
from matcher.pairing.columns import Master, Prices
from matcher.pairing.exchange import improve
from matcher.pairing.gains import Gains
from matcher.pairing.plan import gap_of
from matcher.pairing.problem import FloatArray
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import Seating

MOST_COLUMNS = 60_000
"""Teams that the last programme may have; with more of them it would not end in time."""

FIRST_MARGINS = 8
"""The first margin of the proof is this part of what lies between bound and plan."""


class Generator:
    """Improves one plan and one bound until they meet.

    Attributes:
        choice: The best so far.
        value: What it is worth.
        bound: No plan is worth more.
        priced: Whether anything but the bound given at first was ever found.
    """

    def __init__(self, gains: Gains, seating: Seating, choice: Choice, bound: float) -> None:
        self._gains, self._seating = gains, seating
        self._model = gains.model
        self.choice, self.bound = choice, bound
        self.value = objective_of(self._model, choice).total
        self._master = Master(self._model, seating)
        self._searches: dict[int, TeamSearch] = {}
        self._county = np.zeros(len(self._model.counties))
        self._every_lead = bool((seating.max_leads < seating.max_hubs).any())
        self._best_prices: Prices | None = None
        self.priced = False
        self._take(choice)

    @property
    def gap(self) -> float:
        """Between plan and bound."""
        return gap_of(value=self.value, bound=self.bound)

    def run(self, *, gap: float, deadline: float) -> None:
        """Work until the gap is small enough or the time is up."""
        self._generate(gap, deadline)
        self._choose(gap, deadline)
        if self.gap > gap and monotonic() < deadline:
            self._prove(gap, deadline)

    def take(self, choice: Choice | None, bound: float) -> None:
        """Learn of another plan, or none, and another bound."""
        self.bound = min(self.bound, bound)
        if choice is not None:
            self._take(choice)

    def _generate(self, gap: float, deadline: float) -> None:
        while monotonic() < deadline and self.gap > gap:
            relaxed = self._master.relaxed(max(deadline - monotonic(), 0.01))
            if relaxed is None:
                return
            value, prices = relaxed
            bound, found = self._price(prices, deadline)
            if bound is None:
                return
            if bound < self.bound:
                self.bound, self._best_prices, self.priced = bound, prices, True
            added = sum(
                self._master.add(h, team.members) for h, one in found.items() for team in one.teams
            )
            if not added or bound - value <= gap * abs(bound) / 10:
                return

    def _price(self, prices: Prices, deadline: float) -> tuple[float | None, dict[int, Found]]:
        """The bound at these prices and the teams that reach it; None when time ran out."""
        self._turn(prices.county)
        total = prices.constant
        found: dict[int, Found] = {}
        for h, (price, lead_worth) in enumerate(self._worths(prices)):
            if monotonic() > deadline:
                return None, found
            found[h] = self._search(h).search(price, lead_worth)
            total += found[h].bound
        return total, found

    def _worths(self, prices: Prices) -> list[tuple[FloatArray, FloatArray]]:
        model = self._model
        price = model.gain - prices.seat
        for c, (a, b) in enumerate(model.coupled.tolist()):
            price[a] += prices.first[c]
            price[b] += model.coupling_gain[c] - prices.first[c]
        return list(zip(price, model.lead_gain - prices.lead, strict=True))

    def _turn(self, county: FloatArray) -> None:
        """Searches forget what they know when needs of some county count more than before."""
        if not np.array_equal(county, self._county):
            self._county = county
            self._searches.clear()

    def _search(self, h: int) -> TeamSearch:
        if h not in self._searches:
            factor = None
            if self._county.any():
                of = self._model.county_of[self._model.links[h].needs]
                factor = 1.0 + np.where(of >= 0, self._county[of], 0.0)
            self._searches[h] = TeamSearch(self._gains, self._seating, h, factor)
        return self._searches[h]

    def _choose(self, gap: float, deadline: float) -> None:
        """The best plan of the teams at hand, improved by exchange."""
        left = max(deadline - monotonic(), 0.01)
        choice, _ = self._master.best(left / 2, gap / 4)
        if choice is not None:
            self._take(improve(self._gains, self._seating, choice, deadline=deadline))

    def _prove(self, gap: float, deadline: float) -> None:
        """Takes in every team within a margin of its hub's best, and widens the margin.

        A plan with a team beyond the margin falls short of the bound by more than the margin,
        so the bound sinks to the best of the programme or by the margin, whichever is higher.
        """
        if self._best_prices is None:
            return
        prices, ceiling = self._best_prices, self.bound
        self._turn(prices.county)
        worths = self._worths(prices)
        best = [self._search(h).search(*worths[h]).bound for h in range(len(worths))]
        margin = (ceiling - self.value) / FIRST_MARGINS
        while self.gap > gap and monotonic() < deadline:
            margin = min(margin, ceiling - self.value + 1e-9)
            if not self._take_in(worths, [value - margin for value in best], deadline):
                return
            left = max(deadline - monotonic(), 0.01)
            choice, bound = self._master.best(left, gap / 4)
            if choice is not None:
                self._take(choice)
            self.bound = min(self.bound, max(bound, ceiling - margin, self.value))
            margin *= 2

    def _take_in(
        self,
        worths: list[tuple[FloatArray, FloatArray]],
        floors: list[float],
        deadline: float,
    ) -> bool:
        """Adds all teams above these floors; False when they are too many, or time is up."""
        for h, (price, lead_worth) in enumerate(worths):
            found = self._search(h).search(
                price,
                lead_worth,
                floor=floors[h],
                every_lead=self._every_lead,
                keep=MOST_COLUMNS - len(self._master.columns),
                max_nodes=1_000_000,
            )
            if not found.complete or monotonic() > deadline:
                return False
            for team in found.teams:
                self._master.add(h, team.members)
        return True

    def _take(self, choice: Choice) -> None:
        value = objective_of(self._model, choice).total
        if value >= self.value:
            self.choice, self.value = choice, value
        for h, lead in enumerate(choice.leads.tolist()):
            others = [int(s) for s in np.flatnonzero(choice.seats[h]) if s != lead]
            self._master.add(h, (lead, *others) if lead >= 0 else ())
