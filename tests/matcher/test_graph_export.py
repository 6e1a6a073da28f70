from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree

import networkx as nx
import pytest

from matcher.graph.build import city_graph
from matcher.graph.export import from_node_link, graphml, node_link, public_view
from matcher.graph.schema import Cooperation
from matcher.types import Visibility
from tests.matcher.graph_builders import (
    COUNTIES,
    achievement,
    enterprise,
    judged,
    make_chains,
    need,
    tag,
    university,
)


def small_city(**more):
    fields = {
        "organizations": [university(county="hill"), enterprise(chains=("gone",))],
        "needs": [need(organization="e", updated_at=datetime(2024, 3, 1, tzinfo=UTC))],
        "achievements": [achievement(organization="u", team=("张三",), trl=6)],
        "tags": {"need:n": [tag("boats.hull", 0.7)]},
        "cooperations": [Cooperation(enterprise="e", university="u", weight=0.5, year=2024)],
        "judgements": [judged("n", "a", 3)],
        "renamed": {"boats.old": "boats.hull"},
        "data_version": 7,
    }
    return city_graph(make_chains(), COUNTIES, **fields | more)


def read(document):
    return nx.read_graphml(BytesIO(document), force_multigraph=True)


def test_node_link_json_brings_back_the_same_graph():
    graph = small_city()

    again = from_node_link(node_link(graph))

    assert nx.utils.graphs_equal(again, graph)
    assert again.graph == graph.graph
    assert "需求n" in node_link(graph)


def test_graphml_brings_back_nodes_edges_and_types():
    graph = small_city()

    again = read(graphml(graph))

    for facts in again.nodes.values():
        del facts["label"]
    assert dict(again.nodes(data=True)) == {
        name: {key: value for key, value in facts.items() if key != "id"}
        for name, facts in graph.nodes(data=True)
    }
    assert sorted((a, b, f.pop("relation"), f) for a, b, f in again.edges(data=True)) == sorted(
        graph.edges(keys=True, data=True)
    )
    assert again.graph["data_version"] == 7
    assert again.graph["schema_version"] == 1


def test_graphml_declares_types_and_gives_each_edge_its_own_id():
    root = ElementTree.fromstring(graphml(small_city()))

    space = "{http://graphml.graphdrawing.org/xmlns}"
    types = {k.get("attr.name"): k.get("attr.type") for k in root.iter(f"{space}key")}
    ids = [edge.get("id") for edge in root.iter(f"{space}edge")]
    assert types["weight"] == "double"
    assert types["label"] == "string"
    assert types["trl"] == "long"
    assert len(set(ids)) == len(ids)


def test_nodes_are_labelled_with_what_people_call_them():
    again = read(graphml(small_city()))

    assert again.nodes["segment:boats.hull"]["label"] == "环节hull"
    assert again.nodes["need:n"]["label"] == "需求n"
    assert again.nodes["chain:gone"]["label"] == "gone"


@pytest.mark.parametrize("odd", ["\x0b", "\x00", "\ud800", "\ufffe"])
def test_characters_that_xml_cannot_hold_become_spaces(odd):
    graph = city_graph(needs=[need(f"x{odd}y")])

    again = read(graphml(graph))

    assert again.nodes["need:x y"]["label"] == "需求x y"


def test_markup_in_titles_stays_text():
    graph = city_graph(needs=[need('<a> & "b"')])

    assert read(graphml(graph)).nodes['need:<a> & "b"']["label"] == '需求<a> & "b"'


def test_an_empty_graph_can_be_exported():
    assert len(read(graphml(city_graph()))) == 0
    assert len(from_node_link(node_link(city_graph()))) == 0


@pytest.mark.parametrize("visibility", [Visibility.BROKER, Visibility.MASKED])
def test_the_public_view_names_nothing_of_postings_that_are_not_public(visibility):
    graph = small_city(
        needs=[need(organization="e", county="hill", visibility=visibility)],
        achievements=[achievement(organization="u", team=("张三",), visibility=visibility)],
    )

    view = public_view(graph)

    written = node_link(view)
    assert "需求n" not in written
    assert "成果a" not in written
    assert "张三" not in written
    assert set(view.successors("need:n")) == {"segment:boats.hull"}
    assert list(view.predecessors("need:n")) == []
    assert view.degree("achievement:a") == 0


def test_the_public_view_keeps_what_brokers_think_inside():
    graph = small_city()

    assert graph.has_edge("need:n", "achievement:a", key="decided")
    assert not public_view(graph).has_edge("need:n", "achievement:a")


def test_the_public_view_leaves_public_postings_and_the_graph_alone():
    graph = small_city(needs=[need(), need("secret", visibility=Visibility.MASKED)])
    before = graph.copy()

    view = public_view(graph)

    assert view.nodes["need:n"] == graph.nodes["need:n"]
    assert nx.utils.graphs_equal(graph, before)
