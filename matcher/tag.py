"""Which industry chains a text serves, with the words that say so; "none" is an answer.

Two kinds of evidence are added. Terms of the definitions that the text uses count by their
length, those in the title most. And each chain's nearest terms in the embedding space speak
for it even where no word is shared. The fields outside the chains compete on equal footing:
a text is of no chain when they explain it better.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from embeddings.chunk import encode_long
from embeddings.encoder import Encoder, FloatArray, Role
from matcher.chain import IndustryChain, OutsideField
from matcher.tag_terms import TermIndex
from matcher.tag_types import Learned, Tag, TagConfig
from matcher.text import clean, has_words, whole
from matcher.types import Document

_BLOCK = 1_000
_TINY = 1e-9

__all__ = ["ChainTagger", "Learned", "Tag", "TagConfig"]


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """What a block of texts offers: (texts, terms) evidence by words and by meaning."""

    words: sparse.csr_matrix
    meaning: FloatArray
    vectors: FloatArray


class ChainTagger:
    """Tags texts from the chains' definitions, and from labels where it was trained.

    A text's tags depend on that text alone, not on the others given with it.

    Args:
        chains: Their order is the order of the columns in ``scores``; ids are unique.
        encoder: Best a ``CachedEncoder``: the terms are encoded once per tagger.
        outside: Fields that speak for "none".
        learned: What ``train_tagger`` found.
    """

    def __init__(
        self,
        chains: Sequence[IndustryChain],
        encoder: Encoder,
        *,
        outside: Sequence[OutsideField] = (),
        config: TagConfig | None = None,
        learned: Learned | None = None,
    ) -> None:
        self.chains = tuple(chains)
        self.config = config or TagConfig()
        self._encoder = encoder
        self._outside = tuple(outside)
        self._learned = learned
        self._index = TermIndex(self.chains, self._outside)

    def with_learned(self, learned: Learned | None) -> "ChainTagger":
        """The same tagger with another learned part, or with none."""
        other = ChainTagger(
            self.chains, self._encoder, outside=self._outside, config=self.config, learned=learned
        )
        if "_terms" in self.__dict__:
            # encoded already: the costly part, and the same
            other.__dict__["_terms"] = self._terms
        return other

    def tag(
        self, documents: Sequence[Document], *, codes: Mapping[str, Sequence[str]] | None = None
    ) -> list[tuple[Tag, ...]]:
        """The chains of each document, heaviest first; empty for one of no chain.

        Args:
            documents: Texts of any length; one without a word belongs to no chain.
            codes: Document id to its IPC classes and its organisation's GB/T 4754 code.
        """
        tags: list[tuple[Tag, ...]] = [()] * len(documents)
        for places in self._blocks(documents):
            some = [documents[i] for i in places]
            given = [tuple((codes or {}).get(d.id, ())) for d in some]
            reading = self._read(some)
            scores = self._scores(reading) + self.config.code * self._code_counts(given)
            shares = self._probabilities(scores, reading.vectors)
            for row, place in enumerate(places):
                tags[place] = self._tags(reading, row, shares[row], given[row])
        return tags

    def scores(self, documents: Sequence[Document]) -> FloatArray:
        """What the definitions alone say.

        Returns:
            (documents, chains + 1) float32, "none" last; comparable within a row. A
            document without a word has 0 everywhere but 1 for none.
        """
        scores = np.zeros((len(documents), len(self.chains) + 1), np.float32)
        scores[:, -1] = 1
        for places in self._blocks(documents):
            scores[places] = self._scores(self._read([documents[i] for i in places]))
        return scores

    def features(self, documents: Sequence[Document]) -> FloatArray:
        """What a model learns from: centred scores, then the mean vector.

        Returns:
            (documents, chains + 1 + encoder.dim) float32; zeros for one without a word.
        """
        width = len(self.chains) + 1 + self._encoder.dim
        features = np.zeros((len(documents), width), np.float32)
        for places in self._blocks(documents):
            reading = self._read([documents[i] for i in places])
            features[places] = _features(self._scores(reading), reading.vectors)
        return features

    def _blocks(self, documents: Sequence[Document]) -> Iterator[list[int]]:
        """Places of the documents with words, some at a time."""
        if not self._index.wordings:
            return
        speaking = [i for i, d in enumerate(documents) if has_words(d.title + d.text)]
        for start in range(0, len(speaking), _BLOCK):
            yield speaking[start : start + _BLOCK]

    def _read(self, documents: Sequence[Document]) -> _Reading:
        titles = [clean(d.title if has_words(d.title) else d.text) for d in documents]
        centre, terms = self._terms
        # with a cache nearly free: search encodes a query's title so, the index a whole document
        of_titles = encode_long(self._encoder, titles, role=Role.QUERY)
        of_wholes = encode_long(self._encoder, [whole(d) for d in documents], role=Role.DOCUMENT)
        both = _unit(of_titles - centre) + _unit(of_wholes - centre)
        in_title = self._index.counts([d.title for d in documents])
        in_title.data[:] = self.config.title
        in_text = self._index.counts([d.text for d in documents])
        fading = [
            self.config.read_chars / max(self.config.read_chars, len(d.text)) for d in documents
        ]
        in_text.data = np.log1p(in_text.data) * self.config.text
        words = in_title + sparse.diags_array(np.array(fading, np.float32)) @ in_text
        meaning = np.asarray(both @ terms.T, np.float32)
        telling = sparse.diags_array(self._index.lengths() / 2)
        return _Reading(sparse.csr_matrix(words @ telling), meaning, _unit(both))

    @cached_property
    def _terms(self) -> tuple[FloatArray, FloatArray]:
        """(dim,) the terms' mean, and (terms, dim) unit vectors around it."""
        vectors = encode_long(self._encoder, self._index.texts(), role=Role.DOCUMENT)
        centre = np.asarray(vectors.mean(axis=0), np.float32)
        return centre, _unit(vectors - centre)

    @cached_property
    def _chain_owners(self) -> FloatArray:
        """(chains + 1, terms): as ``owners``, and a term of two chains speaks half for each."""
        owners = np.zeros((len(self.chains) + 1, len(self._index.wordings)), np.float32)
        np.maximum.at(owners, self._index.columns(), self._index.owners)
        return np.asarray(owners / np.maximum(1, (owners > 0).sum(axis=0)), np.float32)

    def _scores(self, reading: _Reading) -> FloatArray:
        owners = self._chain_owners
        scores = np.asarray(reading.words @ owners.T, np.float32)
        scores[:, :-1] -= self.config.wordless * (scores[:, :-1] == 0)
        for column, owned in enumerate(owners > 0):
            if owned.any():
                cosines = reading.meaning[:, owned]
                k = min(self.config.nearest, cosines.shape[1])
                best = np.partition(cosines, cosines.shape[1] - k, axis=1)[:, -k:]
                scores[:, column] += self.config.meaning * best.mean(axis=1)
        scores[:, -1] += self.config.none
        return scores

    def _code_counts(self, given: Sequence[Sequence[str]]) -> FloatArray:
        counts = np.zeros((len(given), len(self.chains) + 1), np.float32)
        for row, codes in enumerate(given):
            for column, chain in enumerate(self.chains):
                counts[row, column] = any(code.startswith(chain.codes) for code in codes)
        return counts

    def _probabilities(self, scores: FloatArray, vectors: FloatArray) -> FloatArray:
        defined = _softmax(scores)
        if self._learned is None:
            return defined
        features = _features(scores, vectors)
        learned = _softmax(features @ self._learned.coefficients.T + self._learned.intercepts)
        return self._learned.share * learned + (1 - self._learned.share) * defined

    def _tags(
        self, reading: _Reading, row: int, shares: FloatArray, codes: Sequence[str]
    ) -> tuple[Tag, ...]:
        order = np.argsort(-shares, kind="stable").tolist()
        if order[0] == len(self.chains):
            return ()
        kept = [c for c in order if c == order[0] or shares[c] >= self.config.also]
        words = reading.words[[row]].toarray()[0]
        return tuple(
            self._tag(column, float(shares[column]), words, reading.meaning[row], codes)
            for column in kept
            if column < len(self.chains)
        )

    def _tag(
        self, column: int, weight: float, words: FloatArray, near: FloatArray, codes: Sequence[str]
    ) -> Tag:
        chain = self.chains[column]
        owned = self._chain_owners[column] > 0
        order = np.argsort(-(words * owned), kind="stable")[: self.config.quoted]
        evidence = [self._index.wordings[i] for i in order if words[i] * owned[i] > 0]
        evidence += [code for code in codes if code.startswith(chain.codes)]
        if not evidence:
            evidence = [f"≈{self._index.wordings[int(np.argmax(np.where(owned, near, -np.inf)))]}"]
        segment = self._segment(column, words, near)
        return Tag(chain.id, segment, min(1.0, weight), tuple(evidence))

    def _segment(self, column: int, words: FloatArray, near: FloatArray) -> str | None:
        """The best of the chain's segments that share a word with the text or are near it."""
        best, most = None, -np.inf
        for topic, terms in zip(self._index.topics, self._index.owners, strict=True):
            if topic.column != column or topic.segment is None:
                continue
            shared = float(words @ terms)
            nearness = float(near[terms > 0].max(initial=-2.0))
            fit = shared + self.config.meaning * nearness
            if (shared or nearness >= self.config.segment) and fit > most:
                best, most = topic.segment, fit
        return best


def _features(scores: FloatArray, vectors: FloatArray) -> FloatArray:
    centred = scores - scores.mean(axis=1, keepdims=True)
    # so scaled, a linear model under one penalty draws on both
    return np.hstack([centred / 2, vectors * 8]).astype(np.float32)


def _softmax(scores: FloatArray) -> FloatArray:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _TINY), np.float32)
