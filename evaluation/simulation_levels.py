"""How much an achievement is truly worth to a need, in a simulated city."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evaluation.simulation_texts import Field
from matcher.chain import feeds
from matcher.types import Achievement, Need

if TYPE_CHECKING:
    import networkx as nx

Floats = NDArray[np.float64]
Subject = tuple[int, int]
"""Places of a field and of a topic in it."""

SAME_TOPIC, SAME_FIELD, NEIGHBOUR, SAME_INDUSTRY = 1.0, 0.7, 0.35, 0.2
"""How near two subjects are; 0 in different industries."""

CUTS = (0.25, 0.5, 0.75)
"""Worth from which a pair is of level 2, 3 and 4."""

UNREADY = 0.03
"""What each readiness level below the wanted one takes."""


def nearness(
    fields: Sequence[Field],
    chains: "nx.MultiDiGraph",
    asked: Sequence[Subject],
    offered: Sequence[Subject],
) -> Floats:
    """(asked, offered) how near the subjects are, in [0, 1].

    Args:
        fields: What subjects lie in.
        chains: Of ``chain.chain_graph``, which says what feeds what.
        asked: Subjects of needs.
        offered: Subjects of achievements.
    """
    between = np.array([[_related(chains, a, b) for b in fields] for a in fields])
    asking, offering = np.array(asked), np.array(offered)
    same = (asking[:, None] == offering[None, :]).all(axis=2)
    return np.where(same, SAME_TOPIC, between[np.ix_(asking[:, 0], offering[:, 0])])


def unreadiness(needs: Sequence[Need], achievements: Sequence[Achievement]) -> Floats:
    """(needs, achievements) what a pair loses by too low a readiness level."""
    wanted = np.array([need.min_trl or 0 for need in needs])
    reached = np.array([achievement.trl or 9 for achievement in achievements])
    return np.asarray(UNREADY * np.maximum(0, np.subtract.outer(wanted, reached)))


def _related(chains: "nx.MultiDiGraph", a: Field, b: Field) -> float:
    if a is b:
        return SAME_FIELD
    if a.industry != b.industry:
        return 0.0
    if a.segment is not None and b.segment is not None:
        ends = (a.segment.id, b.segment.id)
        if feeds(chains, *ends) or feeds(chains, *ends[::-1]):
            return NEIGHBOUR
    return SAME_INDUSTRY
