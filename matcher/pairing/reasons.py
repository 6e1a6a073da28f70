"""Why a plan is as it is: pairs, the left out, open needs, and what one more place brings."""

from collections.abc import Iterator

import numpy as np

from matcher.pairing.plan import Plan
from matcher.pairing.problem import FloatArray, Problem, Role
from matcher.pairing.reasons_absent import elsewhere, left_out, open_needs
from matcher.pairing.reasons_moves import NOBODY, Move, Moves
from matcher.pairing.reasons_solved import Resolver, Solve
from matcher.pairing.reasons_types import (
    Basis,
    CoveredNeed,
    Elsewhere,
    NeedChange,
    OneMore,
    PairReason,
    Reasons,
    RunnerUp,
)

WORTH_TELLING = 1e-6
"""Gains below this are rounding."""


def explain(
    problem: Problem, plan: Plan, *, solve: Solve | None = None, least: float = 0.0
) -> Reasons:
    """Everything that can be said for a plan.

    Args:
        problem: What the plan was made from, unaltered.
        plan: One that keeps the problem's rules.
        solve: Solves a problem to proven optimality, for runners-up and sensitivity: once for
            each pair, hub and supplier at its limit. Without it single swaps are told, in a
            fraction of the time, and ``Basis`` says so.
        least: Level below which a need counts as open though somebody has something for it.

    Raises:
        KeyError: the plan names a hub or supplier that the problem does not have.
    """
    moves = Moves(problem, plan)
    resolver = None if solve is None else Resolver(problem, plan, solve)
    return Reasons(
        pairs=tuple(_pairs(moves, plan, resolver)),
        elsewhere=tuple(_elsewhere(moves)),
        left_out=left_out(moves),
        open=open_needs(moves, least=least),
        partners=tuple(_one_more_partner(moves, resolver)),
        capacity=tuple(_one_more_team(moves, resolver)),
    )


def _pairs(moves: Moves, plan: Plan, resolver: Resolver | None) -> Iterator[PairReason]:
    problem = moves.model.problem
    fixed = {(pair.hub, pair.supplier) for pair in problem.fixed}
    for team in plan.teams:
        h = moves.model.hub_index[team.hub]
        for member in team.members:
            s = moves.model.supplier_index[member]
            runner_up = resolver.without(team.hub, member) if resolver else None
            if runner_up is None:
                runner_up = _swapped(moves, h, s)
            yield PairReason(
                hub=team.hub,
                supplier=member,
                role=Role.LEAD if member == team.lead else Role.PARTNER,
                covers=_covers(moves, h, s),
                adds=moves.dropping(h, s),
                fixed=(team.hub, member) in fixed,
                cooperation=_of(problem.cooperation, h, s) or 0.0,
                distance_km=_of(problem.distance_km, h, s),
                runner_up=runner_up,
            )


def _of(matrix: FloatArray | None, h: int, s: int) -> float | None:
    return None if matrix is None else float(matrix[h, s])


def _covers(moves: Moves, h: int, s: int) -> tuple[CoveredNeed, ...]:
    problem, links = moves.model.problem, moves.model.links[h]
    best, second, by = moves.covered(h)
    rows = sorted(np.flatnonzero(by == s).tolist(), key=lambda row: -best[row])
    supplier = problem.suppliers[s].id
    needs = [problem.needs[links.needs[row]].id for row in rows]
    return tuple(
        CoveredNeed(
            need=need,
            level=float(best[row] / links.weight[row]),
            value=float(best[row]),
            without=float(second[row] / links.weight[row]),
            evidence=tuple(problem.evidence.get((need, supplier), ())),
        )
        for need, row in zip(needs, rows, strict=True)
    )


def _swapped(moves: Moves, h: int, s: int) -> RunnerUp | None:
    move = moves.replacing(h, s)
    if move is None:
        return None
    problem = moves.model.problem
    coming = () if move.into == NOBODY else (problem.suppliers[move.into].id,)
    needs = [problem.needs[row].id for row in moves.model.links[h].needs]
    before, after = moves.levels(h), moves.levels(h, move)
    changed = [
        NeedChange(need, float(b), float(a))
        for need, b, a in zip(needs, before, after, strict=True)
        if abs(b - a) > WORTH_TELLING
    ]
    changed.sort(key=lambda change: change.after - change.before)
    return RunnerUp(coming, -move.gain, Basis.SWAP, tuple(changed))


def _elsewhere(moves: Moves) -> Iterator[Elsewhere]:
    """What suppliers at their limit would have brought to further teams."""
    for s in np.flatnonzero((moves.load > 0) & ~moves.room).tolist():
        found = []
        for h in np.flatnonzero(moves.model.alone[:, s] > 0).tolist():
            move = moves.joining(s, [h], spare=True)
            if move is not None and move.gain > WORTH_TELLING:
                found.append(elsewhere(moves, move))
        yield from sorted(found, key=lambda place: (-place.gain, place.hub))


def _one_more_partner(moves: Moves, resolver: Resolver | None) -> Iterator[OneMore]:
    for h, hub in enumerate(moves.model.problem.hubs):
        solved = resolver.with_partner(hub.id) if resolver else None
        yield solved or _one_more(moves, hub.id, moves.adding(h))


def _one_more_team(moves: Moves, resolver: Resolver | None) -> Iterator[OneMore]:
    for s in np.flatnonzero((moves.load > 0) & ~moves.room).tolist():
        supplier = moves.model.problem.suppliers[s].id
        solved = resolver.with_team(supplier) if resolver else None
        yield solved or _one_more(moves, supplier, moves.joining(s, spare=True))


def _one_more(moves: Moves, subject: str, move: Move | None) -> OneMore:
    if move is None or move.gain <= WORTH_TELLING:
        return OneMore(subject, 0.0, Basis.SWAP, ())
    place = elsewhere(moves, move)
    return OneMore(subject, place.gain, Basis.SWAP, ((place.hub, place.supplier),))
