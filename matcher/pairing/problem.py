"""What a plan is made from: hubs, suppliers, needs, levels and rules, as plain values.

A *hub* is a chain or a county that gets a team: one lead and some partners. A *supplier* is
a university or an institute. A need may belong to several hubs (its chain, its county); its
weight is then shared equally among them, and each hub's team answers for its own share.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

FloatArray = NDArray[np.float64]


class HubKind(StrEnum):
    """What a team is formed for."""

    CHAIN = "chain"
    COUNTY = "county"


class Role(StrEnum):
    """What a supplier is in a team."""

    LEAD = "lead"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A chain or county that gets one lead and up to ``max_partners`` partners.

    Attributes:
        id: Unique among all hubs, chains and counties together.
        max_partners: Most suppliers besides the lead.
        min_partners: Fewest of them.
        lead_required: Whether it must get a lead; without one it has no partners either.
        min_local: Fewest local suppliers in the team; a hub that is left without any team
            keeps this rule, and so breaks it.
        local_lead: Whether the lead must be local.
    """

    id: str
    kind: HubKind = HubKind.CHAIN
    name: str = ""
    max_partners: int = 1
    min_partners: int = 0
    lead_required: bool = True
    min_local: int = 0
    local_lead: bool = False

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A university or institute that can lead or join teams.

    Attributes:
        local: Whether it is at home in the city.
        max_hubs: Most teams it may be in, chains and counties together.
        min_hubs: Fewest of them.
        max_leads: Most of them that it may lead; None is as many as it may be in.
        comfortable_hubs: From how many teams on each further one costs
            ``Weights.overload``; None is ``max_hubs``, which never costs anything.
    """

    id: str
    name: str = ""
    local: bool = False
    max_hubs: int = 2
    min_hubs: int = 0
    max_leads: int | None = None
    comfortable_hubs: int | None = None

    @property
    def label(self) -> str:
        """What people call it."""
        return self.name or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNeed:
    """A need that is to be covered.

    Attributes:
        hubs: Ids of the hubs that it belongs to; each answers for an equal share of it.
        weight: Its importance; only ratios matter, 0 leaves it out of account.
        county: Where it is asked, for the balance over counties; None is nowhere.
    """

    id: str
    hubs: tuple[str, ...]
    weight: float = 1.0
    county: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A supplier that must be in a hub's team, in this role or, with None, in either."""

    hub: str
    supplier: str
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """A supplier that must not be in a hub's team, and why.

    Attributes:
        reason: In the words of whoever decided it.
        lead_only: It may join as a partner; only leading is forbidden.
    """

    hub: str
    supplier: str
    reason: str
    lead_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupling:
    """Two hubs, usually a chain and a county strong in it, that gain from a shared supplier.

    Attributes:
        strength: In [0, 1]; every supplier in both teams earns ``Weights.coupling`` times it.
    """

    first: str
    second: str
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What else counts besides covered need.

    The unit of all of them is one need of average importance, covered completely.

    Attributes:
        lead: For each lead, per need that it would cover alone; makes the stronger one lead.
        cooperation: Per pair that continues an established cooperation (strength 1).
        distance_per_100km: Cost per pair and 100 km.
        overload: Cost per team beyond what a supplier is comfortable with.
        coupling: Per shared supplier of two fully coupled hubs.
        balance: Gain when the worst-off county goes from nothing covered to everything, as a
            share of all needs: 0.1 means that this is worth a tenth of them.
    """

    lead: float = 0.05
    cooperation: float = 0.5
    distance_per_100km: float = 0.02
    overload: float = 0.5
    coupling: float = 0.5
    balance: float = 0.0

    def __post_init__(self) -> None:
        values = (
            self.lead,
            self.cooperation,
            self.distance_per_100km,
            self.overload,
            self.coupling,
            self.balance,
        )
        if not all(value >= 0 and np.isfinite(value) for value in values):
            raise ValueError(f"weights must be finite and cannot be negative: {self}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Everything that a plan depends on; ``check`` tells whether it makes sense.

    Attributes:
        levels: (needs, suppliers) sparse float64 in [0, 1], in the order of the two tuples:
            the worth of the best that a supplier has for a need, 1 the highest level.
        cooperation: (hubs, suppliers) float64 in [0, 1], strength of what already works;
            None is none.
        distance_km: (hubs, suppliers) float64, ≥ 0; None is no distances.
        min_county_share: Share of each county's needs that must be covered, in [0, 1].
        evidence: By need id and supplier id, the ids of the achievements and teams behind a
            level, best first; carried for explanations, not read by the solver.
    """

    hubs: tuple[Hub, ...]
    suppliers: tuple[Supplier, ...]
    needs: tuple[OpenNeed, ...]
    levels: sparse.csr_array
    cooperation: FloatArray | None = None
    distance_km: FloatArray | None = None
    fixed: tuple[Fixed, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    min_county_share: float = 0.0
    weights: Weights = field(default_factory=Weights)
    evidence: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def level_matrix(
    needs: Sequence[OpenNeed],
    suppliers: Sequence[Supplier],
    levels: Iterable[tuple[str, str, float]],
) -> sparse.csr_array:
    """The ``levels`` of a problem from (need id, supplier id, level); repeated ones: the best.

    Raises:
        KeyError: an id that is in neither list.
    """
    row = {need.id: i for i, need in enumerate(needs)}
    column = {supplier.id: j for j, supplier in enumerate(suppliers)}
    best: dict[tuple[int, int], float] = {}
    for need_id, supplier_id, level in levels:
        key = (row[need_id], column[supplier_id])
        best[key] = max(best.get(key, level), level)
    rows, columns = [i for i, _ in best], [j for _, j in best]
    return sparse.csr_array(
        (list(best.values()), (rows, columns)), shape=(len(needs), len(suppliers)), dtype=float
    )
