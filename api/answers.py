"""An answer as plain values, the same for the command line and the REST interface."""

from typing import TYPE_CHECKING, Any

from api.service import Answer

if TYPE_CHECKING:
    from api.city import ChainPaths, Place
    from matcher.graph.paths import Path


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The match list with titles and chain paths.

    The same question to the same data gives the same bytes. Where the chain graph is
    switched off, ``chains`` and ``paths`` are null.
    """
    plain = answer.matches.as_json()
    chains = answer.chains
    plain["chains"] = None if chains is None else [_place(place) for place in chains.places]
    for found in plain["matches"]:
        posting = answer.postings[found["document_id"]]
        found["title"] = posting.title
        found["organization"] = posting.organization
        found["paths"] = None if chains is None else _paths(chains, found["document_id"])
    return plain


def _place(place: "Place") -> dict[str, Any]:
    return {
        "nodes": [name.node for name in place.names],
        "zh": " › ".join(name.zh for name in place.names),
        "en": " › ".join(name.en for name in place.names),
        "weight": place.weight,
    }


def _paths(chains: "ChainPaths", document_id: str) -> list[dict[str, Any]]:
    return [_path(path) for path in chains.paths.get(document_id, ())]


def _path(path: "Path") -> dict[str, Any]:
    # the graph's library would slow every command down that prints no list
    from matcher.graph.paths import words

    return {
        "kind": path.kind,
        "weight": path.weight,
        "nodes": [name.node for name in path.names],
        "counts": dict(path.counts),
        "zh": words(path, "zh"),
        "en": words(path, "en"),
    }
