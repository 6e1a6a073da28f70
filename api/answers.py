"""An answer as plain values, the same for the command line and the REST interface."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from api.hints import hints_of
from api.learning.cited_precedents import CitedMatch
from api.service import Answer

if TYPE_CHECKING:
    from api.graph.city import ChainPaths, Place
    from matcher.graph.paths import Path


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The match list with titles and chain paths.

    The same question to the same data gives the same bytes. Where the chain graph is
    switched off, ``chains`` and ``paths`` are null. A precedent names its items as far as
    they are public, and is put in words where it is close.
    """
    plain = answer.matches.as_json()
    chains = answer.chains
    plain["hints"] = [asdict(hint) for hint in hints_of(answer.matches)]
    plain["chains"] = None if chains is None else [_place(place) for place in chains.places]
    for found in plain["matches"]:
        posting = answer.postings[found["document_id"]]
        found["title"] = posting.title
        found["organization"] = posting.organization
        cited = answer.precedents.get(found["document_id"])
        found["precedent"] = None if cited is None else _precedent(cited)
        found["paths"] = None if chains is None else _paths(chains, found["document_id"])
    return plain


def _precedent(cited: CitedMatch) -> dict[str, Any]:
    return {
        "need": {"id": cited.need.id, "title": cited.need.title},
        "achievement": {"id": cited.achievement.id, "title": cited.achievement.title},
        "level": cited.level,
        "judged_on": None if cited.judged_on is None else cited.judged_on.isoformat(),
        "likeness": cited.likeness,
        "zh": cited.zh if cited.close else None,
        "en": cited.en if cited.close else None,
    }


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
