"""1+N: one lead and a few others whose achievements together answer a need, item by item.

A requirement counts by the best answer in the panel (facility location, as for plans), so a
second group that answers the same adds nothing and is not asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher.pairing.panel_search import Search, Seats
from matcher.pairing.panel_types import Candidate, Conflict, Panel, Panelist, TeamConfig
from matcher.pairing.plan import Solver
from matcher.pairing.problem import FloatArray
from matcher.requirements import Requirement


def choose_team(
    requirements: Sequence[Requirement],
    candidates: Sequence[Candidate],
    *,
    conflicts: Collection[Conflict] = (),
    lead: str | None = None,
    config: TeamConfig | None = None,
) -> Panel:
    """The panel that answers most of a need with fewest and least busy members.

    Exact up to ``panel_search.EXACT_CANDIDATES``, else one seat after another; see
    ``Panel.solver``.

    Args:
        requirements: What the need asks for.
        candidates: Who could be asked; ids are unique.
        conflicts: Pairs that must not meet; those of unknown ids are of no account.
        lead: Id of the one that must lead; None is whoever alone would answer most.
        config: Settings; defaults when None.

    Raises:
        KeyError: ``lead`` is no candidate, or one that is barred or too busy.
    """
    config = config or TeamConfig()
    barred = tuple(c for c in candidates if c.barred)
    busy = tuple(c for c in candidates if not c.barred and c.load >= config.max_load)
    able = [c for c in candidates if not c.barred and c.load < config.max_load]
    table = _Table(requirements, able, config)
    place = {candidate.id: i for i, candidate in enumerate(able)}
    seats = Seats(
        worth=table.worth,
        cost=np.array([config.member + config.load * c.load - config.fit * c.fit for c in able]),
        most=1 + config.others,
        apart=tuple(
            (place[c.first], place[c.second])
            for c in conflicts
            if c.first in place and c.second in place and c.first != c.second
        ),
        must=None if lead is None else place[lead],
    )
    chosen = Search(seats).best()
    members = table.members(chosen.members, seats.must)
    answered = table.best(chosen.members)
    met = {proof.requirement for member in members for proof in member.proofs if proof.met}
    left = [r for r in range(len(requirements)) if r not in met]
    return Panel(
        requirements=tuple(requirements),
        members=members,
        coverage=table.share(answered),
        open=tuple(left),
        near=tuple(r for r in left if answered[r] > 0),
        passed_over=barred,
        busy=busy,
        value=chosen.value,
        bound=chosen.bound,
        solver=Solver.EXACT if chosen.proven else Solver.GREEDY,
    )


@dataclass(eq=False)
class _Table:
    """What each candidate answers."""

    requirements: Sequence[Requirement]
    candidates: Sequence[Candidate]
    config: TeamConfig
    worth: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """(candidates, requirements) worth of each one's best proof."""
        self.worth = np.zeros((len(self.candidates), len(self.requirements)))
        for i, candidate in enumerate(self.candidates):
            for proof in candidate.proofs:
                full = self.config.must if self.requirements[proof.requirement].must else 1.0
                worth = full * (1.0 if proof.met else self.config.near)
                self.worth[i, proof.requirement] = max(worth, self.worth[i, proof.requirement])

    def best(self, members: Sequence[int]) -> FloatArray:
        """(requirements,) worth of the best answer among the members."""
        return np.asarray(self.worth[list(members)].max(axis=0, initial=0.0))

    def share(self, worths: FloatArray) -> float:
        """A worth as share of the whole need."""
        whole = sum(self.config.must if r.must else 1.0 for r in self.requirements)
        return float(worths.sum()) / whole if whole else 0.0

    def members(self, chosen: Sequence[int], lead: int | None) -> tuple[Panelist, ...]:
        """The chosen in the order in which they are told, each with what it adds."""
        order: list[int] = [] if lead is None else [lead]
        while len(order) < len(chosen):
            base = self.best(order)
            order.append(
                max(
                    (i for i in chosen if i not in order),
                    key=lambda i: (
                        float(np.maximum(self.worth[i] - base, 0).sum()),
                        self.candidates[i].fit,
                        -i,
                    ),
                )
            )
        return tuple(self._member(order, at) for at in range(len(order)))

    def _member(self, order: Sequence[int], at: int) -> Panelist:
        i = order[at]
        before = self.best(order[:at])
        others = self.best([j for j in order if j != i])
        # of equal answers the one told first counts
        after = self.best(order[at + 1 :])
        own = self.worth[i]
        answers = (own > 0) & (own > before) & (own >= after)
        return Panelist(
            candidate=self.candidates[i],
            proofs=tuple(p for p in self.candidates[i].proofs if answers[p.requirement]),
            adds=self.share(np.maximum(own - before, 0)),
            only=self.share(np.maximum(own - others, 0)),
        )
