"""Where items stand on the chains, asked one by one and all at once."""

from matcher.graph.build import city_graph
from matcher.graph.places import places, places_of_all
from tests.matcher.graph_builders import COUNTIES, achievement, make_chains, need, tag, university


def test_all_at_once_they_stand_where_each_stands_alone():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[university(chains=("kites",))],
        needs=[need("n1"), need("n2")],
        achievements=[achievement("a1", organization="u")],
        tags={
            "need:n1": [tag("boats.hull", 0.4), tag("boats", 0.7)],
            "achievement:a1": [tag("kites.silk", 0.0), tag("gone", 0.9), tag("boats.steel")],
        },
    )

    found = places_of_all(graph)

    assert found["need:n1"] == {"segment:boats.hull": 0.4, "chain:boats": 0.7}
    assert {name: found.get(name, {}) for name in graph} == {n: places(graph, n) for n in graph}
