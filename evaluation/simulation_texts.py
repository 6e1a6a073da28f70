"""What postings of a simulated city say: fields, their topics, and wordings for either side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from matcher.chain import IndustryChain, OutsideField, Segment

TOPIC_WORDINGS = 4
OUTSIDE_WORDINGS = 12
"""Wordings of one topic; of one field outside the chains."""


class Side(IntEnum):
    """Who speaks; the place of its own wordings in a topic."""

    ENTERPRISE = 0
    RESEARCH = 1


_TITLES = {
    Side.ENTERPRISE: (
        "{}技术需求",
        "寻求{}解决方案",
        "{}难题攻关",
        "{}工艺改进",
        "提升{}性能",
        "{}质量一致性差的问题",
    ),
    Side.RESEARCH: (
        "{}关键技术研究",
        "一种{}方法",
        "新型{}及其应用",
        "{}系统研制",
        "{}的理论与实验",
        "高性能{}",
    ),
}
_TEXTS = {
    Side.ENTERPRISE: (
        "生产中遇到{}方面的问题，成品率偏低，希望找到成熟可靠的办法。",
        "现有产品涉及{}，客户提出更高要求，拟与高校合作开发。",
        "围绕{}开展技术改造，以降低成本。",
    ),
    Side.RESEARCH: (
        "针对{}提出新的模型与方法，完成样机试制。",
        "研究了{}的机理，申请了专利，已在实验室验证。",
        "成果涉及{}，可用于相关企业的产品升级。",
    ),
}

Topic = tuple[tuple[str, ...], tuple[str, ...]]
"""Wordings that enterprises use, and those that researchers use."""


@dataclass(frozen=True, slots=True)
class Field:
    """A segment of a chain, or a part of an industry outside the chains.

    Attributes:
        industry: Id of the chain or of the industry outside.
        segment: None outside the chains.
        topics: At least one.
    """

    industry: str
    segment: Segment | None
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """How people write; the shares lie in [0, 1].

    Attributes:
        own_words: How often a side uses its own wordings of a topic, not the other's.
        vague: How often an enterprise's title names its industry and no topic; researchers
            do so half as often.
        aside: How often a text also mentions another field of its industry.
    """

    own_words: float = 0.7
    vague: float = 0.3
    aside: float = 0.3


def fields_of_chain(chain: IndustryChain) -> list[Field]:
    """One field per segment; its topics are neighbours in the definition's own order."""
    return [Field(chain.id, s, _topics((s.name_zh, *s.keywords, *s.terms))) for s in chain.segments]


def fields_outside(industry: OutsideField) -> list[Field]:
    """Parts of an industry that no chain covers."""
    parts = _parts(industry.terms, OUTSIDE_WORDINGS)
    return [Field(industry.id, None, _topics(part)) for part in parts]


def partly_known(chain: IndustryChain, share: float, random: np.random.Generator) -> IndustryChain:
    """The chain as a tagger knows it; names and the chain's own keywords stay."""
    segments = tuple(
        replace(s, keywords=some(s.keywords, share, random), terms=some(s.terms, share, random))
        for s in chain.segments
    )
    return replace(chain, segments=segments, terms=some(chain.terms, share, random))


def some(words: Sequence[str], share: float, random: np.random.Generator) -> tuple[str, ...]:
    """A share of the words, in their order."""
    kept = random.random(len(words)) < share
    return tuple(word for word, keep in zip(words, kept, strict=True) if keep)


def posting(
    side: Side,
    topic: Topic,
    *,
    general: Sequence[str],
    beside: Topic,
    speech: Speech,
    random: np.random.Generator,
) -> tuple[str, str]:
    """A title and a text.

    Args:
        side: Who writes.
        topic: What about.
        general: Words of the industry, for a vague title.
        beside: A topic of another field of the industry, mentioned in passing at times.
        speech: How people write.
        random: Draws wordings and sentences.
    """
    vague = speech.vague if side is Side.ENTERPRISE else speech.vague / 2
    titled = general if random.random() < vague else _wordings(side, topic, speech, random)
    title = _drawn(_TITLES[side], random).format(_drawn(titled, random))
    told = [_drawn(_wordings(side, topic, speech, random), random)]
    if random.random() < speech.aside:
        told.append(_drawn(_wordings(side, beside, speech, random), random))
    frames = [_TEXTS[side][i] for i in random.permutation(len(_TEXTS[side]))]
    return title, "".join(f.format(word) for f, word in zip(frames, told, strict=False))


def _wordings(
    side: Side, topic: Topic, speech: Speech, random: np.random.Generator
) -> tuple[str, ...]:
    own, other = topic[side], topic[1 - side]
    return own if not other or random.random() < speech.own_words else other


def _drawn(words: Sequence[str], random: np.random.Generator) -> str:
    return words[int(random.integers(len(words)))]


def _topics(words: Sequence[str]) -> tuple[Topic, ...]:
    return tuple((part[::2], part[1::2]) for part in _parts(words, TOPIC_WORDINGS))


def _parts(words: Iterable[str], size: int) -> list[tuple[str, ...]]:
    """Parts of at least so many words, if there are so many; the last takes what is left."""
    words = tuple(dict.fromkeys(words))
    starts = range(0, max(1, len(words) - size + 1), size)
    ends = [*starts[1:], len(words)]
    return [words[start:end] for start, end in zip(starts, ends, strict=True)]
