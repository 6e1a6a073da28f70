"""What a disguised summary still gives away: names, telephone numbers, trade terms.

A check for its writer, not a proof: what it finds is there, but a secret in other words
is not found.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class LeakKind(StrEnum):
    """What kind of thing still shows."""

    ORGANIZATION = "organization"
    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing that a summary gives away.

    Attributes:
        field: ``title`` or ``summary``.
        text: The words that show.
        start: Where they begin in that field.
    """

    kind: LeakKind
    field: str
    text: str
    start: int


# legal forms and places say little alone; what is left between them names the firm
_FORM = re.compile(r"(股份|集团|控股)?有限(责任)?公司$|公司$|集团$|厂$|研究院$|研究所$|大学$|学院$")
_PLACE = re.compile(r"^[\u4e00-\u9fff]{2,3}?[省市区县]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+", re.ASCII)
# mobile numbers, and fixed lines with their area code; spaces and hyphens between
_PHONE = re.compile(
    r"(?<![\d.])(?:(?:\+?86[-\s]?)?1[3-9]\d[-\s]?\d{4}[-\s]?\d{4}|0\d{2,3}[-\s]?\d{7,8})(?!\d)"
)
_PERSON = re.compile(
    r"(?:联系人|负责人|联络人|经办人)[：:\s]*[\u4e00-\u9fff]{2,4}"
    r"|[\u4e00-\u9fff](?:先生|女士|总经理|经理|工程师|教授|博士)(?![\u4e00-\u9fff]*(?:制|证|点))"
)
_SHORTEST_NAME = 2


def leaks(
    title: str,
    summary: str,
    *,
    organizations: Iterable[str] = (),
    persons: Iterable[str] = (),
    terms: Iterable[str] = (),
) -> tuple[Leak, ...]:
    """Everything in title and summary that the check knows to be telling, in reading order.

    Args:
        title: The disguised title.
        summary: The disguised summary.
        organizations: Full names of the firm and of others to hide; their short names are
            looked for too.
        persons: Names of people.
        terms: Words that the owner listed.
    """
    wanted = [
        *((LeakKind.ORGANIZATION, n) for name in organizations for n in names_of(name)),
        *((LeakKind.PERSON, name) for name in persons),
        *((LeakKind.TERM, term) for term in terms),
    ]
    found: list[Leak] = []
    for field, text in (("title", title), ("summary", summary)):
        for kind, words in wanted:
            found += [Leak(kind, field, text[a:b], a) for a, b in _places(words, text)]
        for kind, pattern in (
            (LeakKind.PHONE, _PHONE),
            (LeakKind.EMAIL, _EMAIL),
            (LeakKind.PERSON, _PERSON),
        ):
            found += [Leak(kind, field, m[0], m.start()) for m in pattern.finditer(text)]
    unique = {(leak.field, leak.start, leak.text): leak for leak in found}
    order = ("title", "summary")
    return tuple(sorted(unique.values(), key=lambda x: (order.index(x.field), x.start, x.text)))


def names_of(organization: str) -> Sequence[str]:
    """A full name and the shorter ones that people use for it, longest first."""
    full = organization.strip()
    short = _FORM.sub("", full)
    bare = _PLACE.sub("", short)
    names = [n for n in (full, short, bare) if len(n) >= _SHORTEST_NAME]
    return list(dict.fromkeys(names))


def _places(words: str, text: str) -> Iterable[tuple[int, int]]:
    """Where the words stand, whatever the case and the spaces between characters."""
    letters = [re.escape(letter) for letter in words if not letter.isspace()]
    if not letters:
        return []
    pattern = re.compile(r"\s*".join(letters), re.IGNORECASE)
    return [m.span() for m in pattern.finditer(text)]
