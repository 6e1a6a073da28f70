"""The ranker: signals to the probability of each of the four levels.

A cumulative logit model with one slope per signal: P(level ≥ k) = σ(η − cut_k) with
η = Σ slope · (value − centre), an unknown value adding nothing. Probabilities fall from
level to level by construction, and the whole ranker is a table that a person can read.

Source: P. McCullagh, Regression Models for Ordinal Data, 1980.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matcher.errors import BadRanker
from matcher.signals import NAMES

FORMAT = 1
LEVEL_CUTS = (2, 3, 4)
GAIN_STEPS = np.array([1.0, 2.0, 4.0])
"""What reaching level 2, 3 and 4 adds to the gain 2^(level − 1) − 1."""


def expected_gain(grades: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) expected gain in [0, 7] from (n, 3) P(level ≥ 2), P(≥ 3), P(≥ 4)."""
    return np.asarray(grades @ GAIN_STEPS)


def level_chances(grades: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) P(level = 1) to P(level = 4) from (n, 3) P(level ≥ 2), P(≥ 3), P(≥ 4)."""
    at_least = np.pad(grades, ((0, 0), (1, 1)), constant_values=((0, 0), (1, 0)))
    return np.asarray(at_least[:, :-1] - at_least[:, 1:])


@dataclass(frozen=True, slots=True)
class Ranker:
    """Coefficients of one fitted ranker.

    Attributes:
        centre: Signal to the value that adds nothing.
        slopes: Signal to what one unit of it adds to the logit.
        cuts: Logits at which levels 2, 3 and 4 are as likely as not; they rise.
        origin: What it was made from: data, folds, date, figures.
    """

    centre: Mapping[str, float]
    slopes: Mapping[str, float]
    cuts: tuple[float, float, float]
    origin: Mapping[str, Any] = field(default_factory=dict)

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, n_signals) what each signal adds to the logit, from (n, n_signals) values."""
        centre = np.array([self.centre.get(name, 0.0) for name in NAMES])
        slopes = np.array([self.slopes.get(name, 0.0) for name in NAMES])
        return np.asarray(np.nan_to_num(values - centre) * slopes)

    def grade(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) P(level ≥ 2), P(≥ 3), P(≥ 4), never rising along a row.

        Args:
            values: (n, n_signals) in the order of ``signals.SIGNALS``; NaN is unknown.
        """
        logits = self.contributions(values).sum(axis=1)[:, None] - np.array(self.cuts)
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -50.0, 50.0))))

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a file that people can read."""
        return {
            "format": FORMAT,
            "cuts": dict(zip((f"level>={k}" for k in LEVEL_CUTS), self.cuts, strict=True)),
            "signals": {
                name: {"centre": self.centre[name], "slope": self.slopes[name]}
                for name in self.slopes
            },
            "origin": dict(self.origin),
        }

    @classmethod
    def from_json(cls, plain: Any) -> Self:
        """The ranker behind ``as_json``.

        Raises:
            BadRanker: another format, unknown signals, or figures that cannot be.
        """
        try:
            if plain["format"] != FORMAT:
                raise BadRanker("版本不符", f"it has format {plain['format']!r}, not {FORMAT}")
            centre = {name: float(s["centre"]) for name, s in plain["signals"].items()}
            slopes = {name: float(s["slope"]) for name, s in plain["signals"].items()}
            low, middle, high = (float(plain["cuts"][f"level>={k}"]) for k in LEVEL_CUTS)
            origin = dict(plain.get("origin", {}))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BadRanker("缺少内容或格式有误", f"something is missing: {error!r}") from error
        if not slopes:
            raise BadRanker("没有任何信号", "it names no signal")
        if unknown := slopes.keys() - set(NAMES):
            names = ", ".join(sorted(unknown))
            raise BadRanker(f"未知信号 {names}", f"unknown signals {names}")
        figures = np.array([*centre.values(), *slopes.values(), low, middle, high])
        if not np.isfinite(figures).all() or not low <= middle <= high:
            raise BadRanker("数值有误", "figures are not finite, or the cuts do not rise")
        return cls(centre, slopes, (low, middle, high), origin)
