"""Pictures for reports: SVG texts, the same for the same figures on every run.

Labels are English and symbols only. The fonts that come with matplotlib hold no Chinese,
and which others a machine has would decide how a report looks; captions are in both
languages.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from io import StringIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.calibration import Reliability
from evaluation.learning_curve import CurvePoint
from evaluation.per_query import Comparison

# told apart by people who are colour-blind too (M. Okabe and K. Ito, 2008)
_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#777777"
_MARKERS = (("o", _BLUE), ("s", _ORANGE), ("^", _GREEN))


def draw_reliability(cuts: Mapping[int, Reliability]) -> str:
    """Mean prediction against observed share per bin, one line per cut, and the diagonal."""
    with _style():
        figure, axes = _canvas(5.0, 5.0)
        axes.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1)
        for (marker, colour), (cut, measured) in zip(_MARKERS, cuts.items(), strict=False):
            axes.plot(
                [one.predicted for one in measured.bins],
                [one.observed for one in measured.bins],
                marker=marker,
                color=colour,
                label=f"P(level ≥ {cut})",
                # half of a marker at 0 or 1 lies outside
                clip_on=False,
            )
        axes.set(xlabel="predicted", ylabel="observed", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.legend(frameon=False, loc="upper left")
        return _svg(figure)


def draw_learning_curve(points: Sequence[CurvePoint]) -> str:
    """Gain over the untrained ranker by size, with its 95 % interval."""
    with _style():
        figure, axes = _canvas(7.0, 4.0)
        places = range(len(points))
        gains = [point.gain for point in points]
        axes.axhline(0, color=_GREY, linestyle="--", linewidth=1)
        axes.fill_between(
            places, [g.low for g in gains], [g.high for g in gains], color=_BLUE, alpha=0.2
        )
        axes.plot(places, [g.mean for g in gains], marker="o", color=_BLUE)
        axes.set_xticks(places, [str(point.size) for point in points])
        axes.set(xlabel="judged needs in training", ylabel="nDCG@10 gain over untrained")
        return _svg(figure)


def draw_differences(comparison: Comparison) -> str:
    """One bar per need, first system minus second, sorted."""
    with _style():
        figure, axes = _canvas(7.0, 3.5)
        values = list(comparison.differences.values())
        axes.bar(
            range(len(values)),
            values,
            width=1.0,
            color=[_BLUE if value > 0 else _ORANGE for value in values],
        )
        axes.axhline(0, color=_GREY, linewidth=1)
        axes.set(xlabel="needs", ylabel=f"{comparison.measure} difference")
        axes.set_xticks([])
        return _svg(figure)


def _style() -> AbstractContextManager[None]:
    return rc_context(
        {
            # letters stay letters: small files that can be searched and read aloud
            "svg.fonttype": "none",
            # ids inside the file are random without it
            "svg.hashsalt": "yilian",
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    # no pyplot: it keeps state for the whole process and looks for a screen
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Figure) -> str:
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()
