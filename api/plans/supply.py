"""What universities and institutes have for each need: levels, and the achievements behind them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import log2

import numpy as np

from api.progress import Progress
from api.service import MatchService
from matcher.cooperation import PastCooperation
from matcher.pairing.problem import FloatArray, Hub, Supplier
from matcher.ranker import expected_gain
from matcher.text import has_words, query_of
from matcher.types import Achievement, Need

SUPPLY_DEPTH = 20
"""How far down a need's match list a university still counts as supply."""

HIGHEST_GAIN = 7.0
"""Expected gain of an achievement that is surely of level 4."""

Levels = list[tuple[str, str, float]]
"""(need id, supplier id, level)"""

Evidence = dict[tuple[str, str], tuple[str, ...]]
"""By need id and supplier id the ids of the supplier's achievements, best first."""


def supply_levels(
    service: MatchService,
    needs: Sequence[Need],
    achievements: Sequence[Achievement],
    *,
    progress: Progress,
) -> tuple[Levels, Evidence]:
    """Per need and supplier the expected level of its best achievement, and the achievements.

    Without a ranker there are no levels; ranks then compare between needs, discounted as in
    nDCG.
    """
    owner = {a.id: a.organization for a in achievements if a.organization is not None}
    grader = service.grader(achievements)
    levels: Levels = []
    evidence: dict[tuple[str, str], list[str]] = defaultdict(list)
    for at, need in enumerate(needs):
        progress(at, len(needs))
        query = query_of(need)
        if not has_words(query.title + query.text):
            continue
        if grader is None:
            ids = service.rank_for(need, k=SUPPLY_DEPTH)
            worths = [1 / log2(1 + rank) for rank in range(1, len(ids) + 1)]
        else:
            ids = list(grader.retrieve(query, k=SUPPLY_DEPTH, allowed=owner.keys()))
            worths = (expected_gain(grader.grade(query, ids)) / HIGHEST_GAIN).tolist()
        for achievement, worth in zip(ids, worths, strict=True):
            if achievement in owner:
                levels.append((need.id, owner[achievement], worth))
                evidence[need.id, owner[achievement]].append(achievement)
    return levels, {pair_of: tuple(ids) for pair_of, ids in evidence.items()}


def past_cooperation(
    past: Sequence[PastCooperation],
    county_of: Mapping[str, str | None],
    hubs: Sequence[Hub],
    suppliers: Sequence[Supplier],
) -> FloatArray:
    """(hubs, suppliers) 1 where a supplier has worked for the chain, or in the county."""
    row = {hub.id: h for h, hub in enumerate(hubs)}
    column = {supplier.id: s for s, supplier in enumerate(suppliers)}
    known = np.zeros((len(hubs), len(suppliers)))
    for one in past:
        for hub in (one.chain, county_of.get(one.enterprise)):
            if hub in row and one.university in column:
                known[row[hub], column[one.university]] = 1.0
    return known
