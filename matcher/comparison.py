"""Whether one quantity answers another."""

import math
import re
from enum import StrEnum
from typing import Final

from matcher.quantities import STATE, Quantity
from matcher.units import converted

_ROUNDING: Final = 1e-9


class Verdict(StrEnum):
    """Whether what is offered satisfies what is wanted."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


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
    if not _comparable(wanted, offered):
        return Verdict.UNKNOWN
    bounds = _bounds(offered, wanted)
    if bounds is None:
        return Verdict.UNKNOWN
    low, high = bounds
    if wanted.tolerance and not _SPAN.search(wanted.name):
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


# characters that name a kind of figure rather than what is measured
_GENERIC: Final = frozenset(
    "率度量值性数比系含最大小高低平均总额单点面每时间成为的级寸长期降减少提升增加下上约较"
)
# a change of something is not the thing, nor is a rise a fall
_CHANGES = (
    re.compile("降|减|缩短|节约|节能|节省|下滑|衰减|损失"),
    re.compile("提高|提升|增加|上升|延长|增长|增益"),
)
_EITHER_WAY = re.compile("变化|变动|改变")
_DIFFERENCE = re.compile("差|温升|漂|波动|抖动|离散|精度|均匀|降温|升温")
_ROUGHNESS: Final = frozenset(("Ra", "Rz", "Rq"))


_SPAN = re.compile("量程|范围|行程|转角|摆角|摆幅|幅[度面]")
"""What is written with ± and yet better wide: a measuring range of ±200 N holds one of ±100 N."""

FAR: Final = 10.0
"""Times by which a figure that misses is of another kind of thing, and no near miss."""

_WITHOUT_RATIOS: Final = frozenset(("degC", "degF", "dB", "dBm", "dBi"))


def is_far(wanted: Quantity, offered: Quantity) -> bool:
    """Whether an offered quantity misses a wanted one by an order of magnitude."""
    if wanted.unit in _WITHOUT_RATIOS or compare(wanted, offered) is not Verdict.UNMET:
        return False
    bounds = _bounds(offered, wanted)
    assert bounds is not None
    for over, under in ((bounds[0], _open(wanted)[1]), (_open(wanted)[0], bounds[1])):
        if over > under:
            return bool(under > 0 and over >= FAR * under * (1 - _ROUNDING))
    return False


def _comparable(wanted: Quantity, offered: Quantity) -> bool:
    if not wanted.name or not offered.name:
        return True
    if not _same_change(wanted, offered):
        return False
    if wanted.name == offered.name:
        return _is_difference(wanted) == _is_difference(offered)
    return likeness(wanted, offered) > 0


def likeness(wanted: Quantity, offered: Quantity) -> float:
    """How alike the names of two quantities are, in [0, 1]: shared telling characters.

    Values and deviations (温度 and 温升) or changes (剩磁 and 剩磁降低), and two states of one
    thing, are not alike at all.
    """
    states = [set(STATE.findall(quantity.name)) for quantity in (wanted, offered)]
    if all(states) and not states[0] & states[1]:
        return 0.0
    if _is_difference(wanted) != _is_difference(offered) or not _same_change(wanted, offered):
        return 0.0
    one, other = _telling(wanted.name), _telling(offered.name)
    return len(one & other) / max(min(len(one), len(other)), 1)


def _same_change(wanted: Quantity, offered: Quantity) -> bool:
    if any(_EITHER_WAY.search(quantity.name) for quantity in (wanted, offered)):
        return True
    return all(bool(p.search(wanted.name)) == bool(p.search(offered.name)) for p in _CHANGES)


def _telling(name: str) -> frozenset[str]:
    return frozenset(name.lower().replace("重量", "质量")) - _GENERIC


def _is_difference(quantity: Quantity) -> bool:
    return quantity.tolerance or _DIFFERENCE.search(quantity.name) is not None


def _bounds(offered: Quantity, wanted: Quantity) -> tuple[float, float] | None:
    """The offered bounds in the wanted unit, open ends infinite."""
    difference = _is_difference(wanted) or _is_difference(offered)
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
