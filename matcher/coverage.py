"""Which requirements of a need a document answers, and with which sentence."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from matcher.comparison import Verdict
from matcher.doubtful import doubtful_figures
from matcher.figures import Figure, asks_for_figures, figures_of, settled, standing
from matcher.ngrams import count_ngrams
from matcher.requirements import Requirement
from matcher.retrieve import FloatArray
from matcher.sentences import Sentences, sentences_of
from matcher.span import Span
from matcher.text import fold
from matcher.types import Document

ANSWERED: Final = 0.3
"""Strength from which a sentence is shown: where readers found most answers true."""

SINGLE: Final = 0.3
"""Weight of a single character beside a pair: half the sentences share 温 or 度."""

BENEFIT_OF_DOUBT: Final = 1.2
"""Pairs as rare as any that a requirement is thought to hold beyond its own: 颗粒 alone
says too little to be answered in full."""

ENOUGH: Final = 9.5
"""Pairs as rare as any in which a long requirement is answered in full."""

BY_FIGURES: Final = 0.15
"""Strength from which a sentence is shown that meets two figures of a requirement: names such
as 外径 and 质量 are short, and agreeing figures say more than as many characters of prose."""

ENOUGH_FIGURES: Final = 2
"""Figures that such a sentence must meet."""

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
        met: Whether the sentence answers it, with each figure where figures are the point.
            A sentence that does not is near: it offers 75 % where 80 % are wanted, one
            figure of two, or a figure that cannot be compared.
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
    read = [sentences_of(document) for document in documents]
    strengths = _overlap(requirements, read, idf)
    if similarity is not None:
        sentences = [sentence for one in read for sentence in one.texts]
        meaning = similarity([r.text for r in requirements], sentences)
        strengths = np.asarray((strengths + np.clip(meaning, 0.0, 1.0)) / 2, dtype=np.float32)
    starts = np.cumsum([0, *(len(one.places) for one in read)])
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


def _overlap(
    requirements: Sequence[Requirement], read: Sequence[Sentences], idf: FloatArray
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
    requirements: Sequence[Requirement], document: Sentences, strengths: FloatArray
) -> tuple[Answer, ...]:
    best = strengths.max(axis=1).tolist()

    def answer(row: int, requirement: Requirement) -> Answer:
        if best[row] >= BY_FIGURES and asks_for_figures(requirement):
            return _answer_in_figures(row, requirement, document, strengths[row])
        if best[row] >= ANSWERED:
            return _answer(row, requirement, document, strengths[row])
        return Answer(row, best[row])

    return tuple(answer(row, requirement) for row, requirement in enumerate(requirements))


def _answer(
    row: int, requirement: Requirement, document: Sentences, strengths: FloatArray
) -> Answer:
    """The strongest sentence, or one nearly as strong that settles a figure."""
    order = _strongest(strengths)
    if not requirement.quantities:
        order = order[:1]
    told = [(figures_of(requirement, document.quote(at, at)), at) for at in order]
    figures, at = next((t for t in told if settled(t[0])), told[0])
    met = all(figure.verdict is not Verdict.UNMET for figure in figures)
    met = met and not doubtful_figures([requirement])
    return Answer(
        row, float(strengths[at]), document.quote(at, at), document.span(at, at), figures, met
    )


def _answer_in_figures(
    row: int, requirement: Requirement, document: Sentences, strengths: FloatArray
) -> Answer:
    """The sentence, or two in a row, that speaks of most figures; words alone answer none.

    A sentence that is weak in words is believed when it meets two figures by their names.
    """
    strong = _strongest(strengths)
    told = [(at, at) for at in strong]
    if sum(quantity.is_bound for quantity in requirement.quantities) > 1:
        told += [(at, at + 1) for at in strong if document.neighbours(at)]
        told += [(at - 1, at) for at in strong if document.neighbours(at - 1)]
        told += [(at, at) for at in np.flatnonzero(strengths >= BY_FIGURES).tolist()]
    best, most = Answer(row, float(strengths.max())), (0, 0)
    for first, last in told:
        figures = figures_of(requirement, document.quote(first, last))
        found = standing(requirement, figures)
        weak = not any(at in strong for at in (first, last))
        if (found.settled, found.named) <= most or (weak and found.met < ENOUGH_FIGURES):
            continue
        strength = float(strengths[first : last + 1].max())
        quote, span = document.quote(first, last), document.span(first, last)
        best = Answer(row, strength, quote, span, figures, found.met == found.wanted)
        most = found.settled, found.named
    return best


def _strongest(strengths: FloatArray) -> list[int]:
    """Sentences strong enough to be shown and nearly as strong as the strongest, best first."""
    nearly = max(ANSWERED, 0.75 * float(strengths.max()))
    order = np.argsort(-strengths, kind="stable").tolist()
    return [at for at in order if strengths[at] >= nearly]


def _summary(requirements: Sequence[Requirement], answers: tuple[Answer, ...]) -> Coverage:
    must = [answer.met for answer, r in zip(answers, requirements, strict=True) if r.must]
    other = [answer.met for answer, r in zip(answers, requirements, strict=True) if not r.must]
    return Coverage(
        answers,
        must=sum(must) / len(must) if must else math.nan,
        all=(2 * sum(must) + sum(other)) / (2 * len(must) + len(other)) if answers else math.nan,
    )
