"""Which requirements of a need a document answers, and with which sentence."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from scipy import sparse

from matcher.figures import Figure, asks_for_figures, figures_of, is_bound, settled
from matcher.ngrams import count_ngrams
from matcher.quantities import Verdict
from matcher.requirements import Requirement
from matcher.retrieve import FloatArray
from matcher.span import Span, span_of
from matcher.text import fold
from matcher.types import Document, Part

ANSWERED: Final = 0.3
"""Strength from which a sentence is shown: where readers found most answers true."""

SINGLE: Final = 0.3
"""Weight of a single character beside a pair: half the sentences share 温 or 度."""

BENEFIT_OF_DOUBT: Final = 1.2
"""Pairs as rare as any that a requirement is thought to hold beyond its own: 颗粒 alone
says too little to be answered in full."""

ENOUGH: Final = 9.5
"""Pairs as rare as any in which a long requirement is answered in full."""

MAX_SENTENCES = 64
"""Sentences looked at in one document."""

MAX_SENTENCE_CHARS = 200
"""Longer sentences are cut at this length."""

Similarity = Callable[[Sequence[str], Sequence[str]], FloatArray]
"""(items, sentences) to a (len(items), len(sentences)) float32 array in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one document has to say to one requirement.

    Attributes:
        requirement: Its place in the list of requirements.
        strength: How much of it the best sentence holds, in [0, 1].
        sentence: That sentence as written; None when it is too weak to be shown.
        span: Where it stands in the document; None with the sentence.
        figures: One for each figure that the requirement asks for.
        met: Whether the sentence answers it. A sentence that does not is near: it offers
            75 % where 80 % are wanted, or a figure that cannot be compared.
    """

    requirement: int
    strength: float
    sentence: str | None = None
    span: Span | None = None
    figures: tuple[Figure, ...] = ()
    met: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one document answers a need.

    Attributes:
        answers: One for each requirement, in the order of the requirements.
        must: Share of the must-haves that are answered, in [0, 1]; NaN without must-haves.
        all: Share of all requirements, must-haves counting double; NaN without any.
    """

    answers: tuple[Answer, ...]
    must: float
    all: float


def coverage(
    requirements: Sequence[Requirement],
    documents: Sequence[Document],
    *,
    idf: FloatArray,
    similarity: Similarity | None = None,
) -> list[Coverage]:
    """How far each document answers the requirements.

    The strength of a sentence is the share of the requirement's character 1- and 2-grams
    that it holds, each weighted by its rarity, pairs more than single characters; a title
    is a sentence. Very short requirements never reach 1, and long ones need not be held in
    full. With ``similarity`` it is the mean of that and the similarity.

    Args:
        requirements: See ``requirements_of``.
        documents: The candidates, all at once.
        idf: (2**20,) float32, at least 1: rarity of each n-gram (``LexicalRetriever.idf``).
        similarity: How close in meaning sentences are; lexical only when None.

    Returns:
        One per document, in their order.
    """
    if not requirements or not documents:
        return [_summary(requirements, ()) for _ in documents]
    read = [_read(document) for document in documents]
    strengths = _overlap(requirements, read, idf)
    if similarity is not None:
        sentences = [sentence for one in read for sentence in one.sentences]
        meaning = similarity([r.text for r in requirements], sentences)
        strengths = np.asarray((strengths + np.clip(meaning, 0.0, 1.0)) / 2, dtype=np.float32)
    starts = np.cumsum([0, *(len(one.sentences) for one in read)])
    return [
        _summary(requirements, _answers(requirements, one, strengths[:, start:end]))
        for one, start, end in zip(read, starts, starts[1:], strict=False)
    ]


