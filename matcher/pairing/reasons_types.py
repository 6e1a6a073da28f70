"""What a plan's reasons are made of: plain values, worded in Chinese or English at the edge.

All gains and costs are in needs of average importance, as the plan's ``Objective``.
"""

from dataclasses import dataclass
from enum import StrEnum

from matcher.pairing.problem import Role


class Basis(StrEnum):
    """How the worth of another choice was found.

    ``SWAP``: one team is changed and the objective counted again, all else stays; costs are
    never told too low nor gains too high, as other teams could follow. ``SOLVED``: the whole
    plan was solved again under the changed rules, to proven optimality.
    """

    SWAP = "swap"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class CoveredNeed:
    """A need that a pair covers best in its team.

    Attributes:
        level: At which it is covered, in (0, 1].
        value: What that is worth.
        without: Level at which the rest of the team would cover it.
        evidence: Ids of the achievements and teams behind the level, best first.
    """

    need: str
    level: float
    value: float
    without: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeedChange:
    """A need whose level in one team would change; 0 is not covered."""

    need: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best plan that does without a pair.

    Attributes:
        suppliers: Who would come into the team; empty when the seat would stay free.
        cost: What the plan would lose; below 0 it would gain, and is not the best one.
        changes: Needs of this hub whose level would change, the largest loss first.
        moved: Other hubs whose teams would change too.
    """

    suppliers: tuple[str, ...]
    cost: float
    basis: Basis
    changes: tuple[NeedChange, ...]
    moved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairReason:
    """Why a supplier is in a team.

    Attributes:
        covers: Needs that it covers best in the team, most valuable first.
        adds: What the plan would lose if it left and nobody came.
        fixed: Whether a rule asked for it.
        cooperation: Strength of what already works, in [0, 1].
        distance_km: None where distances are not known.
        runner_up: None when nothing that was tried is a plan without the pair: no single
            swap, nor, where whole plans were solved again, one of these.
    """

    hub: str
    supplier: str
    role: Role
    covers: tuple[CoveredNeed, ...]
    adds: float
    fixed: bool
    cooperation: float
    distance_km: float | None
    runner_up: RunnerUp | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A team in which a supplier is not, though it has something for the hub.

    Attributes:
        alone: What it would cover there with nobody beside it.
        gain: What the plan would gain if it joined and had the capacity; below 0 a loss.
        instead_of: Who would have to leave for it; None where there is a free seat.
    """

    hub: str
    supplier: str
    alone: float
    gain: float
    instead_of: str | None


class WhyOut(StrEnum):
    """Why a supplier is in no team."""

    NO_SUPPLY = "no_supply"
    NO_CAPACITY = "no_capacity"
    FORBIDDEN = "forbidden"
    NOTHING_NEW = "nothing_new"
    TOO_COSTLY = "too_costly"
    WEAKER = "weaker"
    RULES = "rules"
    NOT_BEST = "not_best"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a supplier is in no team.

    Attributes:
        best: Where it came closest to a seat; its ``gain`` is below 0 unless the plan is not
            the best one. None where there is no such place.
        bans: Reasons of the decisions that keep it out of teams.
    """

    supplier: str
    why: WhyOut
    best: Elsewhere | None = None
    bans: tuple[str, ...] = ()


class WhyOpen(StrEnum):
    """Why a need is not covered, or not well enough, by the team of one of its hubs."""

    NO_HUB = "no_hub"
    NO_WEIGHT = "no_weight"
    NO_SUPPLY = "no_supply"
    FORBIDDEN = "forbidden"
    CAPACITY = "capacity"
    SEATS = "seats"
    NOT_WORTH = "not_worth"
    RULES = "rules"
    NOT_BEST = "not_best"


@dataclass(frozen=True, slots=True)
class Remedy:
    """Somebody who would cover an open need.

    Attributes:
        level: At which, in (0, 1].
        obstacle: What keeps it from the team.
        cost: What the plan would lose with it in the team, its own capacity aside; None
            where no rule-abiding team holds it.
        instead_of: Who would leave; None where there is a free seat, or no such team.
        ban: The reason of a decision against it.
        busy: Whether it is in as many teams as it may be.
    """

    supplier: str
    level: float
    obstacle: WhyOpen
    cost: float | None
    instead_of: str | None
    ban: str = ""
    busy: bool = False


@dataclass(frozen=True, slots=True)
class OpenReason:
    """Why a need is left open by a hub's team, and what would cover it.

    Attributes:
        hub: None for a need of no hub.
        level: At which the team covers it all the same, in [0, 1]; too low to count.
        value: What covering it completely would be worth.
        remedies: The cheapest first; none where nobody has enough for it.
    """

    need: str
    hub: str | None
    level: float
    value: float
    why: WhyOpen
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class OneMore:
    """What one more place would bring, in a team or in a supplier's capacity.

    Attributes:
        subject: Id of the hub or of the supplier.
        gain: What the plan would gain, ≥ 0; the limit binds where it is above 0.
        seats: (hub, supplier) that would be new in the plan.
    """

    subject: str
    gain: float
    basis: Basis
    seats: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """Everything that can be said for a plan.

    Attributes:
        pairs: One per seat, in the order of the plan, leads first.
        elsewhere: Per supplier in the plan, teams it would gain in but has no capacity left
            for, the largest gain first.
        left_out: One per supplier in no team, in the order of the problem.
        open: One per need and hub not covered well enough, in the order of the problem's hubs.
        partners: What one more partner would bring, one per hub.
        capacity: What one more team would bring, one per supplier at its limit.
    """

    pairs: tuple[PairReason, ...]
    elsewhere: tuple[Elsewhere, ...]
    left_out: tuple[LeftOut, ...]
    open: tuple[OpenReason, ...]
    partners: tuple[OneMore, ...]
    capacity: tuple[OneMore, ...]
