"""A need taken apart into what it requires."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matcher.outline import MAX_PIECE_CHARS, Piece, Section, pieces_of
from matcher.quantities import Quantity, quantities_in
from matcher.span import Span, span_of
from matcher.text import fold
from matcher.types import Part, Query

MAX_ITEMS = 24
"""Requirements read from one need; a longer list repeats itself."""

MAX_SENTENCES = 8
"""Requirements read from prose without any list or heading."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a need asks for.

    Attributes:
        text: As the enterprise writes it, without its number; at most 160 characters.
        span: Where it stands in the need.
        must: Whether an answer without it is no answer.
        marked: Whether the enterprise itself said so; else it is read from the wording.
        quantities: Figures it asks for; their spans are places in ``text``.
    """

    text: str
    span: Span
    must: bool
    marked: bool
    quantities: tuple[Quantity, ...]


def requirements_of(query: Query) -> tuple[Requirement, ...]:
    """What a need requires, item by item, in its order.

    The enterprise's own lists come first (``must_have``, ``nice_to_have``, ``indicators``),
    then numbered lists and sections such as 技术要求 or 拟解决的问题 of the text. A need
    without either is read by sentences, and one without a text by its title. Policy,
    contact lines and company history are no requirements; a need of nothing else has none.

    Returns:
        At most 24, none repeated.
    """
    stretches = list(_stretches(query))
    kept: dict[str, Requirement] = {}
    for field, start, end in stretches:
        if field != "text" and not field.startswith("keywords"):
            _keep(kept, _of_field(query, field, start, end))
    for field, start, end in stretches:
        if field == "text":
            for requirement in _of_text(query.text[start:end], has_lists=bool(kept)):
                _keep(kept, requirement)
    if not kept:
        _keep(kept, _of_title(query.title))
    return tuple(kept.values())[:MAX_ITEMS]


def _stretches(query: Query) -> Iterator[tuple[str, int, int]]:
    """Each field of the searchable text with its place there."""
    parts = query.parts or (Part("text", 0),)
    ends = [part.start - 1 for part in parts[1:]] + [len(query.text)]
    for part, end in zip(parts, ends, strict=True):
        yield part.field, part.start, end


def _keep(kept: dict[str, Requirement], requirement: Requirement | None) -> None:
    """Add one that says something new."""
    if requirement is None or len(kept) >= MAX_ITEMS:
        return
    folded = re.sub(r"\W", "", fold(requirement.text))
    if not any(folded in other for other in kept):
        kept[folded] = requirement


def _of_field(query: Query, field: str, start: int, end: int) -> Requirement | None:
    text = query.text[start:end][:MAX_PIECE_CHARS]
    if not _says_something(text, at_least=2):
        return None
    span = span_of(query.parts, start, start + len(text))
    marked = not field.startswith("indicators")
    if marked:
        must = field.startswith("must_have")
    else:
        must = not _WISH.search(text)
    return Requirement(text, span, must, marked, quantities_in(text))


def _of_title(title: str) -> Requirement | None:
    text = title[:MAX_PIECE_CHARS]
    if not any(c.isalnum() for c in text) or not _says_something(text, at_least=1):
        return None
    return Requirement(text, Span("title", 0, len(text)), False, False, quantities_in(text))


def _of_text(text: str, *, has_lists: bool) -> list[Requirement]:
    """From structure if there is any, else from the sentences that ask, else from all."""
    structured: list[Piece] = []
    asking: list[Piece] = []
    working: list[Piece] = []
    rest: list[Piece] = []
    for piece in pieces_of(text):
        words = _OUTLAY.sub("", text[piece.start : piece.end])
        in_list = piece.listed or piece.section is not Section.NONE
        if piece.section is Section.BACKGROUND:
            continue
        if not _says_something(words, at_least=2 if in_list else 4):
            continue
        if in_list:
            structured.append(piece)
        elif _CONTEXT.match(words):
            rest.append(piece)
        elif _ASKS.search(words):
            asking.append(piece)
        else:
            (working if _WORKS.search(words) else rest).append(piece)
    if structured:
        if any(piece.listed for piece in structured):
            # beside a list, prose mostly explains
            structured = [p for p in structured if p.listed or _speaks_of_work(text, p)]
        chosen = sorted(structured + asking, key=lambda p: p.start)
    elif has_lists:
        chosen = asking[:MAX_SENTENCES]
    else:
        chosen = (asking or working or rest)[:MAX_SENTENCES]
    return [_of_piece(text, piece) for piece in chosen]


def _speaks_of_work(text: str, piece: Piece) -> bool:
    words = text[piece.start : piece.end]
    asks = _ASKS.search(words) or _WORKS.search(words)
    return piece.section is Section.DEMANDED or bool(asks and not _CONTEXT.match(words))


def _of_piece(text: str, piece: Piece) -> Requirement:
    words = _OUTLAY.sub("", text[piece.start : piece.end])
    quantities = quantities_in(words)
    bounded = any((q.low is None) != (q.high is None) or q.tolerance for q in quantities)
    demanded = piece.section is Section.DEMANDED or bounded or bool(_MUST.search(words))
    must = demanded and not _WISH.search(words)
    return Requirement(
        words, Span("text", piece.start, piece.start + len(words)), must, False, quantities
    )


def _says_something(text: str, *, at_least: int = 4) -> bool:
    """Whether technical words are left once policy, courtesy and filler are taken away."""
    if _HISTORY.search(text) or _ANNOUNCES.search(text):
        return False
    left = _EMPTY.sub("", text)
    return sum(c.isalnum() for c in left) >= at_least


_MUST: Final = re.compile(
    r"必须|必需|务必|(?<!供)应(?=该|当|能|为|有|采用|满足|达到|具备|具有|符合|保证|确保|不|在)|须(?!知)"
    r"|(?:^|[，,、])[且并]?要求|不得|不允许|不低于|不小于|不少于|不高于|不大于|不超过"
)
_WISH: Final = re.compile(
    r"最好|优先|若能|如能|若可|如可|尽量|尽可能|更好|为佳|更佳|可选|可兼|不限|加分|有则|力争|争取|希望"
)
_ASKS: Final = re.compile(
    r"希望|需要(?!是)|需求|寻求|寻找|急需|亟需|亟待|迫切|征集|要求|拟(?!合)|想(?:要|找|把|改|从|通过|做|建|寻)|力求|攻克"
    r"|突破|[，。]?求(?:[能一]|从|.{0,8}(?:方案|工艺|技术|方法|设备))|难题|难点|瓶颈|目标是|旨在|如何|本项目|该项目|需(?=[对进引解])"
)
_WORKS: Final = re.compile(r"开发|研发|研制|研究|设计|实现|提高|降低|改造|改进|改善|解决|采用")
_CONTEXT: Final = re.compile(
    r"随着|近年来?|近几年|当今|当前|在(?:当前|当今|我国|国内|国外|现代)|我国|众所周知|其实|现阶段|目前我国|目前国内外?|传统的?"
    r"|国家|.{0,12}(?:公司|企业|单位|集团)(?:目前)?(?:成立|拥有|具有|位于|现有|主营|主要|专业|是|钢材|年产|已|先后|以)"
)
_ANNOUNCES: Final = re.compile(r"(?:以下|如下|下列|下述).{0,8}$")
_OUTLAY: Final = re.compile(r"[，,][^，,]{0,10}(?:预算|经费|联系人|联系电话|投资额).*$", re.DOTALL)
# sentences that tell who asks instead of what
_HISTORY: Final = re.compile(
    r"联系人|联系电话|联系方式|电话|手机号|邮箱|邮编|传真|微信|网址|@|公司简介|企业简介|成立(?:于|[一二三四五六七八九十0-9])|创立于|始建于|创建于"
    r"|注册资[金本]|占地|员工[0-9]|职工[0-9]|(?:年|总)产值|营业收入|销售收入|销售额|利税|税收|就业岗位"
    r"|高新技术企业|院士|博士后|重点实验室|工程技术研究中心|企业技术中心|授权.{0,6}专利|专利[0-9]+项|软件著作权"
    r"|获得.{0,12}(?:称号|认定|奖)|荣获|法人|董事长|总经理|(?:研发|项目)?(?:经费|预算|总投资)|已投入|科研人员|团队成员"
    r"|我[方司].{0,4}提供|可提供给|教授|硕士|学历|学位"
)
_EMPTY: Final = re.compile(
    r"产学研(?:用)?(?:合作|结合|协同)?|校企(?:合作|联合)|欢迎|洽谈|咨询|来电|面议|合作共赢|互利共赢|互惠互利|优势互补"
    r"|长期合作|战略合作|技术合作|合作|经济(?:效益|社会)|社会效益|环保效益|生态效益|环境效益|效益|显著|巨大|可观|良好"
    r"|国家|政府|政策|扶持|支持|号召|响应|产业结构|转型升级|高质量发展|创新驱动|科技成果转化|成果转化|乡村振兴|一带一路"
    r"|双碳|十[二三四]五|规划|战略|绿色发展|可持续发展|节能减排|循环经济|提质增效|做大做强|市场(?:竞争力|前景|需求)?"
    r"|前景|广阔|行业|产业化?|产业链|企业|公司|单位|我们?|本|贵|高校|院校|科研院所|科研机构|研究所|大学|学院|专家|人才"
    r"|团队|合作伙伴|供应商|希望|期望|能够|能|可以|通过|进行|找到|寻求|寻找|需要|需求|急需|亟需|迫切|解决|方法|方案"
    r"|办法|此|该|这|上述|以上|相关|有关|方面|问题|难题|难点|技术|工艺|研究|研发|开发|攻关|突破|提供|帮助|指导|服务"
    r"|共同|联合|开展|实现|达到|目标|要求|指标|内容|具体|主要|包括|如下|目前|现有?|已|较|更|好|大|高|一定|一个|一种|[一两三成]套|[两三]类|路线"
    r"|项目|产品|生产|发展|建设|推动|促进|提升|提高|带动|增加|就业|地方|当地|加强|推进|落实|贯彻|精神|意义|重要|重大|重点|关键"
    r"|符合|暂无|待定|另议|详见|附件|其[他它]|产生|将会?|会|一旦|带来|积极|[的了和与及等在对为是将并其以由从使到于中上下有无也都、，,。．.（）()：:；;\s]|因此|所以|并且|而且|但是?|如何|什么"
)
