"""A plan: who leads and joins where, what that covers, and how good it provably is."""

from dataclasses import dataclass
from enum import StrEnum


class Solver(StrEnum):
    """How a plan was found.

    ``EXACT``: by integer programming, down to the gap that was asked for. ``LIMITED``: the
    same, ended by the time limit. ``GREEDY``: one seat after another and then swaps, when
    there was no time for anything better. Each comes with a valid bound.
    """

    EXACT = "exact"
    LIMITED = "limited"
    GREEDY = "greedy"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that people should know about a problem or a plan."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


@dataclass(frozen=True, slots=True)
class Team:
    """Who serves one hub.

    Attributes:
        lead: None only where the hub needs none.
        partners: The one that covers most by itself first.
    """

    hub: str
    lead: str | None
    partners: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """The lead, then the partners."""
        return (*([self.lead] if self.lead is not None else []), *self.partners)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who in the team of a hub covers one need of that hub best.

    Attributes:
        level: In (0, 1].
        value: Level times the hub's share of the need's weight, in needs of average importance.
    """

    need: str
    hub: str
    supplier: str
    level: float
    value: float


@dataclass(frozen=True, slots=True)
class Objective:
    """What a plan is worth, part by part, in needs of average importance.

    Attributes:
        coverage: Needs covered, by level.
        lead: For leads that would cover much alone.
        cooperation: For continuing what works.
        coupling: For suppliers shared by a chain and a county strong in it.
        balance: For the worst-off county.
        distance: Cost, ≥ 0.
        overload: Cost, ≥ 0.
    """

    coverage: float
    lead: float = 0.0
    cooperation: float = 0.0
    coupling: float = 0.0
    balance: float = 0.0
    distance: float = 0.0
    overload: float = 0.0

    @property
    def total(self) -> float:
        """What the solver maximises."""
        gains = self.coverage + self.lead + self.cooperation + self.coupling + self.balance
        return gains - self.distance - self.overload


@dataclass(frozen=True, slots=True)
class Plan:
    """A joint choice for all hubs.

    Attributes:
        teams: One per hub, in the order of the problem.
        coverage: One per hub and need that the hub's team covers, hub by hub.
        bound: No plan whatever is worth more than this (``objective.total``).
        solver: How it was found.
        seconds: Time taken.
        notices: What people should know.
    """

    teams: tuple[Team, ...]
    coverage: tuple[Coverage, ...]
    objective: Objective
    bound: float
    solver: Solver
    seconds: float
    notices: tuple[Notice, ...] = ()

    @property
    def gap(self) -> float:
        """Share of the bound that this plan may still lack, in [0, 1]; 0 is proven best."""
        return gap_of(value=self.objective.total, bound=self.bound)

    def team(self, hub: str) -> Team:
        """The team of one hub.

        Raises:
            KeyError: the plan has no such hub.
        """
        for team in self.teams:
            if team.hub == hub:
                return team
        raise KeyError(hub)


def gap_of(*, value: float, bound: float) -> float:
    """How far ``value`` may be from the best possible, as a share of the larger of the two.

    Solvers state the gap relative to the plan, which grows beyond all measure for a poor one.
    """
    scale = max(abs(bound), abs(value))
    return min(max((bound - value) / scale, 0.0), 1.0) if scale > 0 else 0.0