def open_must_haves(
    requirements: Sequence[Requirement], covered: Coverage
) -> tuple[Requirement, ...]:
    """The must-haves that a document leaves open, in their order."""
    return tuple(
        requirement
        for requirement, answer in zip(requirements, covered.answers, strict=True)
        if requirement.must and not answer.met
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """A document's sentences with their places and n-grams."""

    sentences: tuple[str, ...]
    spans: tuple[Span, ...]
    ngrams: sparse.csr_matrix


_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_TEXT = (Part("text", 0),)


@lru_cache(maxsize=4096)
def _read(document: Document) -> _Read:
    sentences, spans = [document.title], [Span("title", 0, len(document.title))]
    for found in _SENTENCE.finditer(document.text):
        text = found[0][:MAX_SENTENCE_CHARS]
        start = found.start() + len(text) - len(text.lstrip())
        text = text.strip()
        if len(text) > 1:
            sentences.append(text)
            spans.append(span_of(document.parts or _TEXT, start, start + len(text)))
        if len(sentences) == MAX_SENTENCES:
            break
    counted = count_ngrams([fold(sentence) for sentence in sentences])
    return _Read(tuple(sentences), tuple(spans), counted)


def _overlap(
    requirements: Sequence[Requirement], read: Sequence[_Read], idf: FloatArray
) -> FloatArray:
    """(n_requirements, n_sentences) float32, rarity-weighted share of n-grams held."""
    words = [_telling(requirement) for requirement in requirements]
    wanted = count_ngrams(words)
    single = np.isin(wanted.indices, count_ngrams([" ".join(word) for word in words]).indices)
    rarity = np.where(single, SINGLE, 1.0) * (idf[wanted.indices] - 1.0)
    columns, places = np.unique(wanted.indices, return_inverse=True)
    weights = sparse.csr_matrix(
        (rarity.astype(np.float32), places, wanted.indptr), shape=(len(words), len(columns))
    ).toarray()
    # n-grams that nobody asks for are left out before anything is multiplied
    place = np.full(wanted.shape[1], -1, dtype=np.int32)
    place[columns] = np.arange(len(columns))
    indices = place[np.concatenate([one.ngrams.indices for one in read])]
    lengths = np.concatenate([np.diff(one.ngrams.indptr) for one in read])
    rows = np.repeat(np.arange(len(lengths)), lengths)
    asked = indices >= 0
    held = sparse.csr_matrix(
        (np.ones(asked.sum(), dtype=np.float32), (rows[asked], indices[asked])),
        shape=(len(lengths), len(columns)),
    )
    rarest = max(float(idf.max()) - 1.0, 1.0)
    totals = np.minimum(weights.sum(axis=1, keepdims=True), ENOUGH * rarest)
    totals += BENEFIT_OF_DOUBT * rarest
    return np.asarray(np.minimum((held @ (weights / totals).T).T, 1.0), dtype=np.float32)


_FILLER: Final = re.compile(
    r"可?用于|适用于?|希望|要求|需要|需求|寻求|征集|解决|能够|可以|实现|具有|具备|提供|采用|进行|通过|满足|达到|方案|问题|难题|目标|相关|有效"
    r"|以及|并且|同时|研究|研发|开发|技术|应用|关键|现有|我司|我公司|公司|企业|产品|项目|生产|一种|一套|不低于|不超过|不高于"
)


def _telling(requirement: Requirement) -> str:
    """The words that an answer must hold; figures are compared as figures."""
    text, end, words = requirement.text, 0, []
    for quantity in requirement.quantities:
        words.append(text[end : quantity.span[0]])
        end = quantity.span[1]
    words.append(text[end:])
    plain = re.sub(r"[^\w]+", " ", _FILLER.sub(" ", fold(" ".join(words))))
    return plain if len(plain.strip()) > 1 else fold(text)


def _answers(
    requirements: Sequence[Requirement], document: _Read, strengths: FloatArray
) -> tuple[Answer, ...]:
    best = strengths.max(axis=1).tolist()
    return tuple(
        _answer(row, requirement, document, strengths[row])
        if best[row] >= ANSWERED
        else Answer(row, best[row])
        for row, requirement in enumerate(requirements)
    )


def _answer(row: int, requirement: Requirement, document: _Read, strengths: FloatArray) -> Answer:
    """The strongest sentence, or one nearly as strong that settles a figure."""
    nearly = max(ANSWERED, 0.75 * float(strengths.max()))
    order = [int(at) for at in np.argsort(-strengths, kind="stable") if strengths[at] >= nearly]
    if not requirement.quantities:
        order = order[:1]
    told = [(figures_of(requirement, document.sentences[at]), at) for at in order]
    figures, at = next((t for t in told if settled(t[0])), told[0])
    answer = Answer(row, float(strengths[at]), document.sentences[at], document.spans[at], figures)
    if not asks_for_figures(requirement):
        return replace(answer, met=all(f.verdict is not Verdict.UNMET for f in figures))
    bounds = [f for f, q in zip(figures, requirement.quantities, strict=True) if is_bound(q)]
    if all(figure.offered is None for figure in bounds):
        # words alone answer no question for a figure
        return Answer(row, answer.strength)
    verdicts = {figure.verdict for figure in bounds}
    return replace(answer, met=Verdict.MET in verdicts and Verdict.UNMET not in verdicts)


def _summary(requirements: Sequence[Requirement], answers: tuple[Answer, ...]) -> Coverage:
    must = [answer.met for answer, r in zip(answers, requirements, strict=True) if r.must]
    other = [answer.met for answer, r in zip(answers, requirements, strict=True) if not r.must]
    return Coverage(
        answers,
        must=sum(must) / len(must) if must else math.nan,
        all=(2 * sum(must) + sum(other)) / (2 * len(must) + len(other)) if answers else math.nan,
    )
