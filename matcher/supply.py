"""Whether a list holds any good supply at all, and if not, why."""

from enum import StrEnum

import numpy as np

from matcher.coverage import open_must_haves
from matcher.grading import Graded
from matcher.signals import NAMES

FAIR = 1
"""The column of P(level ≥ 3)."""


class Supply(StrEnum):
    """What the best candidates amount to.

    ``GOOD``: one reaches level 3 with the configured probability. Otherwise the reason why
    the list should be read as "no good supply": ``NOTHING_NEAR``, ``TOO_EARLY`` (near, but
    less mature than wanted), ``MUST_HAVES_OPEN`` (near, but must-haves are unanswered),
    ``NOTHING_ASKED`` (the need holds policy or courtesy only).
    """

    GOOD = "good"
    NOTHING_NEAR = "nothing_near"
    TOO_EARLY = "too_early"
    MUST_HAVES_OPEN = "must_haves_open"
    NOTHING_ASKED = "nothing_asked"


def supply(graded: Graded, *, threshold: float) -> Supply:
    """Judges the whole list by its best candidates.

    A candidate that comes within half the threshold is near; the reason is taken from the
    best of those.

    Args:
        graded: Candidates with grades.
        threshold: P(level ≥ 3) from which a candidate is good, in [0, 1].
    """
    if graded.grades is None or not len(graded.grades):
        return Supply.NOTHING_NEAR
    fair = graded.grades[:, FAIR]
    best = int(np.argmax(fair))
    if fair[best] >= threshold:
        return Supply.GOOD
    if not graded.requirements:
        return Supply.NOTHING_ASKED
    if fair[best] < threshold / 2:
        return Supply.NOTHING_NEAR
    if graded.values[best, NAMES.index("maturity")] < 1:
        return Supply.TOO_EARLY
    if open_must_haves(graded.requirements, graded.covered[best]):
        return Supply.MUST_HAVES_OPEN
    return Supply.NOTHING_NEAR
