"""What the graph says of a need and achievements, whichever of the two asks, for a ranker.

Every value lies in [0, 1] and rises with quality; it is NaN where nothing is known: for a
need of no chain, or a posting that the graph does not hold.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.graph.places import segments
from matcher.graph.ranking import CityWalk, Links
from matcher.graph.schema import Relation
from matcher.graph.supply import SupplyTable

FloatArray = NDArray[np.float64]
Places = Mapping[str, float]
"""Nodes of segments and chains to weights in (0, 1]; see ``places.places``."""

NEIGHBOUR = 0.5
SAME_CHAIN = 0.25
"""Proximity of neighbouring segments, and of two others on one chain; set by judgement."""


def chain_affinity(walk: CityWalk, asker: Links, names: Sequence[str]) -> FloatArray:
    """How near a walk from the asker's chains comes to each posting, beside the average one.

    Args:
        walk: Towards the postings' kind.
        asker: From ``walk.links``; only its edges to chains and segments count, and without
            one nothing is known.
        names: Nodes of the postings.

    Returns:
        (names,) ``s / (s + mean)`` of the scores: 0.5 is as near as the city's average,
        however large the city; 0 is out of reach.
    """
    on_chains = {link: w for link, w in asker.items() if link[0] is Relation.MEMBER_OF}
    affinity = np.full(len(names), np.nan)
    known, columns = _columns(walk, names)
    if on_chains and len(known):
        scores = walk.scores([on_chains], columns)[0].astype(float)
        affinity[known] = _beside(scores, walk.means([on_chains]))
    return affinity


def organization_lift(
    walk: CityWalk, asker: Links, organizations: Sequence[str | None]
) -> FloatArray:
    """How much nearer a walk from the asker comes to organisations than one from anywhere.

    All of the asker's edges count: its chains with all that is done there, its county, and
    the organisation behind it with whom that one has worked with. Scores of a walk also tell
    how much of every walk an organisation draws, a prolific one much; so they are set beside
    those of a walk that starts anywhere (relative importance; S. White and P. Smyth,
    "Algorithms for Estimating Relative Importance in Networks", KDD 2003). The ratio spans
    decades, hence the square root.

    Args:
        walk: Over the graph of the asker's city.
        asker: From ``walk.links``.
        organizations: Nodes; None for an organisation that nobody names.

    Returns:
        (organizations,) ``√s / (√s + √s₀)``, a logistic function of half the logarithm of the
        lift ``s / s₀``: 0.5 is no nearer than from anywhere. NaN for an asker without an edge
        and for an unknown organisation.
    """
    lift = np.full(len(organizations), np.nan)
    known, columns = _columns(walk, organizations)
    if asker and len(known):
        scores = walk.scores([asker], columns)[0].astype(float)
        lift[known] = _beside(np.sqrt(scores), np.sqrt(walk.from_anywhere[columns], dtype=float))
    return lift


def segment_proximity(
    beside: Callable[[str], Sequence[str]], asked: Places, offered: Sequence[Places]
) -> FloatArray:
    """How near two postings stand on the chains.

    Args:
        beside: Node of a segment to those of the segments that it feeds or that feed it.
        asked: Where the one stands.
        offered: Where each of the others stands.

    Returns:
        (offered,) the best over their places: the smaller of the two memberships' weights,
        times 1 on the same segment, ``NEIGHBOUR`` where one segment feeds the other and
        ``SAME_CHAIN`` elsewhere on a chain; 0 on different chains. NaN where either belongs
        to no chain.
    """
    at = segments(asked)
    near: dict[str, float] = {}
    for segment, weight in at.items():
        for place in beside(segment):
            near[place] = max(weight, near.get(place, 0.0))
    proximity = np.full(len(offered), np.nan)
    for row, places in enumerate(offered):
        if asked and places:
            proximity[row] = max(
                _shared(at, places),
                NEIGHBOUR * _shared(near, places),
                SAME_CHAIN * _shared(asked, places),
            )
    return proximity


def organization_strength(table: SupplyTable, organization: str | None, needed: Places) -> float:
    """How strong an organisation is where a need stands.

    Returns:
        The best over the need's segments (its chains, where no segment is known) of the
        membership's weight times ``Supply.strength``; 0 for one that offers nothing there.
        NaN for a need of no chain or an unknown organisation.
    """
    if organization is None or not needed:
        return np.nan
    supplies = (
        (weight, table.of(organization, place))
        for place, weight in (segments(needed) or needed).items()
    )
    return max(weight * supply.strength if supply else 0.0 for weight, supply in supplies)


def _columns(walk: CityWalk, names: Sequence[str | None]) -> tuple[list[int], NDArray[np.intp]]:
    """Which of the names the walk scores, and the columns of those."""
    found = [(row, walk.column[n]) for row, n in enumerate(names) if n and n in walk.column]
    return [row for row, _ in found], np.array([column for _, column in found], np.intp)


def _beside(scores: FloatArray, usual: FloatArray) -> FloatArray:
    reached = scores + usual
    return np.divide(scores, reached, out=np.zeros_like(scores), where=reached != 0)


def _shared(a: Places, b: Places) -> float:
    return max((min(weight, b[place]) for place, weight in a.items() if place in b), default=0.0)
