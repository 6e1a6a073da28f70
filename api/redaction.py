"""A match list as one reader may see it: what is not shown to him is not quoted either.

Matching uses full texts, and a list may be older than the postings that it is about. So a
reader is quoted only words that stand in what he may read now. Of a posting that he knows
by its summary he gets the levels and the chain; everything that is kept is named here, the
rest falls away.
"""

from collections.abc import Collection, Mapping
from typing import Any

from data.access.posting_reader import Seen
from data.policy.subject import View
from matcher.supply import Supply
from matcher.text import fold
from matcher.types import Achievement, Need

_PLACES = ("same_segment", "feeds_need", "fed_by_need", "same_chain")
"""Paths that name chains and segments only."""

_NUMBERS = ("document_id", "score", "levels")


def shown_list(
    result: Mapping[str, Any],
    asked: Seen[Any],
    documents: Mapping[str, Seen[Any]],
    *,
    k: int,
    citable: Collection[str] = (),
) -> dict[str, Any]:
    """The list with no more than its reader may see.

    Args:
        result: As ``answer_as_json`` words it for somebody who may see everything.
        asked: The query's posting as the reader sees it.
        documents: The listed postings as he sees them; those absent are left out.
        k: How many matches at most.
        citable: Listed postings whose precedent he may be told.
    """
    listed = [m for m in result["matches"] if m["document_id"] in documents]
    whole_query = asked.view is View.FULL
    words = _words(asked.posting)
    requirements = [_requirement(r, words, whole=whole_query) for r in result["requirements"]]
    current = whole_query and all(r["text"] is not None for r in requirements)
    matches = []
    for rank, match in enumerate(listed[:k], 1):
        document = documents[match["document_id"]]
        whole = whole_query and document.view is View.FULL
        kept = dict(match) if whole else _without_telling(match, document)
        kept |= _quoted(match, requirements, words, _words(document.posting), whole=whole)
        if match["document_id"] not in citable or not whole:
            kept["precedent"] = None
        kept |= {
            "rank": rank,
            "title": document.posting.title,
            "organization": document.posting.organization,
        }
        matches.append(kept)
    return {
        "query_id": result["query_id"],
        "supply": _supply(result, listed),
        "hints": result["hints"] if current else [],
        "chains": result["chains"],
        "requirements": requirements,
        "matches": matches,
    }


def _requirement(requirement: Mapping[str, Any], words: str, *, whole: bool) -> dict[str, Any]:
    """Kept where it stands in what may be read; else only that there is one."""
    told = fold(requirement["text"]) in words
    return {
        "text": requirement["text"] if told else None,
        "span": requirement["span"] if told and whole else None,
        "must": requirement["must"],
        "marked": requirement["marked"],
        "quantities": requirement["quantities"] if told else [],
    }


def _without_telling(match: Mapping[str, Any], document: Seen[Any]) -> dict[str, Any]:
    kept = {name: match[name] for name in _NUMBERS}
    kept["fused"], kept["signals"] = None, []
    kept["paths"] = match["paths"] and [
        path
        for path in match["paths"]
        # what an organisation has done is told where the achievement itself is
        if path["kind"] in _PLACES or (path["kind"] == "strength" and document.view is View.FULL)
    ]
    return kept


def _quoted(
    match: Mapping[str, Any], requirements: list[Any], words: str, found: str, *, whole: bool
) -> dict[str, Any]:
    spanless = {} if whole else {"query_span": None, "document_span": None}
    phrases = [
        {**phrase, **spanless}
        for phrase in match["phrases"]
        if fold(phrase["text"]) in words and fold(phrase["text"]) in found
    ]
    answers = [_answer(one, requirements, found, whole=whole) for one in match["answers"]]
    return {"phrases": phrases, "answers": answers}


def _answer(
    answer: Mapping[str, Any], requirements: list[Any], found: str, *, whole: bool
) -> dict[str, Any]:
    sentence = answer["sentence"]
    if sentence is not None and fold(sentence) not in found:
        sentence = None
    # a wanted figure is the need's, an offered one the achievement's; and whether it is met
    # would tell either from the other
    told = sentence is not None and requirements[answer["requirement"]]["text"] is not None
    return {
        "requirement": answer["requirement"],
        "strength": answer["strength"],
        "sentence": sentence,
        "span": answer["span"] if sentence is not None and whole else None,
        "figures": answer["figures"] if told else [],
        "met": answer["met"] if told or whole else None,
    }


def _supply(result: Mapping[str, Any], listed: list[Any]) -> str | None:
    """The word on the whole list, unless it rests on a posting that is not shown."""
    word: str | None = result["supply"]
    best, shown = _best(result["matches"]), _best(listed)
    if best is None or best == shown:
        return word
    good = shown is not None and shown >= result["config"]["good_supply"]
    return (Supply.GOOD if good else Supply.NOTHING_NEAR).value


def _best(matches: list[Any]) -> float | None:
    """The highest P(level ≥ 3); None without a ranker."""
    return max((sum(m["levels"][2:]) for m in matches if m["levels"]), default=None)


def _words(posting: Need | Achievement) -> str:
    """All that can be read of a posting, folded, one field after another."""
    parts = [posting.title, posting.text, *posting.keywords]
    if isinstance(posting, Need):
        parts += [*posting.must_have, *posting.nice_to_have, *posting.indicators]
    return "\n".join(fold(part) for part in parts)
