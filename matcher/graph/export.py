"""A city graph as a file for Gephi, web views and other programs, and back.

A node's name stands where the format keeps ids; the attribute ``id``, which is the end of that
name, is left out. In the public view postings that are not public keep their place in the graph
and their chains, so that counts stay right; their names, owners, people and counties are gone,
and so is what brokers think of any match.
"""

import json
import re
from io import BytesIO
from typing import Any

import networkx as nx

from matcher.graph.membership import RENAMED
from matcher.graph.schema import NodeKind, Relation
from matcher.types import Visibility

# what XML 1.0 cannot hold, and halves of surrogate pairs, which no file can
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHOWN = ("kind", "id", "visibility", "missing")
_REVEALING = (Relation.ASKS, Relation.SUPPLIES, Relation.LOCATED_IN, Relation.AUTHORED)


def public_view(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """A copy without judgements, and without what postings that are not public would reveal."""
    view = graph.copy()
    judged = [edge for edge in view.edges(keys=True) if edge[2] == Relation.DECIDED]
    view.remove_edges_from(judged)
    hidden = [
        name
        for name, facts in view.nodes(data=True)
        if facts.get("visibility", Visibility.PUBLIC) != Visibility.PUBLIC
    ]
    for name in hidden:
        facts = view.nodes[name]
        for key in [key for key in facts if key not in _SHOWN]:
            del facts[key]
        touching = [*view.in_edges([name], keys=True), *view.out_edges([name], keys=True)]
        revealing = [edge for edge in touching if edge[2] in _REVEALING]
        view.remove_edges_from(revealing)
        ends = {end for tail, head, _ in revealing for end in (tail, head)}
        # an expert known from nothing else would tell on the posting
        view.remove_nodes_from(
            [e for e in ends if view.nodes[e]["kind"] == NodeKind.EXPERT and view.degree(e) == 0]
        )
    return view


def graphml(graph: nx.MultiDiGraph) -> bytes:
    """The graph as a GraphML document in UTF-8 that Gephi reads.

    Each edge has an id of its own, and its relation as an attribute; nodes have a ``label``.
    Characters that XML cannot hold become spaces.
    """
    plain = nx.MultiDiGraph(**_scalars(graph))
    for name, facts in graph.nodes(data=True):
        label = facts.get("name_zh") or facts.get("name") or facts["id"]
        plain.add_node(_written(name), **_texts(_unnumbered(facts)), label=_written(label))
    for number, (tail, head, relation, facts) in enumerate(graph.edges(keys=True, data=True)):
        ends = (_written(tail), _written(head))
        plain.add_edge(*ends, key=f"e{number}", relation=relation, **_texts(facts))
    stream = BytesIO()
    nx.write_graphml_xml(plain, stream, encoding="utf-8")
    return stream.getvalue()


def node_link(graph: nx.MultiDiGraph) -> str:
    """The graph as node-link JSON, as ``networkx`` and d3 read it; nothing is lost."""
    plain = nx.MultiDiGraph(**graph.graph)
    plain.add_nodes_from((name, _unnumbered(facts)) for name, facts in graph.nodes(data=True))
    plain.add_edges_from(graph.edges(keys=True, data=True))
    return json.dumps(nx.node_link_data(plain, edges="edges"), ensure_ascii=False)


def from_node_link(text: str) -> nx.MultiDiGraph:
    """The graph that ``node_link`` wrote."""
    graph = nx.node_link_graph(json.loads(text), edges="edges")
    for name, facts in graph.nodes(data=True):
        facts["id"] = name.partition(":")[2]
    return graph


def _scalars(graph: nx.MultiDiGraph) -> dict[str, Any]:
    """Graph attributes; what is no scalar as JSON."""
    renamed = json.dumps(graph.graph.get(RENAMED, {}), ensure_ascii=False, sort_keys=True)
    return {**graph.graph, RENAMED: _written(renamed)}


def _unnumbered(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if key != "id"}


def _texts(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: _written(v) if isinstance(v, str) else v for key, v in facts.items()}


def _written(text: str) -> str:
    return _UNWRITABLE.sub(" ", text)
