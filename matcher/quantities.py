"""Quantities in technical texts, and whether one answers another."""

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from matcher.amounts import Amount, half_width, numbers_in
from matcher.units import converted, is_counter

MAX_NAME_CHARS = 12
"""Of the words before a quantity, how many characters may name it."""

MAX_READ_CHARS = 20_000
"""Characters of a text in which quantities are looked for."""

_ROUNDING: Final = 1e-9


class Verdict(StrEnum):
    """Whether what is offered satisfies what is wanted."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured value, bound or range as a text states it.

    Attributes:
        low: Lower bound in ``unit``; None when there is none.
        high: Upper bound; the same as ``low`` for a plain value.
        unit: Canonical unit such as ``kWh/kg`` or ``percent``; empty when none is written.
        name: What is measured, as written before it, such as ``效率``; may be empty.
        span: Where it stands in the text: first character, and one past the last.
        tolerance: Whether it was written with ±, so that closer is better.
    """

    low: float | None
    high: float | None
    unit: str
    name: str
    span: tuple[int, int]
    tolerance: bool = False


def quantities_in(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text, in its order.

    Bare numbers (years, numbering, standards, telephone and patent numbers) are none:
    there must be a unit or a comparator. Inverted ranges, exponents beyond 30 and numbers
    of more than 12 digits are left out. The first 20,000 characters are read.
    """
    plain = half_width(text[:MAX_READ_CHARS])
    found: list[Quantity] = []
    end = 0
    for number in numbers_in(plain):
        if number.start() < end:
            continue
        amount = Amount.read(plain, number)
        if amount is None:
            continue
        quantity = _quantity(plain, end, amount)
        if quantity is None:
            end = amount.end if amount.low > amount.high else end
            continue
        before = plain[found[-1].span[1] : quantity.span[0]] if found else ""
        if before and _BECOMES.fullmatch(before):
            # from 12 to 0.1: what counts is what became of it
            was = found.pop()
            quantity = replace(quantity, name=was.name)
        found.append(quantity)
        end = quantity.span[1]
    return tuple(found)


def compare(wanted: Quantity, offered: Quantity) -> Verdict:
    """Whether an offered quantity satisfies a wanted one, after conversion of units.

    =================  =======================  =======================================
    wanted             met when offered is      unmet when offered is
    =================  =======================  =======================================
    at least 80        85; at least 80; 82–90   75; at most 75; 60–70
    at most 0.2        0.1; at most 0.2         0.3; at least 0.3
    1400–1600          1350–1650; 1400–1600     1700; 1200–1300 (nothing in common)
    within ±0.01       ±0.008; at most 0.01     ±0.02
    just 5             5; 3–8                   (never: the direction is not known)
    =================  =======================  =======================================

    Everything else is unknown: a promise of at least 75 keeps the door to 80 open, a part
    of a range is not the range, and other names, changes (降低 40 %) and dimensions do not
    compare at all.
    """
    if not _comparable(wanted.name, offered.name):
        return Verdict.UNKNOWN
    bounds = _bounds(offered, wanted)
    if bounds is None:
        return Verdict.UNKNOWN
    low, high = bounds
    if wanted.tolerance:
        return _within(wanted, low, high, offered)
    wanted_low, wanted_high = _open(wanted)
    if wanted_low == wanted_high:
        covers = low <= wanted_low + _slack(wanted_low) and wanted_low <= high + _slack(high)
        return Verdict.MET if covers and _closed(low, high) else Verdict.UNKNOWN
    if math.isinf(wanted_high) or math.isinf(wanted_low):
        return _beyond(wanted_low, wanted_high, low, high)
    if low > wanted_high + _slack(wanted_high) or high < wanted_low - _slack(wanted_low):
        return Verdict.UNMET
    covers = low <= wanted_low + _slack(wanted_low) and high >= wanted_high - _slack(wanted_high)
    return Verdict.MET if covers and _closed(low, high) else Verdict.UNKNOWN


_NEGATED = "(?:不得|不能|不应|不宜|不可|不会|不|未|无须|没有)"
_BEFORE = re.compile(
    rf"(?P<low>≥|>=|=>|>|{_NEGATED}(?:低于|小于|少于|短于)|大于(?:或)?等于|高于(?:或)?等于"
    r"|至少(?:为|达到|达|能)?|最低|起码|达到?|可达)"
    rf"|(?P<high>≤|<=|=<|<|{_NEGATED}(?:高于|大于|超过|超出|多于|长于|超)|小于(?:或)?等于"
    r"|低于(?:或)?等于|至多(?:为)?|最多(?:为)?|不足|不到)"
    r"|(?P<above>大于|高于|超过|多于|超)|(?P<below>小于|低于|少于|短于)|(?P<equal>=)"
)
_BEFORE_END = re.compile(rf"(?:{_BEFORE.pattern})\s*[为在约是]?\s*$")
_AFTER = re.compile(
    r"\s?(?:左右)?(?:(?P<low>(?:及|或|和|以|之)?以上|之上|(?:或|及)更[高大多长])"
    r"|(?P<high>(?:及|或|和)?以下|以内|之内|之下|内(?![部外径孔壁腔胆衬层存置]))"
    r"|(?P<grade>级))?"
)
_FILLER = re.compile(
    r"(?:\s|[:\"“”'=约为在由从可到仅只每是的有达需要须]|(?<![节功性产智职])能|(?<![适响效反感])应|[降减缩提升增延][低少短高加长]?[到至为]"
    r"|(?:下降|上升|增大|提升|控制|收敛|压)[到至在]|至|平均|左右|每[件只台个片块批套张次]|实测|优于|接近|近)+$"
)
_NAME = re.compile(r"[A-Za-z0-9Α-ω一-鿿μ/+₀-₉ -]+$")
_LINKS = re.compile(r".*(?:[的在于将把且并和与及以或让\s]|对(?!比)|使(?!用)|[0-9])", re.DOTALL)
_BRACKETED = re.compile(r"\([^()]{0,20}\)\s*$")
_BECOMES = re.compile(
    r"\s?(?:[降升增减提缩延压收]?[低少高加短长窄大小]?|下降|上升|增大|逐步|提升)(?:到|至|为)\s?"
)
_LOOK_BACK: Final = 40


def _quantity(text: str, after: int, amount: Amount) -> Quantity | None:
    behind = text[max(after, amount.start - _LOOK_BACK) : amount.start]
    before = _BEFORE_END.search(behind)
    behind_end = _AFTER.match(text, amount.end)
    kind = _kind(before, behind_end)
    low: float | None = amount.low
    high: float | None = amount.high
    if kind == "low" and amount.low == amount.high:
        high = None
    elif kind == "high" and not amount.tolerance:
        low = None
    plain = kind is None and amount.low == amount.high
    if not _is_quantity(amount, plain=plain, stated=before is not None or amount.tolerance):
        return None
    start = amount.start - (len(behind) - before.start() if before else 0)
    end = behind_end.end() if behind_end and behind_end.lastgroup in ("low", "high") else amount.end
    name = _name(behind[: before.start()] if before else behind)
    return Quantity(low, high, amount.unit, name, (start, end), amount.tolerance)


def _kind(before: re.Match[str] | None, after: re.Match[str] | None) -> str | None:
    """Which bound is stated; what stands before the number decides over what follows."""
    group = before.lastgroup if before else None
    if group in ("low", "above"):
        return "low"
    if group in ("high", "below"):
        return "high"
    return after.lastgroup if after and after.lastgroup in ("low", "high") else None


def _is_quantity(amount: Amount, *, plain: bool, stated: bool) -> bool:
    if amount.low > amount.high:
        return False
    if not amount.unit:
        return stated
    if amount.unit == "year" and 1900 <= amount.high <= 2100:
        return False
    # "3 machines" says little; "at least 3 machines" is a demand
    return not (plain and is_counter(amount.unit))


def _name(before: str) -> str:
    """The words that end right before a quantity, as far as they can be one name."""
    before = _FILLER.sub("", before)
    before = _FILLER.sub("", _BRACKETED.sub("", before))
    words = _NAME.search(before)
    if words is None:
        return ""
    name = words[0]
    if any("一" <= c <= "鿿" for c in name):
        name = _LINKS.sub("", name)
    return name.strip(" -/+")[-MAX_NAME_CHARS:]


# characters that name a kind of figure rather than what is measured
_GENERIC: Final = frozenset(
    "率度量值性数比系含最大小高低平均总额单点面每时间成为的级寸长期降减少提升增加下上约较"
)
# two figures of one thing in different states are two figures
_STATE = re.compile(
    "峰值|连续|额定|平均|空载|满载|静态|动态|室温|常温|高温|低温|干态|湿态|单次|累计"
)
_LESS = re.compile("降|减|缩短|节约|节能|节省|下滑|衰减|损失")
_MORE = re.compile("提高|提升|增加|上升|延长|增长|增益")
_DIFFERENCE = re.compile("差|温升|漂|波动|精度|均匀|误差|回差|降温|升温")
_ROUGHNESS: Final = frozenset(("Ra", "Rz", "Rq"))


def _comparable(wanted: str, offered: str) -> bool:
    if bool(_LESS.search(wanted)) != bool(_LESS.search(offered)):
        return not wanted or not offered
    if bool(_MORE.search(wanted)) != bool(_MORE.search(offered)):
        return not wanted or not offered
    return not wanted or not offered or wanted == offered or likeness(wanted, offered) > 0


def likeness(wanted: str, offered: str) -> float:
    """How alike two names of quantities are, in [0, 1]: shared telling characters."""
    states = [set(_STATE.findall(name)) for name in (wanted, offered)]
    if all(states) and not states[0] & states[1]:
        return 0.0
    one, other = _telling(wanted), _telling(offered)
    return len(one & other) / max(min(len(one), len(other)), 1)


def _telling(name: str) -> frozenset[str]:
    return frozenset(name.lower()) - _GENERIC


def _bounds(offered: Quantity, wanted: Quantity) -> tuple[float, float] | None:
    """The offered bounds in the wanted unit, open ends infinite."""
    difference = (
        wanted.tolerance
        or offered.tolerance
        or bool(_DIFFERENCE.search(wanted.name) or _DIFFERENCE.search(offered.name))
    )
    units = [
        "um" if not q.unit and q.name.strip() in _ROUGHNESS else q.unit for q in (offered, wanted)
    ]
    ends = [
        end if math.isinf(end) else converted(end, units[0], units[1], difference=difference)
        for end in _open(offered)
    ]
    low, high = ends
    return None if low is None or high is None else (low, high)


def _open(quantity: Quantity) -> tuple[float, float]:
    return (
        -math.inf if quantity.low is None else quantity.low,
        math.inf if quantity.high is None else quantity.high,
    )


def _closed(low: float, high: float) -> bool:
    return not (math.isinf(low) or math.isinf(high))


def _slack(value: float) -> float:
    return 0.0 if math.isinf(value) else _ROUNDING * abs(value)


def _beyond(wanted_low: float, wanted_high: float, low: float, high: float) -> Verdict:
    if math.isinf(wanted_low):
        # at most x is at least -x seen from the other side
        wanted_low, low, high = -wanted_high, -high, -low
    if low >= wanted_low - _slack(wanted_low):
        return Verdict.MET
    return Verdict.UNMET if high < wanted_low - _slack(wanted_low) else Verdict.UNKNOWN


def _within(wanted: Quantity, low: float, high: float, offered: Quantity) -> Verdict:
    """Tolerances: the offered margin must lie inside the wanted one."""
    wanted_low, wanted_high = _open(wanted)
    if wanted_low == -wanted_high and offered.low is None:
        low = -high  # an error of at most 0.01 goes both ways
    slack = _slack(wanted_high)
    if low >= wanted_low - slack and high <= wanted_high + slack:
        return Verdict.MET
    if not _closed(low, high) or (offered.low == offered.high and not offered.tolerance):
        return Verdict.UNKNOWN
    return Verdict.UNMET
