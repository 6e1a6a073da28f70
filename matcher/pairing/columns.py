"""The plan as a choice of whole teams: column generation, then an integer programme.

One variable for each hub and team that was found worth considering; what joins the hubs are
the suppliers' limits, couplings and the balance over counties. Prices for those come from the
linear relaxation, and the best team of every hub under these prices is added until none
helps (Dantzig and Wolfe 1960). At any prices the best teams together bound every plan from
above (Geoffrion 1974, "Lagrangean relaxation for integer programming"). That bound is much
closer than the linear relaxation of seats, since each hub's own choice stays integral. A team
that falls short of its hub's best by more than what lies between bound and plan cannot be
part of a better plan, so once the rest fits into one programme, its optimum is proven
(Baldacci, Christofides and Mingozzi 2008, "An exact algorithm for the vehicle routing
problem based on the set partitioning formulation with additional cuts").
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from matcher.pairing.model import IntArray, Model
from matcher.pairing.problem import FloatArray
from matcher.pairing.score import Choice, comfortable, covered_by
from matcher.pairing.seating import Seating


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A team of a hub.

    Attributes:
        members: The lead first; empty for no team.
        value: Coverage, gains of its seats and of its lead.
        counties: (counties,) what it covers of each.
    """

    hub: int
    members: tuple[int, ...]
    value: float
    counties: FloatArray


@dataclass(frozen=True, eq=False)
class Prices:
    """What joins the hubs, as prices; any non-negative ones give a valid bound.

    Attributes:
        seat: (suppliers,) of a team's member.
        lead: (suppliers,) of a lead.
        first: (couplings, suppliers) share of a coupling's gain that goes to its first hub;
            the second one gets the rest.
        county: (counties,) extra worth of covered need.
        constant: What the limits are worth at these prices.
    """

    seat: FloatArray
    lead: FloatArray
    first: FloatArray
    county: FloatArray
    constant: float


