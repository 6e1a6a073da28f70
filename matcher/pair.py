"""Pairing: for each chain one lead university and some partners, chosen jointly and exactly.

A need counts by the best supply among the universities chosen for its chain (facility
location), so a second university that brings the same is worth less than one that fills
a gap. Solved as a mixed-integer programme by HiGHS through SciPy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.errors import MatcherError


class NoPlanInTime(MatcherError):
    """The solver had no plan when its time was up; there always is one, if only an empty one.

    Attributes:
        time_limit_s: The limit that was too short.
    """

    def __init__(self, time_limit_s: float) -> None:
        super().__init__(
            f"{time_limit_s:g} 秒内未求得方案，请放宽时间限制。"
            f" / no plan was found within {time_limit_s:g} s; allow more time"
        )
        self.time_limit_s = time_limit_s


@dataclass(frozen=True, slots=True)
class PairConfig:
    """Limits of a plan.

    Attributes:
        partners: Most universities a chain gets besides its lead.
        capacity: Most chains a university serves.
        time_limit_s: When the solver stops and returns its best plan with the gap.
    """

    partners: int = 1
    capacity: int = 2
    time_limit_s: float = 60.0

    def __post_init__(self) -> None:
        if self.partners < 0 or self.capacity < 1 or self.time_limit_s <= 0:
            raise ValueError(f"partners ≥ 0, capacity ≥ 1 and a time limit are needed: {self}")


@dataclass(frozen=True, slots=True)
class Supply:
    """How well one university can answer one need of a chain.

    Attributes:
        value: Worth of its best achievement for the need, in (0, 1].
    """

    chain: str
    need_id: str
    university: str
    value: float


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """Who serves one chain.

    Attributes:
        lead: The chosen university that alone would cover most; None without supply.
        covered: Need id to the chosen university that answers it best.
        value: Sum of the values of the covered needs.
    """

    chain: str
    lead: str | None
    partners: tuple[str, ...]
    covered: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A joint choice for all chains.

    Attributes:
        gap: Share of the best possible value that this plan may still lack, in [0, 1]; 0 is
            proven optimal.
    """

    chains: tuple[ChainPlan, ...]
    gap: float

    @property
    def value(self) -> float:
        """What all chains together cover."""
        return sum(chain.value for chain in self.chains)


def pair(supplies: Sequence[Supply], config: PairConfig | None = None) -> Plan:
    """The plan that covers the needs of all chains best.

    Args:
        supplies: What universities can do; of repeated ones the best counts.
        config: Limits; defaults when None.

    Returns:
        One entry per chain that has any supply, in the order of chain ids.

    Raises:
        NoPlanInTime: the time limit was too short for any plan.
    """
    config = config or PairConfig()
    best = _best_of_each(supplies)
    if not best:
        return Plan((), 0.0)
    seats = sorted({(s.chain, s.university) for s in best})
    chosen, gap = _solve(best, seats, config)
    by_chain: dict[str, list[str]] = {chain: [] for chain, _ in seats}
    for chain, university in chosen:
        by_chain[chain].append(university)
    plans = tuple(_chain_plan(chain, by_chain[chain], best) for chain in sorted(by_chain))
    return Plan(plans, gap)


def _best_of_each(supplies: Sequence[Supply]) -> list[Supply]:
    best: dict[tuple[str, str, str], Supply] = {}
    for supply in supplies:
        key = (supply.chain, supply.need_id, supply.university)
        if supply.value > 0 and (key not in best or supply.value > best[key].value):
            best[key] = supply
    return [best[key] for key in sorted(best)]


def _solve(
    supplies: Sequence[Supply], seats: Sequence[tuple[str, str]], config: PairConfig
) -> tuple[list[tuple[str, str]], float]:
    """Variables: one per seat (university serves chain), then one per supply (it is used)."""
    seat_of = {seat: column for column, seat in enumerate(seats)}
    n_seats, n_supplies = len(seats), len(supplies)
    used = range(n_seats, n_seats + n_supplies)
    seat_columns = [seat_of[s.chain, s.university] for s in supplies]
    only_of_the_chosen = _rows(
        n_seats + n_supplies,
        [([u, seat], [1.0, -1.0]) for u, seat in zip(used, seat_columns, strict=True)],
    )
    once_per_need = _sums(n_seats + n_supplies, used, [(s.chain, s.need_id) for s in supplies])
    columns = range(n_seats)
    per_chain = _sums(n_seats + n_supplies, columns, [chain for chain, _ in seats])
    per_university = _sums(n_seats + n_supplies, columns, [u for _, u in seats])
    worth = np.concatenate([np.zeros(n_seats), [s.value for s in supplies]])
    integrality = np.concatenate([np.ones(n_seats), np.zeros(n_supplies)])
    result = milp(
        -worth,
        integrality=integrality,
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(only_of_the_chosen, ub=0),
            LinearConstraint(once_per_need, ub=1),
            LinearConstraint(per_chain, ub=1 + config.partners),
            LinearConstraint(per_university, ub=config.capacity),
        ],
        options={"time_limit": config.time_limit_s, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        raise NoPlanInTime(config.time_limit_s)
    chosen = [seat for seat, x in zip(seats, result.x[:n_seats], strict=True) if x > 0.5]
    # the solver minimises the negated worth
    return chosen, gap_of(value=-result.fun, bound=-result.mip_dual_bound)


def gap_of(*, value: float, bound: float) -> float:
    """Share of the bound that a plan of this value may still lack, in [0, 1].

    Solvers state the gap relative to the plan, which grows beyond all measure for a poor one.
    """
    return float(np.clip((bound - value) / bound, 0.0, 1.0)) if bound > 0 else 0.0


def _rows(
    width: int, entries: Sequence[tuple[Sequence[int], Sequence[float]]]
) -> sparse.csr_matrix:
    rows = np.repeat(np.arange(len(entries)), [len(columns) for columns, _ in entries])
    columns = np.concatenate([columns for columns, _ in entries])
    values = np.concatenate([values for _, values in entries])
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(entries), width))


def _sums(width: int, columns: Sequence[int], keys: Sequence[object]) -> sparse.csr_matrix:
    members: dict[object, list[int]] = {}
    for column, key in zip(columns, keys, strict=True):
        members.setdefault(key, []).append(column)
    return _rows(width, [(group, [1.0] * len(group)) for group in members.values()])


def _chain_plan(chain: str, chosen: Sequence[str], supplies: Sequence[Supply]) -> ChainPlan:
    mine = [s for s in supplies if s.chain == chain and s.university in chosen]
    covered: dict[str, Supply] = {}
    for supply in sorted(mine, key=lambda s: (s.need_id, -s.value, s.university)):
        covered.setdefault(supply.need_id, supply)
    # a seat that was free to fill but covers nothing is nobody's promise
    useful = {s.university for s in covered.values()}
    alone = {u: sum(s.value for s in mine if s.university == u) for u in useful}
    ranked = sorted(useful, key=lambda u: (-alone[u], u))
    return ChainPlan(
        chain=chain,
        lead=ranked[0] if ranked else None,
        partners=tuple(ranked[1:]),
        covered={need_id: s.university for need_id, s in covered.items()},
        value=sum(s.value for s in covered.values()),
    )
