"""How fast the graph ranks, beside ``networkx.pagerank`` on the same graph in the same run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import networkx as nx
import numpy as np

from data import reference
from matcher.chain import IndustryChain
from matcher.graph.build import city_graph
from matcher.graph.ranking import CityWalk, Links
from matcher.graph.schema import Cooperation
from matcher.graph.update import put
from matcher.tag_types import Tag
from matcher.types import Achievement, Need, Organization, OrganizationKind

UNIVERSITIES = 300
ENTERPRISES = 2_000
PEER_CALLS = 5
LATE_NEEDS = 20
_BLOCK = 100
_LISTED = 10


@dataclass(frozen=True, slots=True)
class GraphTimes:
    """One run.

    Attributes:
        nodes: Nodes of the whole graph.
        edges: Edges of the whole graph.
        prepare_s: Seconds from the graph to a walk that can be asked, once per graph.
        walk_s: Seconds for the scores of all achievements for all needs.
        peer_need_s: Median seconds of one call of ``networkx.pagerank``, with its default
            tolerance, which stops early; timed on ``PEER_CALLS`` needs.
        speedup: All needs by the peer, from its median, over ``walk_s``.
        speedup_prepared: The same over ``prepare_s + walk_s``.
        add_need_ms: Median milliseconds to put one more need into the graph, score every
            achievement and list the ten best.
        worst_difference: Largest difference to the peer run to convergence, one need, as a
            share of the highest score.
    """

    achievements: int
    needs: int
    nodes: int
    edges: int
    prepare_s: float
    walk_s: float
    peer_need_s: float
    speedup: float
    speedup_prepared: float
    add_need_ms: float
    worst_difference: float


def time_graph(
    *, achievements: int, needs: int, progress: Callable[[str], None], seed: int = 0
) -> GraphTimes:
    """Make an invented city and time both sides on it.

    Args:
        achievements: At least 10.
        needs: At least 1.
        progress: Told in a sentence what is going on.
        seed: The same seed makes the same city.
    """
    progress("生成虚拟城市 / making an invented city")
    city = _City(seed)
    asking = list(city.needs(needs))
    graph = city.graph(achievements, asking)
    progress("准备游走 / preparing the walk")
    start = perf_counter()
    walk = CityWalk(graph)
    askers = [walk.links(graph, f"need:{need.id}") for need in asking]
    prepare_s = perf_counter() - start
    progress("计时 / timing")
    start = perf_counter()
    for first in range(0, needs, _BLOCK):
        walk.scores(askers[first : first + _BLOCK])
    walk_s = perf_counter() - start
    add_need_ms = 1e3 * median(_late_needs(graph, walk, city))
    progress("计时 networkx / timing networkx")
    peer = _as_digraph(walk, askers)
    seconds = []
    for row in range(min(PEER_CALLS, needs)):
        start = perf_counter()
        nx.pagerank(peer, alpha=1 - walk.config.restart, personalization={-1 - row: 1})
        seconds.append(perf_counter() - start)
    peer_s = median(seconds)
    return GraphTimes(
        achievements=achievements,
        needs=needs,
        nodes=graph.number_of_nodes(),
        edges=graph.number_of_edges(),
        prepare_s=prepare_s,
        walk_s=walk_s,
        peer_need_s=peer_s,
        speedup=peer_s * needs / walk_s,
        speedup_prepared=peer_s * needs / (prepare_s + walk_s),
        add_need_ms=add_need_ms,
        worst_difference=_worst_difference(walk, askers, peer),
    )


def _late_needs(graph: nx.MultiDiGraph, walk: CityWalk, city: "_City") -> Iterator[float]:
    """Seconds of each need that arrives after everything was prepared."""
    for need in city.needs(LATE_NEEDS, prefix="late"):
        tags = city.tags()
        start = perf_counter()
        name = put(graph, need, tags=tags)
        scores = walk.scores([walk.links(graph, name)])[0]
        best = np.argpartition(-scores, _LISTED - 1)[:_LISTED]
        [walk.nodes[walk.targets[i]] for i in best[np.argsort(-scores[best])]]
        yield perf_counter() - start


def _as_digraph(walk: CityWalk, askers: list[Links]) -> nx.DiGraph:
    """The graph that is walked, needs included: the peer's input."""
    graph = nx.from_scipy_sparse_array(walk.weights, create_using=nx.DiGraph)
    rows = walk.rows(askers).tocoo()
    for row, column, weight in zip(
        rows.row.tolist(), rows.col.tolist(), rows.data.tolist(), strict=True
    ):
        graph.add_edge(-1 - row, column, weight=weight)
    return graph


