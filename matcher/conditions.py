"""Under which conditions a figure holds: a loss at 3 MHz, a share left after 300 cycles at −20 ℃.

What was found under other conditions answers nothing. Conditions are the plain values right
before a figure, or behind it in brackets, and words such as 常温 that stand for a temperature.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matcher.quantities import Quantity

Interval = tuple[float, float]

ROUGHLY_K: Final = 5.0
"""Two temperatures this far from each other still mean the same test."""

ROUGHLY: Final = 0.05
"""The same as a share, for high temperatures."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is told of the circumstances of one figure.

    Attributes:
        temperature: Between which ℃ it was found; None when nothing is told.
        cycles: How often something was repeated before; None when nothing is told.
        others: Any other condition by its unit.
    """

    temperature: Interval | None
    cycles: float | None
    others: Mapping[str, Quantity]

    def answer(self, wanted: "Conditions") -> bool:
        """Whether a figure found under these conditions says anything of the wanted ones.

        Temperatures agree in sign and roughly in value, cycles are at least as many; either
        has to be told where it is wanted, but for room temperature. Other conditions are the
        same where both tell them.
        """
        if wanted.cycles is not None and (self.cycles is None or self.cycles < wanted.cycles):
            return False
        if not _agree(wanted.temperature, self.temperature or _ROOM):
            return False
        return all(
            _same(one, self.others[unit])
            for unit, one in wanted.others.items()
            if unit in self.others
        )


def conditions_of(text: str, quantities: Sequence[Quantity], at: int) -> Conditions:
    """The conditions of one quantity.

    A second figure under the name of a first (1 MHz/100 ℃功耗85 kW，3 MHz约310 kW) keeps the
    conditions of the first, but for those that it tells itself.

    Args:
        text: Where the quantities were found.
        quantities: All of them, in their order.
        at: Which one.
    """
    figure = quantities[at]
    before = _before(text, quantities, at)
    found: dict[str, Quantity] = {}
    for place in [*_behind(text, quantities, at), *before]:
        found.setdefault(quantities[place].unit, quantities[place])
    temperature, cycles = found.pop("degC", None), found.pop("次", None)
    here = Conditions(
        _by_word(figure.name) if temperature is None else _around(temperature),
        None if cycles is None else cycles.low,
        found,
    )
    first = before[-1] if before else at
    if not first or not _goes_on(text, quantities[first - 1], figure):
        return here
    there = conditions_of(text, quantities, first - 1)
    return Conditions(
        here.temperature or there.temperature,
        here.cycles or there.cycles,
        {**there.others, **here.others},
    )


_ROOM: Final = (10.0, 35.0)
_WORDS: Final = (
    (re.compile("低温|深冷"), (-math.inf, 5.0)),
    (re.compile("高温"), (40.0, math.inf)),
    (re.compile("常温|室温"), _ROOM),
)
_TEST = re.compile(
    r"循环|老化|[试实]验|测试|静置|存放|[储贮]存|浸泡|盐雾|湿热|冲击|弯[折曲]|[水洗]洗|洗涤"
    r"|(?:环境|工作|使用|运行)温度$"
)
_MEASURED = re.compile(r"温度|温升|温差|[熔燃闪沸冰凝软露]点|耐")
_CLAUSE_END = re.compile("[，,；;。！？!?]")
_BRACKET = re.compile(r"\s?[（(][^（）()，,；;。]{0,8}")


def _before(text: str, quantities: Sequence[Quantity], at: int) -> list[int]:
    """Places of the conditions that lead to a figure, the nearest first."""
    found: list[int] = []
    for place in range(at - 1, -1, -1):
        one, following = quantities[place], quantities[place + 1]
        between = text[one.span[1] : following.span[0]]
        if one.is_bound or not _is_condition(one, within=not _CLAUSE_END.search(between)):
            break
        found.append(place)
    return found


def _is_condition(one: Quantity, *, within: bool) -> bool:
    """Whether a plain value is one, rather than a figure; ``within`` the clause of the next."""
    if not one.name:
        return True
    if not within:
        return False
    measured = _MEASURED.search(one.name)
    return bool(_TEST.search(one.name)) or (one.unit == "degC" and not measured)


def _behind(text: str, quantities: Sequence[Quantity], at: int) -> list[int]:
    """The place of a condition in brackets right behind a figure."""
    if at + 1 == len(quantities):
        return []
    figure, one = quantities[at], quantities[at + 1]
    bracketed = _BRACKET.fullmatch(text[figure.span[1] : one.span[0]])
    return [at + 1] if bracketed and not one.is_bound else []


def _goes_on(text: str, first: Quantity, second: Quantity) -> bool:
    """Whether a figure has its name from the one before it."""
    named_anew = second.name in text[first.span[1] : second.span[0]]
    return (first.name, first.unit) == (second.name, second.unit) and not named_anew


def _by_word(name: str) -> Interval | None:
    return next((interval for word, interval in _WORDS if word.search(name)), None)


def _around(temperature: Quantity) -> Interval:
    assert temperature.low is not None
    value = temperature.low
    margin = max(ROUGHLY_K, ROUGHLY * abs(value)) / 2
    if value < 0:
        return value - margin, min(value + margin, 0.0)
    return (max(value - margin, 0.0) if value else -margin), value + margin


def _agree(one: Interval | None, other: Interval) -> bool:
    return one is None or (one[0] < other[1] and other[0] < one[1])


def _same(one: Quantity, other: Quantity) -> bool:
    return (one.low, one.high) == (other.low, other.high)
