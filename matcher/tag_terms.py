"""The words of the chain definitions, and where a text uses them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from embeddings.encoder import FloatArray
from matcher.chain import IndustryChain, OutsideField
from matcher.text import clean, fold


@dataclass(frozen=True, slots=True)
class Topic:
    """What a term can belong to: a segment, a chain as a whole, or a field outside.

    Attributes:
        column: Place of its chain among the chains; one past the last for fields outside.
    """

    column: int
    chain: str | None
    segment: str | None


class TermIndex:
    """Every term of the definitions once, with its topics, ready to be found in texts.

    Where several terms start at one place the longest is found and hides those within it,
    so that ``燃料电池`` is no ``电池``. A term that begins or ends with a Latin letter or digit
    counts only as a whole word.

    Attributes:
        wordings: The terms as the definitions write them; their places are the columns of
            ``counts``.
        topics: The rows of ``owners``: per chain the chain itself and its segments, then the
            fields outside.
        owners: (topics, terms) float32, how far a term speaks for a topic, in [0, 1].
    """

    def __init__(self, chains: Sequence[IndustryChain], outside: Sequence[OutsideField]) -> None:
        self.topics: list[Topic] = []
        self.wordings: list[str] = []
        self._place: dict[str, int] = {}
        weights: dict[tuple[int, int], float] = {}
        for topic, terms, weight in _definitions(chains, outside):
            self.topics.append(topic)
            for wording in terms:
                if place := self._place_of(wording):
                    weights[len(self.topics) - 1, place - 1] = weight
        self.owners: FloatArray = np.zeros((len(self.topics), len(self.wordings)), np.float32)
        for cell, weight in weights.items():
            self.owners[cell] = weight
        self._starting: dict[str, list[str]] = defaultdict(list)
        for form in sorted(self._place, key=lambda form: (-len(form), form)):
            self._starting[form[0]].append(form)

    def texts(self) -> list[str]:
        """The terms as an encoder reads them, in the role of documents."""
        return [clean(wording) for wording in self.wordings]

    def columns(self) -> NDArray[np.intp]:
        """(topics,) the column of each topic."""
        return np.array([topic.column for topic in self.topics], dtype=np.intp)

    def lengths(self) -> FloatArray:
        """(terms,) characters of each term as it is compared."""
        return np.array([len(form) for form in self._place], dtype=np.float32)

    def counts(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """How often each text uses each term.

        Returns:
            (texts, terms) float32.
        """
        found = [Counter(self._found(fold(text))) for text in texts]
        indptr = np.cumsum([0, *map(len, found)])
        indices = np.array([place for row in found for place in row], dtype=np.int32)
        data = np.array([n for row in found for n in row.values()], dtype=np.float32)
        return sparse.csr_matrix((data, indices, indptr), shape=(len(found), len(self.wordings)))

    def _place_of(self, wording: str) -> int:
        """Place of the term, counted from 1; 0 for one without a character."""
        form = fold(wording)
        if not form:
            return 0
        if form not in self._place:
            self._place[form] = len(self.wordings)
            self.wordings.append(wording)
        return self._place[form] + 1

    def _found(self, text: str) -> Iterable[int]:
        start = 0
        while start < len(text):
            for form in self._starting.get(text[start], ()):
                if text.startswith(form, start) and _whole(text, start, start + len(form)):
                    yield self._place[form]
                    start += len(form) - 1
                    break
            start += 1


def _definitions(
    chains: Sequence[IndustryChain], outside: Sequence[OutsideField]
) -> Iterable[tuple[Topic, tuple[str, ...], float]]:
    for column, chain in enumerate(chains):
        whole = (chain.name_zh, *chain.aliases, *chain.keywords, *chain.terms)
        yield Topic(column, chain.id, None), whole, 1.0
        for segment in chain.segments:
            terms = (segment.name_zh, *segment.keywords, *segment.terms)
            yield Topic(column, chain.id, segment.id), terms, 1.0
    for field in outside:
        yield Topic(len(chains), None, None), (field.name_zh, *field.terms), field.weight


def _whole(text: str, start: int, end: int) -> bool:
    return not (
        (start and _latin(text[start]) and _latin(text[start - 1]))
        or (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))
    )


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
