"""Texts, lists, fixed choices and reference names from cells.

A parser gets a value that is not blank and free of control characters, and returns the
typed value, None where the cell plainly says "nothing", or raises ``BadCell``.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from data import reference
from data.chain_names import ChainNames, packaged_names
from data.importers.problems import BadCell
from matcher.text import has_words

Choice = TypeVar("Choice", bound=StrEnum)

_ID_CHARS = 200
_NAME_CHARS = 300
_NOTHING = frozenset(
    {"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "n/a", "na", "none", "null"}
)
_OUTSIDE = frozenset({"市外", "外地", "外市", "省外", "outside"})

# sheets write short labels with any of these between them
_LABEL_SEPARATORS = re.compile(r"[；;、，,|｜\n]")
# a requirement is a phrase and may hold commas (1,200 r/min): only harder stops part them
_PHRASE_SEPARATORS = re.compile(r"[；;|｜\n]")
# zero-width characters, direction marks, soft hyphens
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069]")
_NUMBERING = re.compile(r"^\s*(?:\d{1,2}(?:[、)）]|[.．](?!\d))|[(（]\d{1,2}[)）]|[①-⑳])\s*")


def is_nothing(value: object) -> bool:
    """Whether a cell of a typed column says that there is no value."""
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING)


def parse_text(value: object) -> str:
    """The text as written; numbers and dates as a sheet shows them."""
    if isinstance(value, (list, tuple)):
        return "\n".join(parse_text(part) for part in value)
    if isinstance(value, dict):
        raise BadCell("应为文字", "write plain text")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def parse_line(value: object) -> str:
    """A title or a name: the text without the blanks around it and invisible marks within.

    Zero-width and direction marks would make two names look alike that are not.
    """
    return _INVISIBLE.sub("", parse_text(value)).strip()


def parse_title(value: object) -> str:
    """A title.

    Raises:
        BadCell: it holds no letter, digit or ideograph.
    """
    title = parse_line(value)
    if not has_words(title):
        raise BadCell("名称里要有文字，请写明内容", "a title needs words; say what it is about")
    return title


def parse_id(value: object) -> str:
    """An external id, at most 200 characters.

    Raises:
        BadCell: it is longer.
    """
    found = parse_line(value)
    if len(found) > _ID_CHARS:
        raise BadCell(f"编号最长 {_ID_CHARS} 个字符", f"an id has at most {_ID_CHARS} characters")
    return found


def parse_name(value: object) -> str:
    """An organisation's name, at most 300 characters.

    Raises:
        BadCell: it is longer.
    """
    found = parse_line(value)
    if len(found) > _NAME_CHARS:
        raise BadCell(
            f"单位名称最长 {_NAME_CHARS} 个字符", f"a name has at most {_NAME_CHARS} characters"
        )
    return found


def parse_labels(value: object) -> tuple[str, ...]:
    """Short labels, each once, parted by ；、， or line ends."""
    return _parts(value, _LABEL_SEPARATORS)


def parse_phrases(value: object) -> tuple[str, ...]:
    """Requirements, each once, parted by ； or line ends; numbers before them are dropped."""
    parts = (_NUMBERING.sub("", part).strip() for part in _parts(value, _PHRASE_SEPARATORS))
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_ipc(value: object) -> tuple[str, ...]:
    """IPC groups in capitals, without blanks inside: ``H02K1/27``."""
    return tuple(
        unicodedata.normalize("NFKC", part).replace(" ", "").upper() for part in parse_labels(value)
    )


def parse_class_code(value: object) -> str:
    """A code of GB/T 4754-2017; a leading zero that a spreadsheet dropped is restored.

    Raises:
        BadCell: no such class.
    """
    text = unicodedata.normalize("NFKC", parse_line(value))
    code = text.zfill(4) if text.isdecimal() and len(text) == 3 else text
    if reference.industry_class(code) is None:
        raise BadCell(
            "应为 GB/T 4754-2017 的四位行业小类代码，例如 3465",
            "write a four-digit class code of GB/T 4754-2017 such as 3465",
        )
    return code


def choice_parser(choices: Mapping[Choice, Iterable[str]]) -> Callable[[object], Choice]:
    """A parser for one of a few values, each with the words that stand for it."""
    values = {fold(word): choice for choice, words in choices.items() for word in words}
    values |= {fold(choice.value): choice for choice in choices}
    known_zh = "、".join(next(iter(words)) for words in choices.values())
    known_en = ", ".join(choice.value for choice in choices)

    def parse(value: object) -> Choice:
        found = values.get(fold(parse_text(value)))
        if found is None:
            raise BadCell(f"应为以下之一：{known_zh}", f"write one of {known_en}")
        return found

    return parse


def parse_chains(value: object, chains: ChainNames | None = None) -> tuple[str, ...]:
    """Chain ids from ids, names or aliases; of the packaged chains unless others are given.

    Raises:
        BadCell: an unknown chain; the advice names the nearest known ones.
    """
    # a chain's own name may hold a separator, so the whole cell is tried first
    chains = chains or packaged_names()
    whole = chains.find(parse_text(value))
    if whole is not None:
        return (whole,)
    return tuple(dict.fromkeys(_chain(part, chains) for part in parse_labels(value)))


def parse_county(value: object) -> str | None:
    """A county id from an id, name or alias; None for a place outside the city.

    Raises:
        BadCell: an unknown county; the advice names the nearest known ones.
    """
    name = parse_line(value)
    if fold(name) in _OUTSIDE:
        return None
    found = reference.find_county(name)
    if found is None:
        near = reference.nearest_counties(name)
        known = near or [county.name_zh for county in reference.counties()]
        raise BadCell(
            f"没有这个县（市、区），{_is_it(near)}{'、'.join(known)}；市外单位请留空或写“市外”",
            f"unknown county; {'did you mean' if near else 'known are'} {', '.join(known)};"
            " leave empty or write outside for places beyond the city",
        )
    return found


def fold(text: str) -> str:
    """Full-width, case, blanks, underscores and hyphens evened out, for comparing words."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())


def nearest(word: str, known: Iterable[str], *, k: int = 1) -> list[str]:
    """The ``k`` known words most like ``word``, best first; none when all are far off."""
    by_fold = {fold(candidate): candidate for candidate in known}
    close = difflib.get_close_matches(fold(word)[:100], by_fold, n=k, cutoff=0.5)
    return [by_fold[found] for found in close]


def _chain(name: str, chains: ChainNames) -> str:
    found = chains.find(name)
    if found is None:
        near = chains.nearest(name)
        known = near or chains.all() or ["–"]
        raise BadCell(
            f"没有产业链“{name[:30]}”，{_is_it(near)}{'、'.join(known)}",
            f"unknown chain; {'did you mean' if near else 'known are'} {', '.join(known)}",
        )
    return found


def _is_it(near: list[str]) -> str:
    return "是否为：" if near else "应为以下之一："


def _parts(value: object, separators: re.Pattern[str]) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        # a file that can hold lists has already said where its items end
        parts = [parse_text(part) for part in value]
    else:
        parts = separators.split(parse_text(value))
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
