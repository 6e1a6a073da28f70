"""Figures that a need asks for beside those that a document offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matcher.quantities import Quantity, Verdict, compare, likeness, quantities_in
from matcher.requirements import Requirement

ALIKE: Final = 0.6
"""Likeness of names from which two figures are taken to speak of the same thing."""

FIGURE_CHARS: Final = 16
"""Characters per figure up to which a requirement is about its figures."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One wanted quantity beside what the sentence offers.

    Attributes:
        wanted: As the need writes it, such as ``≥80 %``.
        offered: As the document writes it; None when it gives no such figure.
    """

    wanted: str
    offered: str | None
    verdict: Verdict


def is_bound(quantity: Quantity) -> bool:
    """Whether a quantity asks for something rather than names a condition."""
    return quantity.low != quantity.high or quantity.tolerance


def asks_for_figures(requirement: Requirement) -> bool:
    """Whether figures are the point of a requirement, and not in passing."""
    bounds = [quantity for quantity in requirement.quantities if is_bound(quantity)]
    return bool(bounds) and len(requirement.text) <= FIGURE_CHARS * (len(bounds) + 1)


def settled(figures: Sequence[Figure]) -> bool:
    """Whether at least one figure can be judged."""
    return any(figure.verdict is not Verdict.UNKNOWN for figure in figures)


def figures_of(requirement: Requirement, sentence: str) -> tuple[Figure, ...]:
    """Each figure that a requirement asks for, beside what a sentence offers."""
    offered = _quantities(sentence) if requirement.quantities else ()
    return tuple(
        _figure(requirement, wanted, offered, sentence) for wanted in requirement.quantities
    )


def _figure(
    requirement: Requirement, wanted: Quantity, offered: Sequence[Quantity], sentence: str
) -> Figure:
    """The offered quantity of the most similar name; one without a name says little."""
    told = requirement.text[slice(*wanted.span)]
    rated = [
        (likeness(wanted.name, quantity.name), verdict is not Verdict.UNKNOWN, quantity, verdict)
        for quantity in offered
        for verdict in (compare(wanted, quantity),)
    ]
    named = [r for r in rated if r[0] >= ALIKE and (r[1] or r[2].unit == wanted.unit)]
    if not named:
        return Figure(told, None, Verdict.UNKNOWN)
    _, _, quantity, verdict = max(named, key=lambda r: (r[0], r[1], r[3] is Verdict.MET))
    return Figure(told, sentence[slice(*quantity.span)], verdict)


@lru_cache(maxsize=4096)
def _quantities(sentence: str) -> tuple[Quantity, ...]:
    return quantities_in(sentence)
