"""The city's chains as they are defined now, and what ids that are gone mean today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from matcher.chain import IndustryChain
from matcher.tag_types import Tag


@dataclass(frozen=True, slots=True)
class Definitions:
    """The city's chains as they stand, and the ids that are gone.

    Attributes:
        renamed: Old id to the one that took its place, which may be gone as well.
    """

    chains: tuple[IndustryChain, ...]
    renamed: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """32 hex digits over everything that the chains and the renames say."""
        return _fingerprint(self.chains, tuple(sorted(self.renamed.items())))

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the chains."""
        return frozenset(chain.id for chain in self.chains)

    def today(self, chain_id: str) -> str:
        """The chain that an id means now; the id itself where nobody knows."""
        seen: set[str] = set()
        now = chain_id
        while now not in self.ids and now in self.renamed and now not in seen:
            seen.add(now)
            now = self.renamed[now]
        return now if now in self.ids else chain_id

    def gone(self, tags: Iterable[Tag]) -> tuple[str, ...]:
        """Chains and segments of these tags that do not exist."""
        segments = {segment.id for chain in self.chains for segment in chain.segments}
        lost = [tag.chain for tag in tags if tag.chain not in self.ids]
        lost += [tag.segment for tag in tags if tag.segment and tag.segment not in segments]
        return tuple(dict.fromkeys(lost))


# asked at every question, about definitions that change once a year
@lru_cache(maxsize=4)
def _fingerprint(chains: tuple[IndustryChain, ...], renamed: tuple[tuple[str, str], ...]) -> str:
    plain = repr((chains, renamed))
    return blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
