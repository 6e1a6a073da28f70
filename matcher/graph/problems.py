"""What a person should look at in a city graph, told in both languages."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import networkx as nx

from matcher.graph.schema import NodeKind, Relation


class ProblemKind(StrEnum):
    """What is wrong."""

    CYCLE = "cycle"
    SELF_LOOP = "self_loop"
    EMPTY_CHAIN = "empty_chain"
    MISSING = "missing"
    REVIEW = "review"
    SEVERAL_COUNTIES = "several_counties"
    REPEATED = "repeated"


_WORDS = {
    ProblemKind.CYCLE: (
        "环节供给成环：{nodes}。如非回收利用，请改正供给方向。",
        "segments feed each other in a circle: {nodes}; correct a direction unless it is recycling",
    ),
    ProblemKind.SELF_LOOP: (
        "{nodes} 指向自身（{others}），不参与排序，请删除。",
        "{nodes} points at itself ({others}) and is not ranked with; delete that",
    ),
    ProblemKind.EMPTY_CHAIN: (
        "产业链 {nodes} 没有环节，请补充。",
        "chain {nodes} has no segments; add some",
    ),
    ProblemKind.MISSING: (
        "{nodes} 不存在，但被 {others} 引用，请补录或改正引用。",
        "{nodes} does not exist, but {others} point at it; add it or correct them",
    ),
    ProblemKind.REVIEW: (
        "{nodes} 的归属 {others} 已失效，请复核其产业链与环节。",
        "the membership of {nodes} in {others} no longer holds; review its chain and segment",
    ),
    ProblemKind.SEVERAL_COUNTIES: (
        "{nodes} 同时登记在 {others}，两地均保留，请核实。",
        "{nodes} is registered in {others}; all are kept, please verify",
    ),
    ProblemKind.REPEATED: (
        "编号 {nodes} 重复出现，以最后一条为准，请合并。",
        "id {nodes} was given more than once and the last one counts; merge them",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to look at.

    Attributes:
        nodes: The nodes it is about.
        others: The nodes, relations or ids that it involves besides.
    """

    kind: ProblemKind
    nodes: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What is wrong and what to do, Chinese first."""
        nodes, others = (_listed(names) for names in (self.nodes, self.others))
        return " / ".join(words.format(nodes=nodes, others=others) for words in _WORDS[self.kind])


_SHOWN = 5


def _listed(names: tuple[str, ...]) -> str:
    more = f" … ({len(names)})" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def problems(graph: nx.MultiDiGraph) -> list[Problem]:
    """Everything in a city graph that cannot be right as it stands, in a fixed order."""
    return sorted(_found(graph), key=lambda p: (list(ProblemKind).index(p.kind), p.nodes))


def _found(graph: nx.MultiDiGraph) -> Iterator[Problem]:
    feeding = nx.DiGraph((a, b) for a, b, key in graph.edges(keys=True) if key == Relation.FEEDS)
    for circle in nx.strongly_connected_components(feeding):
        if len(circle) > 1:
            yield Problem(ProblemKind.CYCLE, tuple(sorted(circle)))
    loops: dict[str, set[str]] = defaultdict(set)
    for name, _, relation in nx.selfloop_edges(graph, keys=True):
        loops[name].add(relation)
    for name, relations in loops.items():
        yield Problem(ProblemKind.SELF_LOOP, (name,), tuple(sorted(relations)))
    for name, facts in graph.nodes(data=True):
        yield from _of_node(graph, name, facts)
    for name, _, review in graph.edges(data="review"):
        if review:
            yield Problem(ProblemKind.REVIEW, (name,), tuple(review.split()))


def _of_node(graph: nx.MultiDiGraph, name: str, facts: dict[str, object]) -> Iterator[Problem]:
    if facts.get("missing"):
        around = {*graph.predecessors(name), *graph.successors(name)}
        yield Problem(ProblemKind.MISSING, (name,), tuple(sorted(around)))
    elif facts["kind"] == NodeKind.CHAIN:
        members = (tail for tail, _, key in graph.in_edges([name], keys=True) if key == _MEMBER)
        if not any(graph.nodes[tail]["kind"] == NodeKind.SEGMENT for tail in members):
            yield Problem(ProblemKind.EMPTY_CHAIN, (name,))
    if "given" in facts:
        yield Problem(ProblemKind.REPEATED, (name,))
    if facts["kind"] == NodeKind.ORGANIZATION:
        places = [h for _, h, key in graph.out_edges([name], keys=True) if key == _LOCATED]
        if len(places) > 1:
            yield Problem(ProblemKind.SEVERAL_COUNTIES, (name,), tuple(sorted(places)))


_MEMBER, _LOCATED = Relation.MEMBER_OF, Relation.LOCATED_IN
