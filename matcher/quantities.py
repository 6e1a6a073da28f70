"""Quantities as technical texts state them."""

import re
from dataclasses import dataclass, replace
from typing import Final

from matcher.amounts import Amount, half_width, numbers_in
from matcher.units import is_counter

MAX_NAME_CHARS = 12
"""Of the words before a quantity, how many characters may name it."""

MAX_READ_CHARS = 20_000
"""Characters of a text in which quantities are looked for."""

STATE: Final = re.compile(
    "峰值|连续|额定|平均|空载|满载|静态|动态|室温|常温|高温|低温|干态|湿态|单次|累计"
)
"""States in which one thing has different figures."""


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

    @property
    def is_bound(self) -> bool:
        """Whether it bounds something rather than names one value, such as a condition."""
        return self.low != self.high or self.tolerance


def quantities_in(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text, in its order.

    Bare numbers (years, numbering, standards, telephone and patent numbers) are none:
    there must be a unit or a comparator. Inverted ranges, exponents beyond 30 and numbers
    of more than 12 digits are left out. The first 20,000 characters are read.
    """
    plain = half_width(text[:MAX_READ_CHARS])
    found: list[Quantity] = []
    named: Quantity | None = None
    end = 0
    for number in numbers_in(plain):
        if number.start() < end:
            continue
        amount = Amount.read(plain, number)
        if amount is None:
            continue
        quantity = _of_what_is_left(plain, _quantity(plain, end, amount))
        if quantity is None:
            end = amount.end if amount.low > amount.high else end
            continue
        before = plain[found[-1].span[1] : quantity.span[0]] if found else ""
        if before and _BECOMES.fullmatch(before):
            # from 12 to 0.1: what counts is what became of it
            was = found.pop()
            quantity = replace(quantity, name=was.name)
        elif named and named.unit == quantity.unit:
            quantity = replace(quantity, name=_in_full(quantity.name, named.name))
        found.append(quantity)
        named = quantity if quantity.name else named
        end = quantity.span[1]
    return tuple(found)


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
_STATE_END = re.compile(f"(?:{STATE.pattern})$")


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


_LEFT = re.compile(r"[降减缩][低少短小]?[为到至](?:了)?(?:原来|原先|原有|原|此前|之前)的?约?$")


def _of_what_is_left(text: str, quantity: Quantity | None) -> Quantity | None:
    """The reduction, where a text tells which share of the former value is left."""
    if quantity is None or quantity.unit != "percent":
        return quantity
    before = _LEFT.search(text, max(quantity.span[0] - MAX_NAME_CHARS, 0), quantity.span[0])
    if before is None:
        return quantity
    low, high = (None if end is None else 100 - end for end in (quantity.high, quantity.low))
    name = _name(text[max(before.start() - _LOOK_BACK, 0) : before.start()])
    return replace(quantity, low=low, high=high, name=name + "降低")


def _in_full(name: str, before: str) -> str:
    """The name with its noun, which is not said twice.

    峰值转矩52 N·m，连续15 N·m; 1 MHz功耗85 kW，3 MHz约310 kW.
    """
    if name and not _STATE_END.search(name):
        return name
    return name + max(STATE.split(before), key=len)


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
