"""A city's chains and segments by whatever people call them."""

from dataclasses import replace
from functools import lru_cache

from data import reference
from data.definitions import Definitions
from data.reference.names import fold


class ChainNames:
    """Finds chains and segments of a city's own definitions.

    A chain goes by its id, its Chinese or English name, an alias, or an id that it had
    before; width, case, blanks, punctuation and an ending such as ``产业链`` make no
    difference. A segment goes by its id, its Chinese name, or an earlier id.
    """

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._facts = replace(reference.reference(), chains=definitions.chains)
        self._renamed = {fold(old): old for old in definitions.renamed}
        self._segments: dict[str, list[str]] = {}
        for chain in definitions.chains:
            for segment in chain.segments:
                for name in {fold(segment.id), fold(segment.name_zh)}:
                    self._segments.setdefault(name, []).append(segment.id)

    def find(self, name: str) -> str | None:
        """The chain's id today, or None."""
        found = self._facts.find_chain(name)
        if found is None and fold(name) in self._renamed:
            found = self._definitions.today(self._renamed[fold(name)])
        return found if found in self._definitions.ids else None

    def nearest(self, name: str) -> list[str]:
        """Chinese names of at most three chains that were perhaps meant, best first."""
        return self._facts.nearest_chains(name)

    def all(self) -> list[str]:
        """Chinese names of all chains, in the city's order."""
        return [chain.name_zh for chain in self._definitions.chains]

    def find_segments(self, name: str) -> list[str]:
        """Ids of the segments that go by this name; two chains may call theirs alike."""
        wanted = fold(name)
        seen: set[str] = set()
        while wanted not in self._segments and wanted in self._renamed and wanted not in seen:
            seen.add(wanted)
            wanted = fold(self._definitions.renamed[self._renamed[wanted]])
        return self._segments.get(wanted, [])

    def all_segments(self) -> list[str]:
        """Chinese names of all segments."""
        return [s.name_zh for chain in self._definitions.chains for s in chain.segments]


@lru_cache(maxsize=1)
def packaged_names() -> ChainNames:
    """The packaged chains' names."""
    return ChainNames(Definitions(reference.chains(), {}))
