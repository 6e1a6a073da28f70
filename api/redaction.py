"""A match list as one reader may see it: what is not shown to him is not quoted either.

Matching uses full texts. A reader who may see only the summary of a need, or of an
achievement, gets the levels and the chain, and of the reasons those whose words stand in
what he may read anyway. Everything that is kept is named here; the rest falls away.
"""

from collections.abc import Mapping
from typing import Any

from data.access.posting_reader import Seen
from data.policy.subject import View
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
) -> dict[str, Any]:
    """The list with no more than its reader may see.

    Args:
        result: As ``answer_as_json`` words it for somebody who may see everything.
        asked: The query's posting as the reader sees it.
        documents: The listed postings as he sees them; those absent are left out.
        k: How many matches at most.
    """
    listed = [m for m in result["matches"] if m["document_id"] in documents][:k]
    hidden_query = asked.view is View.SUMMARY
    words = _words(asked.posting)
    requirements = result["requirements"]
    if hidden_query:
        requirements = [_requirement(r, words) for r in requirements]
    matches = []
    for rank, match in enumerate(listed, 1):
        document = documents[match["document_id"]]
        full = not hidden_query and document.view is View.FULL
        kept = dict(match) if full else _redacted(match, requirements, asked, document)
        kept |= {
            "rank": rank,
            "title": document.posting.title,
            "organization": document.posting.organization,
        }
        matches.append(kept)
    return {
        "query_id": result["query_id"],
        "supply": result["supply"],
        "hints": [] if hidden_query else result["hints"],
        "chains": result["chains"],
        "requirements": requirements,
        "matches": matches,
    }


def _requirement(requirement: Mapping[str, Any], words: str) -> dict[str, Any]:
    """Kept where it stands in what may be read; else only that there is one."""
    told = requirement["text"] in words
    return {
        "text": requirement["text"] if told else None,
        "span": None,
        "must": requirement["must"],
        "marked": requirement["marked"],
        "quantities": requirement["quantities"] if told else [],
    }


def _redacted(
    match: Mapping[str, Any],
    requirements: list[Any],
    asked: Seen[Any],
    document: Seen[Any],
) -> dict[str, Any]:
    query, found = _words(asked.posting), _words(document.posting)
    hidden_document = document.view is View.SUMMARY
    kept = {name: match[name] for name in _NUMBERS}
    kept["phrases"] = [
        {**phrase, "query_span": None, "document_span": None}
        for phrase in match["phrases"]
        if phrase["text"] in query and phrase["text"] in found
    ]
    kept["answers"] = [
        _answer(answer, requirements, found if hidden_document else None)
        for answer in match["answers"]
    ]
    # a precedent names what the hidden posting is like
    kept["precedent"] = None
    kept["fused"], kept["signals"] = None, []
    kept["paths"] = match["paths"] and [
        path
        for path in match["paths"]
        # what an organisation has done is told where the achievement itself is
        if path["kind"] in _PLACES or (path["kind"] == "strength" and not hidden_document)
    ]
    return kept


def _answer(
    answer: Mapping[str, Any], requirements: list[Any], found: str | None
) -> dict[str, Any]:
    hidden = requirements[answer["requirement"]]["text"] is None
    sentence = answer["sentence"]
    if found is not None and sentence is not None and sentence not in found:
        sentence = None
    return {
        "requirement": answer["requirement"],
        "strength": answer["strength"],
        "sentence": sentence,
        "span": None,
        # a wanted figure is the need's, an offered one the achievement's
        "figures": [] if hidden or sentence is None else answer["figures"],
        "met": answer["met"],
    }


def _words(posting: Need | Achievement) -> str:
    """All that can be read of a posting, one field a line."""
    parts = [posting.title, posting.text, *posting.keywords]
    if isinstance(posting, Need):
        parts += [*posting.must_have, *posting.nice_to_have, *posting.indicators]
    return "\n".join(parts)
