"""What a disguised summary still gives away: names, ways to reach people, trade terms.

A check for its writer, not a proof: what it finds is there, but a secret in other words
is not found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from matcher.firm_names import names_of


class LeakKind(StrEnum):
    """What kind of thing still shows."""

    ORGANIZATION = "organization"
    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    ACCOUNT = "account"
    """WeChat or QQ."""
    URL = "url"
    ADDRESS = "address"
    PATENT = "patent"
    """A number under which everybody can look the holder up."""
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


_HAN = "[\u4e00-\u9fff]"
# the hundred most frequent, without those that mostly begin other words: 于 施 金 石 方 高
_SURNAMES = (
    "[王李张刘陈杨赵黄周吴徐孙胡朱林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏"
    "薛叶阎余潘杜戴夏钟汪田任姜范姚谭廖邹熊陆郝孔崔康毛邱秦史顾侯邵孟龙万段雷钱汤尹黎武乔贺赖龚樊楼]"
)
_TITLES = "先生|女士|总经理|经理|董事长|工程师|教授|博士|老师|主任|厂长|院士|研究员"
_DIGITS = "零〇一二三四五六七八九幺"

# all of them are looked for in folded text: half-width, lower case, nothing invisible
_PATTERNS: tuple[tuple[LeakKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.ASCII))
    for kind, pattern in (
        # a firm that nobody listed; 某, 本 and the like stand for one
        (
            LeakKind.ORGANIZATION,
            rf"(?:(?![某本我该贵一家的由与和为对在给]){_HAN}){{2,12}}(?:\({_HAN}+\))?"
            r"(?:股份|集团|控股)?(?:有限(?:责任)?|股份|集团)公司",
        ),
        (
            LeakKind.ORGANIZATION,
            r"\b[a-z][a-z&-]+(?: [a-z&-]+){0,3},? (?:co\., ?ltd|inc\b|gmbh)\.?",
        ),
        (
            LeakKind.ORGANIZATION,
            r"(?<![0-9a-z])[159y][1239]\d{6}[0-9a-hj-npqrtuwxy]{10}(?![0-9a-z])",
        ),
        (
            LeakKind.PERSON,
            r"(?:联系人|负责人|联络人|经办人|对接人|法定代表人)(?:是|为)?[\s:]*"
            rf"{_SURNAMES}{_HAN}{{1,2}}",
        ),
        (LeakKind.PERSON, rf"(?!程院院士){_SURNAMES}{_HAN}{{0,2}}?(?:{_TITLES})"),
        (LeakKind.PERSON, rf"(?<![规示模]){_SURNAMES}工(?![程业艺作具件序装况位时段人厂期])"),
        (
            LeakKind.PERSON,
            rf"{_SURNAMES}总(?![成量长体功厚重面装线质数计和需损效价产能结合共投额图氮磷硫碳酸黄])",
        ),
        # mobile numbers in groups or digit by digit, also spelt out
        (LeakKind.PHONE, r"(?<![\d.])(?:\+?86[-\s]?)?1[3-9]\d[-\s.]?\d{4}[-\s.]?\d{4}(?!\d)"),
        (LeakKind.PHONE, r"(?<![\d.])1[-\s][3-9](?:[-\s]\d){9}(?!\d)"),
        (LeakKind.PHONE, rf"[一幺][{_DIGITS}]{{10}}(?![{_DIGITS}])"),
        # fixed lines with their area code, service numbers, and whatever is called a telephone
        (LeakKind.PHONE, r"(?<![\d.])\(?0\d{2,3}\)?[-\s]?\d{3,4}[-\s]?\d{4}(?!\d)"),
        (LeakKind.PHONE, r"(?<![\d.])[48]00[-\s]?\d{3}[-\s]?\d{4}(?!\d)"),
        (LeakKind.PHONE, r"(?:电话|手机|热线|传真|座机|\btel|\bfax)[号码]*[\s:.]*\d[\d\s-]{5,}\d"),
        (LeakKind.EMAIL, r"[\w.+-]+ ?(?:@|[(\[]at[)\]]) ?[\w-]+(?:\.[\w-]+)+"),
        (
            LeakKind.ACCOUNT,
            r"(?:微信|(?<![a-z])(?:wechat|weixin|wx|vx|qq))(?:公众号|号码|号|群|[\s:])(?:是|为)?[\s:]*"
            r"[a-z0-9][a-z0-9_-]{4,}",
        ),
        (LeakKind.URL, r"https?://[^\s\u3000-\u9fff]+|\bwww\.[\w.-]+"),
        (LeakKind.URL, r"(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org)(?![\w-])"),
        (LeakKind.ADDRESS, rf"{_HAN}{{2,6}}(?:路|街|大道|巷)\d+[号弄]"),
        (LeakKind.PATENT, r"(?<![a-z0-9])(?:zl ?\d{8,}(?:\.[\dx])?|cn ?\d{7,}[a-z]?)(?![a-z0-9])"),
    )
)
_BETWEEN = r"[\s·•・._*|/\\-]*"
_FIELDS = ("title", "summary")


def leaks(
    title: str,
    summary: str,
    *,
    organizations: Iterable[str] = (),
    persons: Iterable[str] = (),
    terms: Iterable[str] = (),
) -> tuple[Leak, ...]:
    """Everything in title and summary that the check knows to be telling, in reading order.

    Case, width, blanks and dots between characters make no difference.

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
    patterns = [*((k, p) for k, words in wanted if (p := _spelling(words))), *_PATTERNS]
    return tuple(
        leak
        for field, text in zip(_FIELDS, (title, summary), strict=True)
        for leak in _outermost(_found(patterns, field, text))
    )


def _found(
    patterns: Iterable[tuple[LeakKind, re.Pattern[str]]], field: str, text: str
) -> Iterator[Leak]:
    folded, places = _folded(text)
    for kind, pattern in patterns:
        for match in pattern.finditer(folded):
            start, end = places[match.start()], places[match.end() - 1] + 1
            yield Leak(kind, field, text[start:end], start)


def _outermost(found: Iterable[Leak]) -> list[Leak]:
    """In reading order, without what stands within another: a short name in the full one."""
    kept: list[Leak] = []
    for leak in sorted(found, key=lambda x: (x.start, -len(x.text))):
        if not kept or leak.start + len(leak.text) > kept[-1].start + len(kept[-1].text):
            kept.append(leak)
    return kept


def _spelling(words: str) -> re.Pattern[str] | None:
    """The words however they are spaced; None where there are none.

    ``X7`` is not found in ``MX7`` or ``X70``, but in ``X7pro``.
    """
    letters = [c for c in _folded(words)[0] if not c.isspace()]
    if not letters:
        return None
    first, last = letters[0], letters[-1]
    before = r"(?<![a-z])" if first.isascii() and first.isalpha() else ""
    before = r"(?<!\d)" if first.isdigit() else before
    after = r"(?!\d)" if last.isdigit() else ""
    return re.compile(before + _BETWEEN.join(map(re.escape, letters)) + after)


def _folded(text: str) -> tuple[str, list[int]]:
    """Half-width lower case without invisible characters, and where each one came from."""
    letters = [
        (letter, place)
        for place, original in enumerate(text)
        for letter in unicodedata.normalize("NFKC", original).lower()
        if unicodedata.category(letter) != "Cf"
    ]
    return "".join(letter for letter, _ in letters), [place for _, place in letters]
