"""The chain tagger with the definitions that it tags by, and what it infers of records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from data import reference
from data.definitions import Definitions
from data.tags import Statement
from embeddings.encoder import Encoder
from matcher.chain import IndustryChain
from matcher.tag import ChainTagger, TagConfig
from matcher.tag_types import Tag
from matcher.text import document_of
from matcher.types import Achievement, Document, Need, Organization

Item = Need | Achievement | Organization

_SETTLED = TagConfig(none=-1e6)
"""For a tagger that is only asked where in its one chain a text belongs."""


def packaged_tagger(encoder: Encoder) -> ChainTagger:
    """Tags from the packaged definitions alone: what is evaluated."""
    return city_tagger(reference.chains(), encoder)


def city_tagger(chains: Sequence[IndustryChain], encoder: Encoder) -> ChainTagger:
    """Tags from a city's own chains, against the packaged fields outside them."""
    return ChainTagger(chains, encoder, outside=reference.outside_fields())


def infer(
    items: Sequence[Item],
    said: Mapping[str, Statement],
    definitions: Definitions,
    *,
    tagger: ChainTagger,
    encoder: Encoder,
) -> dict[str, tuple[Tag, ...]]:
    """Tags by item: the chains that people named, else those that the wording tells.

    A named chain weighs 1; where in that chain a posting stands the wording tells, if it
    tells it.

    Args:
        items: All of one kind.
        said: People's words by item; of the others the chains that they declare count.
        definitions: The city's chains.
        tagger: Over those chains.
        encoder: The tagger's.
    """
    named = {item.id: _named(item, said.get(item.id), definitions) for item in items}
    tags: dict[str, list[Tag]] = {item.id: [] for item in items}
    chains = {chain.id: chain for chain in definitions.chains}
    for chain_id in sorted({chain for of_item in named.values() for chain in of_item}):
        members = [item for item in items if chain_id in named[item.id]]
        found = _within(chain_id, chains.get(chain_id), members, encoder)
        for item, tag in zip(members, found, strict=True):
            tags[item.id].append(tag)
    unclear = [item for item in items if not named[item.id]]
    if unclear and chains:
        codes = {item.id: _codes(item) for item in unclear}
        told = tagger.tag([searchable(item) for item in unclear], codes=codes)
        tags |= {item.id: list(of_item) for item, of_item in zip(unclear, told, strict=True)}
    return {item_id: tuple(of_item) for item_id, of_item in tags.items()}


def searchable(item: Item) -> Document:
    """What a tagger reads of an item."""
    if isinstance(item, Organization):
        return Document(id=item.id, title=item.name, text=item.text)
    return document_of(item)


def _within(
    chain_id: str, chain: IndustryChain | None, members: Sequence[Item], encoder: Encoder
) -> list[Tag]:
    """Where items of one chain stand in it."""
    whole = Tag(chain_id, None, 1.0, ())
    # what an organisation says of itself is too wide for one segment
    if chain is None or isinstance(members[0], Organization):
        return [whole] * len(members)
    tagger = ChainTagger([chain], encoder, config=_SETTLED)
    found = tagger.tag([searchable(posting) for posting in members])
    # a posting without a word has no tag
    return [replace(tags[0], weight=1.0) if tags else whole for tags in found]


def _named(item: Item, said: Statement | None, definitions: Definitions) -> tuple[str, ...]:
    named: Iterable[str] = item.chains if said is None else (tag.chain for tag in said.tags)
    return tuple(dict.fromkeys(definitions.today(chain_id) for chain_id in named))


def _codes(item: Item) -> tuple[str, ...]:
    """IPC groups of an achievement, the class of GB/T 4754 of an enterprise."""
    if isinstance(item, Achievement):
        return item.ipc
    return (item.gbt4754,) if isinstance(item, Organization) and item.gbt4754 else ()
