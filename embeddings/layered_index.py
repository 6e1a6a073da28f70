"""A large index as it was, with the few vectors that changed since laid over it."""

from collections.abc import Collection, Sequence
from typing import Self

import numpy as np

from embeddings.encoder import FloatArray
from embeddings.exact_index import ExactIndex
from embeddings.index import Hit, VectorSearch
from embeddings.index_errors import UnknownId


class LayeredIndex:
    """Searches like an index of what is left of ``base`` and of ``newer`` together.

    Never altered: ``with_changes`` gives another one that shares the base, so whoever
    searches meanwhile goes on with what he has.

    Implements ``VectorSearch``; see there for arguments and errors.

    Args:
        base: Is not altered any more, by nobody.
        newer: The same.
        covered: Ids of the base that count no more, such as those that ``newer`` holds, too.
    """

    def __init__(
        self, base: VectorSearch, newer: ExactIndex | None = None, covered: Collection[str] = ()
    ) -> None:
        self._base = base
        self._newer = ExactIndex(base.dim) if newer is None else newer
        self._covered = frozenset(covered)

    @property
    def dim(self) -> int:
        return self._base.dim

    @property
    def changes(self) -> int:
        """Vectors laid over the base or covered up."""
        return len(self._newer) + len(self._covered)

    def __len__(self) -> int:
        return len(self._base) - len(self._covered) + len(self._newer)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._newer or (id_ in self._base and id_ not in self._covered)

    def ids(self) -> list[str]:
        return [i for i in self._base.ids() if i not in self._covered] + self._newer.ids()

    def with_changes(
        self, ids: Sequence[str], vectors: FloatArray, removed: Collection[str] = ()
    ) -> Self:
        """The same with some vectors put in, or in the place of others.

        Args:
            ids: One distinct id per vector.
            vectors: (len(ids), dim) float32 unit rows; they are copied.
            removed: Ids to be left out; unknown ones are passed over.

        Raises:
            DuplicateId, CountMismatch, NotUnitLength: as for ``VectorIndex.add``.
        """
        gone = {*removed, *ids}
        newer = ExactIndex(self.dim)
        stay = [i for i in self._newer.ids() if i not in gone]
        newer.add(stay, self._newer.vectors(stay))
        newer.add(ids, vectors)
        covered = self._covered.union(i for i in gone if i in self._base)
        return type(self)(self._base, newer, covered)

    def vectors(self, ids: Sequence[str]) -> FloatArray:
        if unknown := [i for i in ids if i not in self]:
            raise UnknownId(unknown)
        newer = np.array([i in self._newer for i in ids], np.bool_)
        found = np.empty((len(ids), self.dim), np.float32)
        for index, places in ((self._base, ~newer), (self._newer, newer)):
            found[places] = index.vectors([ids[place] for place in np.flatnonzero(places).tolist()])
        return found

    def search(
        self, vectors: FloatArray, *, k: int, allowed: Collection[str] | None = None
    ) -> list[list[Hit]]:
        older = self._base.search(vectors, k=k + len(self._covered), allowed=allowed)
        newer = self._newer.search(vectors, k=k, allowed=allowed)
        return [
            sorted(
                [*(hit for hit in below if hit.id not in self._covered), *above],
                key=lambda hit: (-hit.score, hit.id),
            )[:k]
            for below, above in zip(older, newer, strict=True)
        ]
