"""Why a supplier is in no team, and why a need is not covered."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from matcher.pairing.reasons_moves import NOBODY, Move, Moves
from matcher.pairing.reasons_types import (
    Elsewhere,
    LeftOut,
    OpenReason,
    Remedy,
    WhyOpen,
    WhyOut,
)

EVEN = 1e-6
"""Gains between plus and minus this are none."""

REMEDIES = 3
"""Suppliers named for one open need."""


def left_out(moves: Moves) -> tuple[LeftOut, ...]:
    """One per supplier in no team, in the order of the problem."""
    return tuple(_left_out(moves, s) for s in np.flatnonzero(moves.load == 0).tolist())


def _left_out(moves: Moves, s: int) -> LeftOut:
    supplier = moves.model.problem.suppliers[s].id
    offers = np.flatnonzero(moves.model.alone[:, s] > 0)
    bans = tuple(
        dict.fromkeys(b.reason for b in moves.model.problem.forbidden if b.supplier == supplier)
    )
    if len(offers) == 0:
        return LeftOut(supplier, WhyOut.NO_SUPPLY)
    if moves.seating.max_hubs[s] == 0:
        return LeftOut(supplier, WhyOut.NO_CAPACITY)
    open_to_it = offers[moves.seating.allowed[offers, s]]
    if len(open_to_it) == 0:
        return LeftOut(supplier, WhyOut.FORBIDDEN, bans=bans)
    move = moves.joining(s, open_to_it.tolist())
    if move is None:
        return LeftOut(supplier, WhyOut.RULES, bans=bans)
    return LeftOut(supplier, _why_out(moves, move), elsewhere(moves, move), bans)


def _why_out(moves: Moves, move: Move) -> WhyOut:
    if move.gain > EVEN:
        return WhyOut.NOT_BEST
    best, _, _ = moves.covered(move.hub)
    rows, worth = moves.model.links[move.hub].of(move.into)
    if (worth <= best[rows] + EVEN).all():
        return WhyOut.NOTHING_NEW
    return WhyOut.TOO_COSTLY if move.out == NOBODY else WhyOut.WEAKER


def elsewhere(moves: Moves, move: Move) -> Elsewhere:
    """A move into a team as people read it."""
    problem = moves.model.problem
    return Elsewhere(
        hub=problem.hubs[move.hub].id,
        supplier=problem.suppliers[move.into].id,
        alone=float(moves.model.alone[move.hub, move.into]),
        gain=move.gain,
        instead_of=None if move.out == NOBODY else problem.suppliers[move.out].id,
    )


def open_needs(moves: Moves, *, least: float = 0.0) -> tuple[OpenReason, ...]:
    """One per need and hub whose team does not cover it, hub by hub; needs of no hub last.

    Args:
        moves: The plan.
        least: Level below which a need counts as not covered.
    """
    hubs = range(moves.model.shape[0])
    return (
        *(reason for h in hubs for reason in _open_in_hub(moves, h, least)),
        *_of_no_account(moves),
    )


def _open_in_hub(moves: Moves, h: int, least: float) -> Iterator[OpenReason]:
    problem, links = moves.model.problem, moves.model.links[h]
    levels, promise = moves.levels(h), moves.promise(h)
    joins: dict[int, Move | None] = {}
    for row in np.flatnonzero((levels <= 0) | (levels < least)).tolist():
        need = links.needs[row]
        able = [
            (s, level)
            for s, level in _able(problem.levels, need)
            if level > levels[row] and level >= least and not moves.seats[h, s]
        ]
        able.sort(key=lambda one: -promise[one[0]])
        remedies = []
        for s, level in able[: 2 * REMEDIES]:
            if s not in joins:
                joins[s] = moves.joining(s, [h], spare=True)
            remedies.append(_remedy(moves, h, s, level, joins[s]))
        remedies.sort(key=lambda r: (r.cost is None, r.cost, -r.level, r.supplier))
        yield OpenReason(
            need=problem.needs[need].id,
            hub=problem.hubs[h].id,
            level=float(levels[row]),
            value=float(links.weight[row]),
            why=remedies[0].obstacle if remedies else WhyOpen.NO_SUPPLY,
            remedies=tuple(remedies[:REMEDIES]),
        )


def _able(levels: sparse.csr_array, need: int) -> list[tuple[int, float]]:
    """Who has anything for a need, and at what level."""
    row = slice(levels.indptr[need], levels.indptr[need + 1])
    return list(zip(levels.indices[row].tolist(), levels.data[row].tolist(), strict=True))


def _remedy(moves: Moves, h: int, s: int, level: float, move: Move | None) -> Remedy:
    problem = moves.model.problem
    hub, supplier = problem.hubs[h].id, problem.suppliers[s].id
    bans = [b for b in problem.forbidden if (b.hub, b.supplier) == (hub, supplier)]
    if not moves.seating.allowed[h, s]:
        reason = next(b.reason for b in bans if not b.lead_only)
        return Remedy(supplier, level, WhyOpen.FORBIDDEN, None, None, reason)
    if move is None:
        reason = next((b.reason for b in bans), "")
        return Remedy(supplier, level, WhyOpen.RULES, None, None, reason)
    instead_of = None if move.out == NOBODY else problem.suppliers[move.out].id
    busy = not moves.room[s]
    return Remedy(supplier, level, _obstacle(move, busy), -move.gain, instead_of, busy=busy)


def _obstacle(move: Move, busy: bool) -> WhyOpen:
    if move.gain > EVEN:
        return WhyOpen.CAPACITY if busy else WhyOpen.NOT_BEST
    return WhyOpen.NOT_WORTH if move.out == NOBODY else WhyOpen.SEATS


def _of_no_account(moves: Moves) -> Iterator[OpenReason]:
    for need in moves.model.problem.needs:
        if not need.hubs or need.weight <= 0:
            why = WhyOpen.NO_WEIGHT if need.hubs else WhyOpen.NO_HUB
            yield OpenReason(need.id, None, 0.0, 0.0, why, ())
