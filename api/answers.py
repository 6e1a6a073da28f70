"""An answer as plain values, the same for the command line and the REST interface."""

from typing import Any

from api.service import Answer


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The match list with titles; the same question to the same data gives the same bytes."""
    plain = answer.matches.as_json()
    for found in plain["matches"]:
        posting = answer.postings[found["document_id"]]
        found["title"] = posting.title
        found["organization"] = posting.organization
    return plain
