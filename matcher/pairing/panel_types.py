"""What a panel is chosen from, and what it is."""

from dataclasses import dataclass

from matcher.pairing.plan import Solver, gap_of
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
