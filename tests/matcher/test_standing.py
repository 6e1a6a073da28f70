"""The compact form of a city graph says what the graph says."""

import networkx as nx
import pytest

from matcher.graph.build import city_graph
from matcher.graph.paths import paths
from matcher.graph.places import owner, places
from matcher.graph.schema import Cooperation, NodeKind, kind_of
from matcher.graph.standing import POSTINGS, Standing
from matcher.graph.supply import latest_supply_table
from matcher.graph.update import remove
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


@pytest.fixture(scope="module")
def graph() -> nx.MultiDiGraph:
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[
            university("partner", county="hill"),
            university("stranger"),
            enterprise("yard", county="harbour"),
            enterprise("other"),
        ],
        needs=[
            need("hull", organization="yard", county="harbour"),
            need("plain"),
            need("gone", organization="yard"),
            need("lost", chains=("no such chain",)),
        ],
        achievements=[
            achievement("hull", organization="partner", county="harbour", team=("甲", "乙")),
            achievement("steel", organization="nobody known"),
            achievement("both", organization="stranger"),
            achievement("unsure", organization="stranger"),
        ],
        tags={
            "need:hull": [tag("boats.hull", 0.9)],
            "need:gone": [tag("boats")],
            "achievement:hull": [tag("boats.hull", 0.8)],
            "achievement:steel": [tag("boats.steel", 0.7)],
            "achievement:both": [tag("boats", 0.6), tag("kites.silk", 0.3)],
            "achievement:unsure": [tag("kites", 0.0)],
            "organization:yard": [tag("boats")],
            "organization:other": [tag("boats.hull")],
        },
        cooperations=[
            Cooperation(enterprise="yard", university="partner"),
            Cooperation(enterprise="other", university="partner"),
        ],
        judgements=[judged("hull", "hull", 4), judged("gone", "hull", 2)],
    )
    remove(graph, "need:gone")
    return graph


@pytest.fixture(scope="module")
def standing(graph) -> Standing:
    return Standing.of(graph)


def test_it_holds_the_postings_that_take_part(graph, standing):
    expected = {
        name
        for name, facts in graph.nodes(data=True)
        if kind_of(name) in POSTINGS and not facts.get("missing")
    }

    assert set(standing.names) == expected
    assert [standing.holds(n) for n in ("need:hull", "need:gone", "need:?")] == [True, False, False]


def test_places_and_owners_are_those_of_the_graph(graph, standing):
    for name in [*standing.names, "organization:yard", "need:gone", "need:unknown"]:
        assert standing.places(name) == places(graph, name)
    for name in standing.names:
        assert standing.owner(name) == owner(graph, name)


def test_members_are_on_a_chain_or_its_segments_with_some_weight(standing):
    chain = {"chain:boats"}

    assert standing.members(NodeKind.ACHIEVEMENT, chain) == {"hull", "steel", "both"}
    assert standing.members(NodeKind.NEED, chain) == {"hull"}
    assert standing.members(NodeKind.ACHIEVEMENT, {"chain:kites"}) == {"both"}


def test_the_part_around_postings_explains_them_as_the_whole_graph_does(graph, standing):
    table = latest_supply_table(graph)
    offers = [n for n in standing.names if kind_of(n) is NodeKind.ACHIEVEMENT]

    for asked in ("hull", "plain", "lost"):
        part = standing.around([f"need:{asked}", *offers, "achievement:unknown"])
        for offer in offers:
            id_ = offer.partition(":")[2]
            assert paths(part, table, asked, id_) == paths(graph, table, asked, id_)


def test_a_part_is_small_and_of_its_own(standing):
    part = standing.around(["achievement:both"])

    assert "need:hull" not in part
    assert "organization:yard" not in part
    part.remove_node("organization:stranger")
    assert "organization:stranger" in standing.core


def test_a_city_without_chains_says_so(standing):
    assert standing.has_chains
    assert not Standing.of(city_graph(needs=[need()])).has_chains
