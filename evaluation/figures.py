"""How figures are written: in words for tables, as plain values for JSON."""

import math

from evaluation.bootstrap import Estimate

NOTHING = "–"
"""Stands where nothing was measured."""


def number(value: float, *, digits: int = 6) -> float | None:
    """The value rounded for JSON, which knows no NaN."""
    return None if math.isnan(value) else round(value, digits)


def as_json(measured: Estimate) -> dict[str, float | int | None]:
    """Mean, interval and count as plain values, null where nothing was measured."""
    return {
        "mean": number(measured.mean),
        "low": number(measured.low),
        "high": number(measured.high),
        "n": measured.n,
    }


def in_words(measured: Estimate) -> str:
    """``0.713 [0.680, 0.745]``."""
    if not measured.n:
        return NOTHING
    return f"{measured.mean:.3f} [{measured.low:.3f}, {measured.high:.3f}]"


def signed(measured: Estimate) -> str:
    """``+0.012 [-0.001, +0.025]``, for differences."""
    if not measured.n:
        return NOTHING
    return f"{measured.mean:+.3f} [{measured.low:+.3f}, {measured.high:+.3f}]"


def decimals(value: float, *, digits: int = 3) -> str:
    """One value with so many decimals."""
    return NOTHING if math.isnan(value) else f"{value:.{digits}f}"
