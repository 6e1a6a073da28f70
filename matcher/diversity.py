"""Variety: one prolific organisation does not fill a list."""

from collections import Counter
from collections.abc import Mapping, Sequence

from matcher.run import Scores, ranking
from matcher.types import Document


def organizations_of(documents: Sequence[Document]) -> dict[str, str]:
    """Document id to organisation, of those that name one."""
    return {
        d.id: d.posting.organization
        for d in documents
        if d.posting is not None and d.posting.organization is not None
    }


def varied(gains: Scores, organization_of: Mapping[str, str], *, repeat: float) -> dict[str, float]:
    """Gains, less what is lost by repeating an organisation.

    A document keeps the share ``repeat`` of its gain for each better one of the same
    organisation: the third of a university keeps ``repeat ** 2``. Ordered by what is left,
    this is the greedy choice that always takes the document adding most to those above it
    (as in Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering
    Documents and Producing Summaries", SIGIR 1998), since within an organisation the better
    document comes first either way.

    Args:
        gains: Document id to expected gain, at least 0.
        organization_of: Document id to organisation; one without an entry repeats nobody.
        repeat: In [0, 1]; 1 leaves all gains as they are.
    """
    above: Counter[str] = Counter()
    left: dict[str, float] = {}
    for document_id in ranking(gains):
        organization = organization_of.get(document_id)
        times = 0 if organization is None else above[organization]
        left[document_id] = round(gains[document_id] * repeat**times, 9)
        if organization is not None:
            above[organization] += 1
    return left
