"""What of a need can hardly be meant: figures beyond nature, and needs that say too little."""

import math
import re
from collections.abc import Sequence
from typing import Final

from matcher.quantities import Quantity
from matcher.requirements import Requirement

ONE_WORD_CHARS: Final = 4
"""Letters and ideographs up to which a need is no more than a word or two."""

_SHARE: Final = re.compile(
    r"(?:效|良|良品|合格|准确|正确|检出|识别|成功|覆盖|利用|回收|去除|转化|透光|误报|漏检|误判)率$|纯度$|湿度$"
)
_MASSES: Final = frozenset(("t", "kg", "g", "mg", "ug"))
_COLDEST: Final = {"degC": -273.15, "kelvin": 0.0, "degF": -459.67}
_UNREAD: Final = re.compile(r"(?:[≥≤><]|低于|超过|大于|小于)\s*[0-9]{13}")


def says_little(requirements: Sequence[Requirement]) -> bool:
    """Whether a need consists of a title of one short word and nothing else."""
    if [requirement.span.field for requirement in requirements] != ["title"]:
        return False
    return sum(c.isalnum() for c in requirements[0].text) <= ONE_WORD_CHARS


def doubtful_figures(requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """Figures that cannot be meant, as written, none twice.

    Temperatures below absolute zero, shares above 100 %, masses below 0, numbers too long
    to be read, and two bounds of one thing with nothing between them.
    """
    found: dict[str, None] = {}
    for requirement in requirements:
        quantities = requirement.quantities
        doubtful = [q for q in quantities if _is_impossible(q)]
        for at, one in enumerate(quantities):
            doubtful += [
                q for other in quantities[:at] if _exclude(other, one) for q in (other, one)
            ]
        found |= {requirement.text[slice(*q.span)]: None for q in doubtful}
        found |= {number[0]: None for number in _UNREAD.finditer(requirement.text)}
    return tuple(found)


def _is_impossible(quantity: Quantity) -> bool:
    low, high = _ends(quantity)
    if quantity.unit in _COLDEST:
        return high < _COLDEST[quantity.unit] or -math.inf < low < _COLDEST[quantity.unit]
    if quantity.unit == "percent" and not quantity.tolerance:
        return bool(_SHARE.search(quantity.name)) and (low > 100 or 100 < high < math.inf)
    return quantity.unit in _MASSES and not quantity.tolerance and high < 0


def _exclude(one: Quantity, other: Quantity) -> bool:
    """Whether two bounds of one thing leave nothing between them."""
    if not one.name or (one.name, one.unit) != (other.name, other.unit):
        return False
    ends = _ends(one), _ends(other)
    return max(low for low, _ in ends) > min(high for _, high in ends)


def _ends(quantity: Quantity) -> tuple[float, float]:
    return (
        -math.inf if quantity.low is None else quantity.low,
        math.inf if quantity.high is None else quantity.high,
    )
