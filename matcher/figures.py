"""Figures that a need asks for beside those that a document offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from matcher.comparison import Verdict, compare, is_far, likeness
from matcher.conditions import conditions_of
from matcher.quantities import Quantity, quantities_in
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


def asks_for_figures(requirement: Requirement) -> bool:
    """Whether figures are the point of a requirement, and not in passing."""
    bounds = [quantity for quantity in requirement.quantities if quantity.is_bound]
    return bool(bounds) and len(requirement.text) <= FIGURE_CHARS * (len(bounds) + 1)


def settled(figures: Sequence[Figure]) -> bool:
    """Whether at least one figure can be judged."""
    return any(figure.verdict is not Verdict.UNKNOWN for figure in figures)


class Standing(NamedTuple):
    """How many of the figures that a requirement asks for are in which state.

    Attributes:
        wanted: All of them; conditions are not asked for.
        named: Those for which something is offered.
        settled: Those that can be judged.
    """

    wanted: int
    named: int
    settled: int
    met: int


def standing(requirement: Requirement, figures: Sequence[Figure]) -> Standing:
    """Counts the figures of ``figures_of`` that a requirement asks for."""
    pairs = zip(figures, requirement.quantities, strict=True)
    asked = [figure for figure, quantity in pairs if quantity.is_bound]
    return Standing(
        wanted=len(asked),
        named=sum(figure.offered is not None for figure in asked),
        settled=sum(figure.verdict is not Verdict.UNKNOWN for figure in asked),
        met=sum(figure.verdict is Verdict.MET for figure in asked),
    )


def figures_of(requirement: Requirement, sentence: str) -> tuple[Figure, ...]:
    """Each figure that a requirement asks for, beside what a sentence offers."""
    offered = _quantities(sentence) if requirement.quantities else ()
    return tuple(
        _figure(requirement, at, offered, sentence) for at in range(len(requirement.quantities))
    )


def _figure(
    requirement: Requirement, at: int, offered: Sequence[Quantity], sentence: str
) -> Figure:
    """The offered quantity of the most similar name; one without a name says little."""
    wanted = requirement.quantities[at]
    told = requirement.text[slice(*wanted.span)]
    rated = [
        (likeness(wanted, quantity), verdict is not Verdict.UNKNOWN, quantity, verdict)
        for place, quantity in enumerate(offered)
        for verdict in (_verdict(requirement, at, offered, place, sentence),)
    ]
    named = [r for r in rated if r[0] >= ALIKE and (r[1] or r[2].unit == wanted.unit)]
    named = [r for r in named if not is_far(wanted, r[2])]
    if not named and not wanted.name:
        # 48 h内 states a condition: only the same one fulfils it
        named = [r for r in rated if r[1] and _same(wanted, r[2])]
    if not named:
        return Figure(told, None, Verdict.UNKNOWN)
    _, _, quantity, verdict = max(named, key=lambda r: (r[0], r[1], r[3] is Verdict.MET))
    return Figure(told, sentence[slice(*quantity.span)], verdict)


def _verdict(
    requirement: Requirement, at: int, offered: Sequence[Quantity], place: int, sentence: str
) -> Verdict:
    """Whether one answers the other; nobody can tell when they hold under other conditions."""
    verdict = compare(requirement.quantities[at], offered[place])
    if verdict is Verdict.UNKNOWN:
        return verdict
    wanted = conditions_of(requirement.text, requirement.quantities, at)
    found = conditions_of(sentence, offered, place)
    return verdict if found.answer(wanted) else Verdict.UNKNOWN


def _same(one: Quantity, other: Quantity) -> bool:
    return (one.low, one.high, one.unit) == (other.low, other.high, other.unit)


@lru_cache(maxsize=4096)
def _quantities(sentence: str) -> tuple[Quantity, ...]:
    return quantities_in(sentence)
