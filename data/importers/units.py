"""The unit of money in a header, such as the 万 of ``预算（万）``."""

import re
import unicodedata

IN_BRACKETS = re.compile(r"[(（\[【](.*?)[)）\]】]", re.DOTALL)
"""A note in brackets; its text is the first group."""

_FACTORS = {
    "": 1,
    "千": 10**3,
    "k": 10**3,
    "万": 10**4,
    "w": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "十亿": 10**9,
}
_CHINESE = "十亿|千万|百万|十万|亿|万|千"
_YUAN = re.compile(rf"({_CHINESE})\s*(?:元|rmb|cny)")
# a Latin letter at the end of a Latin word is part of that word
_AT_END = re.compile(rf"[\s_/:\-]*(?:({_CHINESE}|(?<![a-z])[wk])元?|元)$")
_NOTE = re.compile(r"[\s,;:/、。|]+")
_BEFORE = re.compile(r"^(?:单位|金额|人民币|rmb|cny|¥)+")
_AFTER = re.compile(r"(?:人民币|rmb|cny|元|圆)+$")
# what forms say in brackets beside a unit
_REMARKS = frozenset({"必填", "选填", "可选", "可面议", "面议留空", "required", "optional"})


def factor_of(header: str) -> int | None:
    """Yuan per plain number below this header; None where its brackets hold no known unit."""
    text = unicodedata.normalize("NFKC", header).casefold()
    if written := _YUAN.search(text):
        return _FACTORS[written[1]]
    notes = [note for note in IN_BRACKETS.findall(text) if note.strip() not in _REMARKS]
    in_notes = [_factor_in(note) for note in notes]
    at_ends = [_AT_END.search(line) for line in IN_BRACKETS.sub("", text).splitlines()]
    found = [factor for factor in in_notes if factor is not None]
    found += [_FACTORS[match[1] or ""] for match in at_ends if match]
    if None in in_notes and not found:
        return None
    return max(found, default=1)


def without_unit(line: str) -> str:
    """One line of a header, folded in width, without the unit at its end."""
    return _AT_END.sub("", line.casefold())


def _factor_in(note: str) -> int | None:
    parts = (_AFTER.sub("", _BEFORE.sub("", part)) for part in _NOTE.split(note))
    return max((_FACTORS[part] for part in parts if part in _FACTORS), default=None)
