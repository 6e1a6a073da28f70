"""Numbers with their units as technical texts write them: one number, a range, a margin."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matcher.units import read_unit

_LARGEST_EXPONENT: Final = 30


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or a range of numbers with its unit, before its comparator is known.

    Attributes:
        low: The number, or the lower end; above ``high`` where a range is inverted.
        high: The same number, or the upper end.
        unit: See ``units.read_unit``; empty when none is written.
        start: First character.
        end: One past the last.
        tolerance: Whether it is written with ±.
    """

    low: float
    high: float
    unit: str
    start: int
    end: int
    tolerance: bool = False

    @classmethod
    def read(cls, text: str, number: re.Match[str]) -> "Amount | None":
        """The amount that begins with a number of ``numbers_in``; None if it is nonsense."""
        first = _Scaled.read(text, number)
        if first is None:
            return None
        if text[max(number.start() - 1, 0) : number.start()] == "±":
            return cls(-first.value, first.value, first.unit, number.start() - 1, first.end, True)
        if plus_minus := _PLUS_MINUS.match(text, first.end):
            return cls._around(text, first, plus_minus.end())
        if sign := _RANGE.match(text, first.end):
            return cls._between(text, first, sign.end())
        return cls(first.value, first.value, first.unit, first.start, first.end)

    @classmethod
    def _around(cls, text: str, first: "_Scaled", at: int) -> "Amount | None":
        number = _NUMBER.match(text, at)
        by = number and _Scaled.read(text, number)
        if not by:
            return None
        margin, unit = by.value, by.unit or first.unit
        if by.unit == "percent" and not first.unit and abs(first.value) > 100:
            # 1000±25 % is a share of 1000; 50±2 % is 48 % to 52 %
            margin, unit = abs(first.value) * by.value / 100, ""
        if first.unit and by.unit and first.unit != by.unit:
            return None
        return cls(first.value - margin, first.value + margin, unit, first.start, by.end, True)

    @classmethod
    def _between(cls, text: str, first: "_Scaled", at: int) -> "Amount | None":
        number = _NUMBER.match(text, at)
        last = number and _Scaled.read(text, number)
        alone = cls(first.value, first.value, first.unit, first.start, first.end)
        # HRC 52~55 has its unit in front
        unit = last and (last.unit or (first.unit if _HARDNESS.fullmatch(first.unit) else ""))
        if not last or (first.unit and first.unit != unit):
            return alone
        # 2 to 3 万 means both
        low = first.value * (last.scale if first.scale == 1 and last.scale > 1 else 1)
        return cls(low, last.value, last.unit or first.unit, first.start, last.end)


@dataclass(frozen=True, slots=True)
class _Scaled:
    """One number with its multiplier and unit."""

    value: float
    scale: float
    unit: str
    start: int
    end: int

    @classmethod
    def read(cls, text: str, number: re.Match[str]) -> "_Scaled | None":
        power = number["caret"] or (number["sup"] or "").translate(_SUPERSCRIPTS)
        power = power or number["exponent"] or "0"
        base = float(number["digits"].replace(",", ""))
        if number["ten"] is None and number["e"] is None and power != "0":
            if base != 10:
                return None  # 3² is no quantity
            base = 1.0
        if abs(int(power)) > _LARGEST_EXPONENT or _MODEL.match(text, number.start("digits")):
            return None
        end, scale = number.end(), 1.0
        if large := _LARGE_WORD.match(text, end):
            end, scale = large.end(), _LARGE[large[1]]
        value = base * 10.0 ** int(power) * scale * (-1 if number["sign"] == "-" else 1)
        space = len(text[end : end + 2]) - len(text[end : end + 2].lstrip(" "))
        unit = read_unit(text, end + space)
        if unit is None:
            hardness = _HARDNESS.search(text, max(number.start() - 4, 0), number.start())
            start, symbol = (hardness.start(), hardness[1]) if hardness else (number.start(), "")
            return cls(value, scale, symbol, start, end)
        return cls(value, scale, unit[0], number.start(), unit[1])


def half_width(text: str) -> str:
    """The text in half-width forms, character for character: places stay the same."""
    return text.translate(_HALF_WIDTH)


def numbers_in(text: str) -> Iterator[re.Match[str]]:
    """The numbers of a half-width text, for ``Amount.read``."""
    return _NUMBER.finditer(text)


def _full_width(first: str, last: str) -> dict[int, str]:
    return {code: chr(code - 0xFEE0) for code in range(ord(first), ord(last) + 1)}


# one character for one, so that places in the folded text are places in the original
_HALF_WIDTH: Final = {
    **_full_width("！", "～"),
    ord("，"): "，",  # 950，100 ℃ are two numbers
    **{ord(c): "-" for c in "‐‑‒–—―−﹣⁃"},
    **{ord(c): "~" for c in "∼〜～"},
    **{ord(c): " " for c in "\u3000\xa0\u2002\u2003\u2009\u200b\u202f\t"},
    **{ord("≧"): "≥", ord("⩾"): "≥", ord("≦"): "≤", ord("⩽"): "≤", ord("µ"): "μ", 0x2126: "Ω"},
    **{ord("＋"): "+", ord("∶"): ":", ord("º"): "°"},
}

_NUMBER = re.compile(
    r"(?P<sign>(?<![0-9A-Za-z)%℃.])[-+])?"
    r"(?:(?<![0-9A-Za-z._])|(?<=Ra)|(?<=Rz)|(?<=Rq)|(?<=HRC)|(?<=HRA)|(?<=HV)|(?<=HB))"
    r"(?P<digits>(?!0[0-9])[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,12})?|(?!0[0-9])[0-9]{1,12}(?:\.[0-9]{1,12})?)"
    r"(?![.,]?[0-9])"
    r"(?:(?:\s?[×xX*·]\s?(?P<ten>10)|(?P<e>[eE](?=[-+]?[0-9])))?"
    r"(?:\^\(?(?P<caret>[-+]?[0-9]{1,3})\)?|(?P<sup>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})"
    r"|(?<=[eE])(?P<exponent>[-+]?[0-9]{1,3})(?![0-9])))?"
)
_SUPERSCRIPTS: Final = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_LARGE: Final = {
    "百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12
}  # fmt: skip
_LARGE_WORD = re.compile(
    r"\s?[余多]?(万亿|百万|千万|百|千|万|亿)(?<!千(?=[克瓦米帕伏牛焦赫]))(?!能|用表|向|级|兆)"
)
_HARDNESS = re.compile(r"(HRC|HRA|HRB|HV|HB)\s?$")
_MODEL = re.compile(r"3[dD](?![A-Za-z/])|3[0-4][0-9][LNH]|[248]K(?![A-Za-z])|[2-6]G(?![A-Za-z])")
_RANGE = re.compile(r"\s?(?:[-~]{1,2}|至|到)\s?")
_PLUS_MINUS = re.compile(r"\s?(?:±|\+/-|\+-)\s?")
