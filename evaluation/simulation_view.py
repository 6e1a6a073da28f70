"""What can be seen of a simulated city: its texts as a pipeline measures them, and its graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.exact_index import ExactIndex
from evaluation.simulation_city import City
from matcher.adapt import fit_adapter
from matcher.dense import document_vectors
from matcher.graph.build import city_graph
from matcher.graph.relations import GraphRelations
from matcher.graph.schema import Cooperation
from matcher.lexical import LexicalRetriever
from matcher.pipeline import default_pipeline
from matcher.signals import NAMES, SIGNALS, Group, Values
from matcher.tag import ChainTagger
from matcher.tag_types import Tag
from matcher.text import document_of, query_of
from matcher.types import Document

if TYPE_CHECKING:
    import networkx as nx

GRAPH_SIGNALS = tuple(signal.name for signal in SIGNALS if signal.group is Group.CHAINS)

GRADED = 100
"""Candidates that are ranked for each need: the best by text."""


@dataclass(frozen=True, slots=True)
class View:
    """What a ranker can know of one city.

    Attributes:
        pools: (needs, candidates) places of achievements, best by text first.
        values: (needs, candidates, signals) what is measured of them; NaN where unknown.
    """

    pools: NDArray[np.intp]
    values: Values


@dataclass(frozen=True, slots=True)
class CityTags:
    """The chains of a city's postings and enterprises, as a tagger reads them."""

    needs: Sequence[Sequence[Tag]]
    achievements: Sequence[Sequence[Tag]]
    organizations: dict[str, Sequence[Tag]]


def tags_of(city: City, encoder: Encoder) -> CityTags:
    """What a tagger with the city's incomplete definitions makes of its texts."""
    tagger = ChainTagger(city.definitions, encoder, outside=city.outside)
    postings = [*map(document_of, city.needs), *map(document_of, city.achievements)]
    telling = [o for o in city.organizations if o.text]
    found = tagger.tag([*postings, *(Document(id=o.id, title=o.text) for o in telling)])
    n, m = len(city.needs), len(postings)
    named = zip(telling, found[m:], strict=True)
    return CityTags(found[:n], found[n:m], {o.id: tags for o, tags in named})


def graph_of(
    city: City,
    tags: CityTags,
    *,
    cooperations: Iterable[Cooperation],
    given: Sequence[int] | None = None,
) -> "nx.MultiDiGraph":
    """The city's graph.

    Args:
        city: Whose postings and organisations they are.
        tags: Their chains.
        cooperations: Those that are known.
        given: Per achievement, whose chains and university it is given; its own when None.
    """
    sources = range(len(city.achievements)) if given is None else given
    found = {f"need:n{i}": of_need for i, of_need in enumerate(tags.needs)}
    found |= {f"achievement:a{i}": tags.achievements[j] for i, j in enumerate(sources)}
    found |= {f"organization:{i}": of_one for i, of_one in tags.organizations.items()}
    achievements = [
        replace(a, organization=city.achievements[j].organization)
        for a, j in zip(city.achievements, sources, strict=True)
    ]
    return city_graph(
        city.definitions,
        city.counties,
        organizations=city.organizations,
        needs=city.needs,
        achievements=achievements,
        tags=found,
        cooperations=cooperations,
    )


def text_view(city: City, encoder: Encoder, *, adapted: bool = False) -> View:
    """Every need's candidates, and what their texts and terms tell; of the graph nothing.

    Args:
        city: Whose needs look for whose achievements.
        encoder: Reads the texts.
        adapted: Whether the achievements teach an adapter first, as a city's own do: several
            seconds, so only where a ranker counts on it.
    """
    documents = {a.id: document_of(a) for a in city.achievements}
    index = ExactIndex(encoder.dim)
    index.add(list(documents), document_vectors(encoder, list(documents.values())))
    pipeline = default_pipeline(
        LexicalRetriever.of(list(documents.values())),
        encoder,
        index,
        lambda ids: {i: documents[i] for i in ids},
        adapter=fit_adapter(list(documents.values()), index) if adapted else None,
    )
    depth = min(GRADED, len(documents))
    pools, values = [], []
    for query in map(query_of, city.needs):
        best = list(pipeline.retrieve(query, k=depth))
        pools.append([int(i.removeprefix("a")) for i in best])
        values.append(pipeline.measure(query, best))
    return View(np.array(pools, np.intp), np.array(values))


def graph_view(view: View, city: City, graph: "nx.MultiDiGraph") -> View:
    """The same candidates with what a graph tells of them."""
    relations = GraphRelations(graph)
    documents = [document_of(a) for a in city.achievements]
    values = view.values.copy()
    for row, query in enumerate(map(query_of, city.needs)):
        told = relations.of(query, [documents[i] for i in view.pools[row]])
        for name in GRAPH_SIGNALS:
            values[row, :, NAMES.index(name)] = told[name]
    return replace(view, values=values)