@dataclass
class Master:
    """The programme over the teams found so far."""

    model: Model
    seating: Seating
    columns: list[Column] = field(default_factory=list)
    _known: set[tuple[int, tuple[int, ...]]] = field(default_factory=set)

    def add(self, hub: int, members: tuple[int, ...]) -> bool:
        """Take in a team; False when it is there already."""
        key = (hub, (*members[:1], *sorted(members[1:])))
        if key in self._known:
            return False
        self._known.add(key)
        self.columns.append(self._column(*key))
        return True

    def _column(self, h: int, members: tuple[int, ...]) -> Column:
        model = self.model
        best, _ = covered_by(model, h, members)
        value = float(best.sum() + model.gain[h, list(members)].sum())
        if members:
            value += float(model.lead_gain[h, members[0]])
        counties = np.zeros(len(model.counties))
        if self.fair:
            county = model.county_of[model.links[h].needs]
            np.add.at(counties, county[county >= 0], best[county >= 0])
        return Column(h, members, value, counties)

    @property
    def fair(self) -> bool:
        """Whether counties matter at all."""
        wanted = self.model.balance > 0 or self.model.problem.min_county_share > 0
        return wanted and len(self.model.counties) > 0

    def relaxed(self, time_limit_s: float) -> tuple[float, Prices] | None:
        """Value of the linear relaxation and its prices; None when there was no time."""
        program = self._program()
        rows: Any = program.rows  # SciPy's stubs know dense rows only
        hubs: Any = program.hubs
        result = linprog(
            -program.worth,
            A_ub=rows,
            b_ub=program.upper,
            A_eq=hubs,
            b_eq=np.ones(self.model.shape[0]),
            bounds=(0.0, None),
            method="highs",
            options={"time_limit": time_limit_s},
        )
        if result.status != 0:
            return None
        return -float(result.fun or 0.0), self._prices(program, -result.ineqlin.marginals)

    def best(self, time_limit_s: float, rel_gap: float) -> tuple[Choice | None, float]:
        """The best choice among the columns, and a bound for all such choices."""
        program = self._program()
        n = len(self.columns)
        integrality = np.concatenate([np.ones(n), np.zeros(len(program.worth) - n)])
        result = milp(
            -program.worth,
            integrality=integrality,
            bounds=Bounds(0, np.inf),
            constraints=[
                LinearConstraint(program.rows, ub=program.upper),
                LinearConstraint(program.hubs, 1, 1),
            ],
            options={"time_limit": max(time_limit_s, 0.01), "mip_rel_gap": rel_gap},
        )
        bound = np.inf if result.mip_dual_bound is None else -float(result.mip_dual_bound)
        if result.x is None:
            return None, bound
        seats = np.zeros(self.model.shape, dtype=bool)
        leads = np.full(self.model.shape[0], -1)
        for column, x in zip(self.columns, result.x[:n], strict=True):
            if x > 0.5 and column.members:
                seats[column.hub, list(column.members)] = True
                leads[column.hub] = column.members[0]
        return Choice(seats, leads), bound

    def _program(self) -> "_Program":
        return _Writer(self).program()

    def _prices(self, program: "_Program", dual: FloatArray) -> Prices:
        n_suppliers = self.model.shape[1]
        dual = np.maximum(dual, 0.0)
        seat, lead = np.zeros(n_suppliers), np.zeros(n_suppliers)
        first = self._unmet_couplings()
        county = np.zeros(len(self.model.counties))
        for row, (kind, index) in enumerate(program.keys):
            if kind in ("most", "easy"):
                seat[index[0]] += dual[row]
            elif kind == "least":
                seat[index[0]] -= dual[row]
            elif kind == "leads":
                lead[index[0]] += dual[row]
            elif kind == "county":
                county[index[0]] += dual[row]
            elif kind == "first":
                first[index] = min(dual[row], self.model.coupling_gain[index[0]])
        return Prices(seat, lead, first, county, float(dual @ program.upper))

    def _unmet_couplings(self) -> FloatArray:
        """Shares of couplings without a row: all to the hub whose teams lack the supplier.

        Shared equally, teams in the programme would be priced above their worth, and the
        bound could never come down to the relaxation.
        """
        held = np.zeros(self.model.shape, dtype=bool)
        for column in self.columns:
            held[column.hub, list(column.members)] = True
        a, b = held[self.model.coupled[:, 0]], held[self.model.coupled[:, 1]]
        share = np.where(a == b, 0.5, np.where(b, 1.0, 0.0))
        return np.asarray(share * self.model.coupling_gain[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class _Program:
    """Maximise ``worth · x``, ``rows · x ≤ upper``, ``hubs · x = 1``, ``x ≥ 0``."""

    worth: FloatArray
    rows: sparse.csr_array
    upper: FloatArray
    hubs: sparse.csr_array
    keys: list[tuple[str, tuple[int, ...]]]


class _Writer:
    """Writes the programme: first a variable for every column, then the others."""

    def __init__(self, master: Master) -> None:
        self.master, self.model = master, master.model
        self.worth = [column.value for column in master.columns]
        self.keys: list[tuple[str, tuple[int, ...]]] = []
        self.upper: list[float] = []
        self.entries: list[tuple[IntArray, FloatArray]] = []
        self.holding: dict[tuple[int, int], list[int]] = {}
        self.leading: dict[int, list[int]] = {}
        for j, column in enumerate(master.columns):
            for s in column.members:
                self.holding.setdefault((column.hub, s), []).append(j)
            if column.members:
                self.leading.setdefault(column.members[0], []).append(j)

    def program(self) -> _Program:
        self._limits()
        self._couplings()
        self._counties()
        n, columns = len(self.worth), self.master.columns
        counts = [len(indices) for indices, _ in self.entries]
        rows = np.repeat(np.arange(len(counts)), counts)
        indices = np.concatenate([i for i, _ in self.entries]) if counts else np.empty(0, int)
        data = np.concatenate([x for _, x in self.entries]) if counts else np.empty(0)
        hubs = np.array([column.hub for column in columns], dtype=np.int64)
        ones, shape = np.ones(len(columns)), (self.model.shape[0], n)
        return _Program(
            worth=np.array(self.worth),
            rows=sparse.csr_array((data, (rows, indices)), shape=(len(counts), n)),
            upper=np.array(self.upper),
            hubs=sparse.csr_array((ones, (hubs, np.arange(len(columns)))), shape=shape),
            keys=self.keys,
        )

    def _row(self, key: tuple[str, tuple[int, ...]], terms: dict[int, float], upper: float) -> None:
        self.keys.append(key)
        self.upper.append(upper)
        self.entries.append(
            (np.fromiter(terms, dtype=np.int64), np.fromiter(terms.values(), dtype=float))
        )

    def _limits(self) -> None:
        seating, easy = self.master.seating, comfortable(self.model)
        cost = self.model.problem.weights.overload
        teams: dict[int, dict[int, float]] = {}
        for (_, s), columns in self.holding.items():
            teams.setdefault(s, {}).update(dict.fromkeys(columns, 1.0))
        for s in range(self.model.shape[1]):
            mine = teams.get(s, {})
            if mine:
                self._row(("most", (s,)), mine, float(seating.max_hubs[s]))
            if mine and cost > 0 and easy[s] < seating.max_hubs[s]:
                self.worth.append(-cost)
                self._row(("easy", (s,)), {**mine, len(self.worth) - 1: -1.0}, float(easy[s]))
            if seating.min_hubs[s] > 0:
                fewer = {j: -1.0 for j in mine}
                self._row(("least", (s,)), fewer, -float(seating.min_hubs[s]))
            if seating.max_leads[s] < seating.max_hubs[s] and s in self.leading:
                leading = dict.fromkeys(self.leading[s], 1.0)
                self._row(("leads", (s,)), leading, float(seating.max_leads[s]))

    def _couplings(self) -> None:
        for c, (a, b) in enumerate(self.model.coupled.tolist()):
            for s in range(self.model.shape[1]):
                if (a, s) in self.holding and (b, s) in self.holding:
                    self.worth.append(float(self.model.coupling_gain[c]))
                    shared = {len(self.worth) - 1: 1.0}
                    for side, h in (("first", a), ("second", b)):
                        held = dict.fromkeys(self.holding[h, s], -1.0)
                        self._row((side, (c, s)), {**shared, **held}, 0.0)

    def _counties(self) -> None:
        if not self.master.fair:
            return
        total, least = self.model.county_weight, self.model.problem.min_county_share
        smallest = None
        if self.model.balance > 0:
            smallest = len(self.worth)
            self.worth.append(self.model.balance)
        for k in range(len(total)):
            covered = {
                j: -float(column.counties[k])
                for j, column in enumerate(self.master.columns)
                if column.counties[k] > 0
            }
            if smallest is not None:
                self._row(("county", (k,)), {smallest: float(total[k]), **covered}, 0.0)
            if least > 0:
                self._row(("county", (k,)), covered, -least * float(total[k]))