def _worst_difference(walk: CityWalk, askers: list[Links], peer: nx.DiGraph) -> float:
    ranks = nx.pagerank(
        peer,
        alpha=1 - walk.config.restart,
        personalization={-1: 1},
        tol=1e-14,
        max_iter=1000,
    )
    expected = np.array([ranks[i] for i in walk.targets.tolist()])
    return float(np.abs(walk.scores(askers[:1])[0] - expected).max() / expected.max())


class _City:
    """An invented city around the packaged chains; each university knows a few segments."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._chains: tuple[IndustryChain, ...] = reference.chains()
        self._counties = reference.counties()
        self._segments = [s for chain in self._chains for s in chain.segments]
        n = len(self._segments)
        self._fields = [self._random.choice(n, 6, replace=False) for _ in range(UNIVERSITIES)]

    def graph(self, achievements: int, needs: list[Need]) -> nx.MultiDiGraph:
        supply = [self._achievement(i) for i in range(achievements)]
        tags = {f"need:{need.id}": self.tags() for need in needs}
        tags |= {f"achievement:{a.id}": self._tags_of(a) for a in supply}
        tags |= {f"organization:e{i}": self.tags() for i in range(ENTERPRISES)}
        pairs = self._random.integers((ENTERPRISES, UNIVERSITIES), size=(2 * ENTERPRISES, 2))
        return city_graph(
            self._chains,
            self._counties,
            organizations=self._organizations(),
            needs=needs,
            achievements=supply,
            tags=tags,
            cooperations=[Cooperation(enterprise=f"e{e}", university=f"u{u}") for e, u in pairs],
        )

    def needs(self, count: int, *, prefix: str = "n") -> Iterator[Need]:
        for i in range(count):
            enterprise = f"e{self._random.integers(ENTERPRISES)}"
            yield Need(
                id=f"{prefix}{i}", title=f"需求{i}", organization=enterprise, county=self._county()
            )

    def tags(self) -> tuple[Tag, ...]:
        """One or two segments of the city."""
        picked = self._random.choice(
            len(self._segments), self._random.integers(1, 3), replace=False
        )
        return self._tagged(picked.tolist())

    def _tags_of(self, achievement: Achievement) -> tuple[Tag, ...]:
        fields = self._fields[int((achievement.organization or "u0")[1:])]
        picked = self._random.choice(fields, self._random.integers(1, 3), replace=False)
        return self._tagged(picked.tolist())

    def _tagged(self, places: list[int]) -> tuple[Tag, ...]:
        segments = [self._segments[i] for i in places]
        weights = self._random.uniform(0.2, 0.5, len(segments)).tolist()
        return tuple(Tag(s.chain, s.id, w, ()) for s, w in zip(segments, weights, strict=True))

    def _achievement(self, number: int) -> Achievement:
        university = int(UNIVERSITIES * self._random.beta(1, 3))  # a few supply much
        person = f"p{self._random.integers(200)}"
        return Achievement(
            id=f"a{number}", title=f"成果{number}", organization=f"u{university}", team=(person,)
        )

    def _organizations(self) -> Iterator[Organization]:
        for kind, letter, count in (
            (OrganizationKind.UNIVERSITY, "u", UNIVERSITIES),
            (OrganizationKind.ENTERPRISE, "e", ENTERPRISES),
        ):
            for i in range(count):
                place = self._county()
                yield Organization(id=f"{letter}{i}", name=f"{i}", kind=kind, county=place)

    def _county(self) -> str:
        return self._counties[self._random.integers(len(self._counties))].id
