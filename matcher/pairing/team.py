"""1+N: one lead and a few others whose achievements together answer a need, item by item.

A requirement counts by the best answer in the panel (facility location, as for plans), so a
second group that answers the same adds nothing and is not asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from matcher.pairing.panel_search import Search, Seats
from matcher.pairing.plan import Solver, gap_of
from matcher.pairing.problem import FloatArray
from matcher.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Proof:
    """What an achievement has to say to one requirement.

    Attributes:
        requirement: Its place in the list of requirements.
        achievement: Id.
        sentence: As written there.
        met: Whether that answers it; else it comes near.
        strength: How much of the requirement the sentence holds, in [0, 1].
    """

    requirement: int
    achievement: str
    sentence: str
    met: bool
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An expert, a group or an organisation that could be asked.

    Attributes:
        fit: How good its best achievement is for the need as a whole, in [0, 1].
        proofs: The best one for each requirement that it has anything to say to.
        load: Work that it has taken on already, in needs.
        barred: Why it must not be asked; empty for no reason.
    """

    id: str
    name: str
    organization: str | None = None
    fit: float = 0.0
    proofs: tuple[Proof, ...] = ()
    load: int = 0
    barred: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two candidates that must not sit in one panel, and why."""

    first: str
    second: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TeamConfig:
    """How panels are chosen; worths are in nice-to-have requirements answered in full.

    Attributes:
        others: Most members besides the lead.
        must: Worth of a must-have.
        near: Share of a requirement's worth that a near answer earns.
        member: Cost of each member: whoever adds less is not asked.
        load: Cost of each need that a member is busy with.
        max_load: Needs from which on a candidate is not asked at all.
        fit: Worth of a member whose achievement fits the need perfectly; decides between
            equals.
    """

    others: int = 3
    must: float = 2.0
    near: float = 0.5
    member: float = 0.1
    load: float = 0.1
    max_load: int = 3
    fit: float = 0.05

    def __post_init__(self) -> None:
        costs = (self.must, self.near, self.member, self.load, self.fit)
        if self.others < 0 or self.max_load < 1 or min(costs) < 0 or self.near > 1:
            raise ValueError(f"others ≥ 0, max_load ≥ 1, near ≤ 1 and no negative worth: {self}")
        if self.fit > self.member:
            raise ValueError(f"fit alone must not earn a seat, so it is at most member: {self}")


@dataclass(frozen=True, slots=True)
class Panelist:
    """A member of a panel and what it adds.

    Attributes:
        proofs: For the requirements that it answers best in the panel, in their order.
        adds: Share of the need that it answers beyond those named before it, in [0, 1].
        only: Share of the need that nobody else in the panel would answer, in [0, 1].
    """

    candidate: Candidate
    proofs: tuple[Proof, ...]
    adds: float
    only: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One lead and others for a need.

    Attributes:
        requirements: What the need asks for.
        members: The lead first, then who adds most beside those before; may be empty.
        coverage: Share of the need that is answered, must-haves and near answers weighed as
            in ``TeamConfig``, in [0, 1].
        open: Places of the requirements that nobody in the panel meets.
        near: Those of them that somebody comes near to.
        passed_over: Candidates that were not considered, with the reason in ``barred``.
        busy: Those that were not considered for their load.
        value: What was maximised.
        bound: No panel is worth more.
        solver: ``EXACT`` when ``value`` is proven, else ``GREEDY``.
    """

    requirements: tuple[Requirement, ...]
    members: tuple[Panelist, ...]
    coverage: float
    open: tuple[int, ...]
    near: tuple[int, ...]
    passed_over: tuple[Candidate, ...] = ()
    busy: tuple[Candidate, ...] = ()
    value: float = 0.0
    bound: float = 0.0
    solver: Solver = Solver.EXACT

    @property
    def gap(self) -> float:
        """Share of the bound that the panel may lack, in [0, 1]; 0 is proven best."""
        return gap_of(value=self.value, bound=self.bound)


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
