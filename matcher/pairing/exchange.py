"""Improves teams by adding, dropping and swapping seats, until nothing of the kind helps.

A supplier wanted by one hub may have no capacity left; then a hub that holds it is offered
its best replacement (an ejection of depth two).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

import numpy as np

from matcher.pairing.gains import Gains, two_best
from matcher.pairing.model import BoolArray
from matcher.pairing.problem import FloatArray
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import Seating

NOBODY = -1
TRIED = 4
"""How many of the most promising moves of a hub are checked in full before it is left."""


@dataclass(frozen=True, slots=True)
class _Move:
    """In each named hub one supplier leaves and another comes; ``NOBODY`` for neither."""

    gain: float
    swaps: tuple[tuple[int, int, int], ...]


def improve(gains: Gains, seating: Seating, choice: Choice, *, deadline: float) -> Choice:
    """A choice at least as good as the given feasible one; ends at ``time.monotonic()``."""
    value = objective_of(gains.model, choice).total
    idle, h, hubs = 0, 0, gains.model.shape[0]
    while idle < hubs and monotonic() < deadline:
        found = _first_better(gains, seating, choice, h, value)
        if found is None:
            idle, h = idle + 1, (h + 1) % hubs
        else:
            (choice, value), idle = found, 0
    return choice


def _first_better(
    gains: Gains, seating: Seating, choice: Choice, h: int, value: float
) -> tuple[Choice, float] | None:
    moves = sorted(_moves(gains, seating, choice.seats, h), key=lambda move: -move.gain)
    for move in moves[:TRIED]:
        if move.gain <= 1e-9:
            return None
        seats = choice.seats.copy()
        for hub, out, into in move.swaps:
            if out != NOBODY:
                seats[hub, out] = False
            if into != NOBODY:
                seats[hub, into] = True
        leads = seating.leads(seats)
        if leads is None or not seating.feasible(seats):
            continue
        changed = Choice(seats, leads)
        worth = objective_of(gains.model, changed).total
        if worth > value + 1e-9:
            return changed, worth
    return None


def _moves(gains: Gains, seating: Seating, seats: BoolArray, h: int) -> Iterator[_Move]:
    room = seats.sum(axis=0) < seating.max_hubs
    for out, delta in _swap_gains(gains, seating, seats, h):
        if out != NOBODY:
            yield _Move(float(delta[NOBODY]), ((h, out, NOBODY),))
        into = int(np.where(room, delta[:-1], -np.inf).argmax())
        yield _Move(float(delta[into]), ((h, out, into),))
        wanted = np.where(room, -np.inf, delta[:-1])
        for s in np.argsort(-wanted, kind="stable")[:2].tolist():
            if wanted[s] > 0:
                yield from _ejections(gains, seating, seats, (h, out, s), float(wanted[s]), room)


def _ejections(
    gains: Gains,
    seating: Seating,
    seats: BoolArray,
    swap: tuple[int, int, int],
    gain: float,
    room: BoolArray,
) -> Iterator[_Move]:
    h, out, wanted = swap
    for g in np.flatnonzero(seats[:, wanted] & ~seating.fixed[:, wanted]).tolist():
        for leaving, delta in _swap_gains(gains, seating, seats, g, only=wanted):
            free = room.copy()
            if out != NOBODY:
                free[out] = True
            into = int(np.where(free, delta[:-1], -np.inf).argmax())
            yield _Move(gain + float(delta[into]), (swap, (g, leaving, into)))


def _swap_gains(
    gains: Gains,
    seating: Seating,
    seats: BoolArray,
    h: int,
    only: int | None = None,
) -> Iterator[tuple[int, FloatArray]]:
    """For each who may leave a hub, (suppliers + 1,) the gain with each who may come instead.

    The last entry is the gain when nobody comes.
    """
    team, load = np.flatnonzero(seats[h]), seats.sum(axis=0)
    best, second, by = two_best(gains.model, h, team)
    beside = gains.beside(h, seats)
    led_now = gains.led(h, team, seating.may_lead)[0]
    leavers = [s for s in team.tolist() if not seating.fixed[h, s] and only in (None, s)]
    if only is None and len(team) < seating.max_team[h]:
        leavers.append(NOBODY)
    for out in leavers:
        without, lost, rest = best, 0.0, team
        if out != NOBODY:
            without = np.where(by == out, second, best)
            lost = float((best - without).sum() + beside[out])
            lost -= float(gains.strain(load - 1)[out])
            rest = team[team != out]
        led_rest, led_with = gains.led(h, rest, seating.may_lead)
        come = gains.covered(h, without) + beside - gains.strain(load) + led_with - led_now
        come[~seating.allowed[h] | seats[h]] = -np.inf
        yield out, np.append(come - lost, led_rest - led_now - lost)
