"""The chain tagger with the definitions that it tags by."""

from collections.abc import Sequence

from data import reference
from embeddings.encoder import Encoder
from matcher.chain import IndustryChain
from matcher.tag import ChainTagger


def packaged_tagger(encoder: Encoder) -> ChainTagger:
    """Tags from the packaged definitions alone: what is evaluated."""
    return city_tagger(reference.chains(), encoder)


def city_tagger(chains: Sequence[IndustryChain], encoder: Encoder) -> ChainTagger:
    """Tags from a city's own chains, against the packaged fields outside them."""
    return ChainTagger(chains, encoder, outside=reference.outside_fields())
