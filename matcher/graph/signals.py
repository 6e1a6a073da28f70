"""What the graph says of a need and some achievements, as columns for a ranker.

Every signal is a (n,) float64 in [0, 1] that rises with quality, and NaN where nothing is
known: a need of no chain, or an achievement that the graph does not hold.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.graph.places import others, owner, places, segments
from matcher.graph.ranking import CityWalk, Links
from matcher.graph.schema import NodeKind, Relation, node
from matcher.graph.supply import SupplyTable

if TYPE_CHECKING:
    import networkx as nx

FloatArray = NDArray[np.float64]

NEIGHBOUR = 0.5
SAME_CHAIN = 0.25
"""Proximity of neighbouring segments, and of two others on one chain; set by judgement."""


def chain_affinity(walk: CityWalk, asker: Links, document_ids: Sequence[str]) -> FloatArray:
    """How near the walk from an asker comes to each document, beside the average document.

    Args:
        walk: Towards the documents' kind.
        asker: From ``walk.links``; without an edge to a chain or segment nothing is known.
        document_ids: Ids of achievements, or of needs where the walk leads to needs.

    Returns:
        (documents,) ``s / (s + mean)`` of the scores: 0.5 is as near as the city's average,
        however large the city; 0 is out of reach.
    """
    affinity = np.full(len(document_ids), np.nan)
    if any(relation is Relation.MEMBER_OF for relation, _ in asker):
        names = [node(walk.towards, i) for i in document_ids]
        known = [row for row, name in enumerate(names) if name in walk.column]
        mean = float(walk.scores([asker])[0].mean(dtype=float)) if known else 0.0
        columns = np.array([walk.column[names[row]] for row in known], np.intp)
        scores = walk.scores([asker], columns)[0].astype(float)
        reached = scores + mean
        affinity[known] = np.divide(scores, reached, out=np.zeros_like(scores), where=reached > 0)
    return affinity


def segment_proximity(
    graph: "nx.MultiDiGraph", need_id: str, achievement_ids: Sequence[str]
) -> FloatArray:
    """How near a need and each achievement stand on the chains.

    Returns:
        (achievements,) the best over their places: the smaller of the two memberships'
        weights, times 1 on the same segment, ``NEIGHBOUR`` where one segment feeds the other
        and ``SAME_CHAIN`` elsewhere on a chain; 0 on different chains. NaN where either
        belongs to no chain.
    """
    wanted = places(graph, node(NodeKind.NEED, need_id))
    beside: dict[str, float] = {}
    for segment, weight in segments(wanted).items():
        for place in others(graph, segment, Relation.FEEDS):
            beside[place] = max(weight, beside.get(place, 0.0))
    proximity = np.full(len(achievement_ids), np.nan)
    for row, achievement_id in enumerate(achievement_ids):
        offered = places(graph, node(NodeKind.ACHIEVEMENT, achievement_id))
        if wanted and offered:
            proximity[row] = max(
                _shared(segments(wanted), offered),
                NEIGHBOUR * _shared(beside, offered),
                SAME_CHAIN * _shared(wanted, offered),
            )
    return proximity


def organization_strength(
    graph: "nx.MultiDiGraph", table: SupplyTable, need_id: str, achievement_ids: Sequence[str]
) -> FloatArray:
    """How strong each achievement's organisation is where the need stands.

    Returns:
        (achievements,) the best over the need's segments (its chains, where no segment is
        known) of the membership's weight times ``Supply.strength``; 0 for one that offers
        nothing there. NaN for a need of no chain or an unknown organisation.
    """
    places_of_need = places(graph, node(NodeKind.NEED, need_id))
    wanted = segments(places_of_need) or places_of_need
    strength = np.full(len(achievement_ids), np.nan)
    for row, achievement_id in enumerate(achievement_ids):
        organization = owner(graph, node(NodeKind.ACHIEVEMENT, achievement_id))
        if wanted and organization is not None:
            supplies = ((weight, table.of(organization, p)) for p, weight in wanted.items())
            strength[row] = max(weight * s.strength if s else 0.0 for weight, s in supplies)
    return strength


def _shared(a: dict[str, float], b: dict[str, float]) -> float:
    return max((min(weight, b[place]) for place, weight in a.items() if place in b), default=0.0)
