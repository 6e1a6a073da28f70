"""The outline of a need's prose: which stretches are wanted, demanded or background.

Needs are written as prose with makeshift structure: headings such as 技术要求 or 工作基础,
half a dozen ways to number a list, and sentences in between.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_READ_CHARS = 20_000
"""Characters of a text that are read; the rest of a longer one is appendix."""

MAX_PIECE_CHARS = 160
"""A longer piece ends at the last comma before."""


class Section(StrEnum):
    """What the heading above a piece announces."""

    NONE = "none"
    DEMANDED = "demanded"
    WANTED = "wanted"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or list item.

    Attributes:
        start: First character in the text.
        end: One past the last character.
        listed: Whether it is an item of a numbered list, or what a heading announces.
    """

    start: int
    end: int
    section: Section
    listed: bool


def pieces_of(text: str) -> Iterator[Piece]:
    """The pieces of a text in its order, without their numbers and headings.

    Background sections are announced, not left out. Reads 20,000 characters, in one pass.
    """
    section, numbering = Section.NONE, ""
    for line in _LINE.finditer(text, 0, MAX_READ_CHARS):
        for start, end, number in _stretches(text, line.start(), line.end()):
            style = _style(number)
            heading = _heading(text, start, end)
            if heading:
                section, start = heading
                numbering = style or numbering
            elif style and style == numbering and section is Section.BACKGROUND:
                # a sibling of the background's own number opens something else
                section = Section.NONE
            for at, (first, last) in enumerate(_sentences(text, start, end, whole=bool(number))):
                later = _heading(text, first, last) if at else None
                if later:
                    section, first = later
                if trimmed := _trimmed(text, first, last):
                    listed = at == 0 and bool(number or heading)
                    # what follows an item on its line is prose again
                    follows = bool(number) and at > 0 and section is not Section.BACKGROUND
                    yield Piece(*trimmed, Section.NONE if follows else section, listed)


_LINE = re.compile(r"[^\n\r\u2028]+")
_DIGITS = r"(?:[0-9]{1,2}|[０-９]{1,2}|[一二三四五六七八九十]{1,3})"
_NUMBER = re.compile(
    rf"[(（]\s?{_DIGITS}\s?[)）][、.．]?|[①-⒛]"
    rf"|(?<![^\s。；;：:，,！？、]){_DIGITS}(?:\s?[)）]|、|[.．](?![0-9０-９]))"
    r"|(?<![^\s。；;：:，,])第[一二三四五六七八九十]{1,2}(?=[，,、：:是])[，,、：:是]"
    r"|(?<![^\s。；;：:，,])[一二三四五六七八九]是(?!否)"
    r"|(?<![^\s。；;：:])(?:内容|需求|问题|难题|任务|方向|指标)[0-9一二三四五六七八九]{1,2}[：:、.]"
    r"|(?<![^\s])[-•●◆■·*▪➢](?=\s?[^\s0-9])"
)
_SENTENCE = re.compile(r"[^。！？!?；;]+[。！？!?；;]*")
_COMMA = re.compile(r"[，,；;：:](?=[^，,；;：:]*$)")
_HEADING = re.compile(
    r"[\s　]*([^，。；：:,;！？()（）\n]{1,28}?(?:[(（][^()（）\n]{0,40}[)）])?)\s*(?:[：:]|$)"
)
_BRACKETS = re.compile(r"[(（].*[)）]")

_BACKGROUND_WORDS = re.compile(
    r"基础|背景|简介|概况|概述|现状|介绍|联系|电话|邮箱|地址|预算|投入|经费|资金|投资|意义|必要性"
    r"|市场|前景|效益|合作方式|合作模式|合作意向|单位名称|企业名称|公司名称|负责人|研发团队|起止|进度|优势"
)
_DEMAND_WORDS = re.compile(
    r"(?:要求|指标|参数|标准)(?:如下|为|有|是|包括)?(?:[(（][^)）]*[)）])?$"
    r"|(?:要求|指标)(?:说明|内容)|^(?:主要|具体|技术|质量|性能)?(?:要求|指标)"
)
_WANT_WORDS = re.compile(
    r"需求|目标|难题|难点|关键问题|问题|拟解决|需要解决|希望|期望|解决|主要内容|研究内容|项目内容"
    r"|开发内容|技术内容|研发内容|任务|预期|攻关|瓶颈|征集|需要|具体方向|预计解决|要点|功能"
)


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """A line cut before each number; the number itself is handed out, not kept."""
    at, number = start, ""
    for found in _NUMBER.finditer(text, start, end):
        if found.start() > at:
            yield at, found.start(), number
        at, number = found.end(), found[0].strip()
    yield at, end, number


def _style(number: str) -> str:
    """What numbers of one list have in common."""
    return re.sub(r"[0-9０-９]+", "1", re.sub(r"[一二三四五六七八九十]+", "一", number))


def _heading(text: str, start: int, end: int) -> tuple[Section, int] | None:
    """The section that a stretch announces, and where its body begins."""
    found = _HEADING.match(text, start, end)
    if found is None:
        return None
    words = _BRACKETS.sub("", found[1]).strip()
    with_colon = text[found.end(1) : found.end()].strip() in ("：", ":")
    plain = _PLAIN_HEADING.fullmatch(words) is not None
    if not plain and not with_colon:
        return None
    if _DEMAND_WORDS.search(words):
        section = Section.DEMANDED
    elif _WANT_WORDS.search(words):
        section = Section.WANTED
    elif _BACKGROUND_WORDS.search(words):
        section = Section.BACKGROUND
    else:
        return None
    # a heading with words of its own, such as 电镀层发霉问题, belongs to the item
    return section, found.end() if plain or section is Section.BACKGROUND else start


_PLAIN_HEADING = re.compile(
    r"(?:主要|希望|需要|需求|拟|预期|期望|现有|已有|技术|研究|研发|开发|工作|项目|企业|公司|要|待|急需|亟需|解决|达到|的|及其?"
    r"|和|与|、|/|目标|内容|前期|关键|核心|重点|科研|实验|生产|具体|预计|存在|难题|难点|问题|任务|基础|背景|简介|概况|现状|情况"
    r"|介绍|合作|方式|方向|市场|前景|经济|社会|效益|效果|预算|投入|意义|优势|要求|指标|参数|性能|质量|考核|功能|说明|描述|征集"
    r"|如下|为|包括|本|我们?|所|攻关|瓶颈|条件|概述|建设|成果|进展|总体|有|是|以下|几个?|方面|下列|上述|\s)+"
)


def _sentences(text: str, start: int, end: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    """Sentences; the first one of a list item takes in the next if it is but a headline."""
    first = True
    held: int | None = None
    for sentence in _SENTENCE.finditer(text, start, end):
        begin = sentence.start() if held is None else held
        headline = whole and first and held is None and len(sentence[0]) < 12
        if headline and sentence.end() < end and not _heading(text, sentence.end(), end):
            held = begin
            continue
        first, held = False, None
        yield begin, sentence.end()


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Without white space and punctuation at the edges, and not too long."""
    if end - start > MAX_PIECE_CHARS:
        comma = _COMMA.search(text, start + MAX_PIECE_CHARS // 2, start + MAX_PIECE_CHARS)
        end = comma.start() if comma else start + MAX_PIECE_CHARS
    while start < end and not (text[start].isalnum() or text[start] in '≥≤<>±-−φ《“"(（'):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in '%‰℃°″′)）》”"²³ΩΩ'):
        end -= 1
    return (start, end) if start < end else None
