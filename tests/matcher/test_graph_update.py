import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.graph.build import city_graph
from matcher.graph.problems import problems
from matcher.graph.schema import Cooperation
from matcher.graph.update import link, node_of, put, remove
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

some = st.sampled_from
ids = some(["1", "2", "3"])
maybe_county = some([None, "harbour", "hill", "atlantis"])
maybe_owner = some([None, "1", "2", "3"])
chains = st.lists(some(["boats", "kites", "trains"]), max_size=2, unique=True).map(tuple)
tags = st.lists(some(["boats", "boats.hull", "boats.gone", "kites.silk", "trains.gone"]).map(tag))
common = {"id_": ids, "county": maybe_county, "chains": chains}
records = st.one_of(
    st.builds(university, **common),
    st.builds(need, organization=maybe_owner, **common),
    st.builds(
        achievement,
        organization=maybe_owner,
        team=st.lists(some(["张", "李"]), unique=True).map(tuple),
        trl=some([None, 4]),
        **common,
    ),
)
steps = st.lists(st.tuples(records, tags, st.booleans()), max_size=12)
COOPERATIONS = [Cooperation(enterprise="1", university="2")]
JUDGED = [judged("1", "2", 4)]


def rebuilt(kept, kept_tags):
    kinds = {"organization": [], "need": [], "achievement": []}
    for name, record in kept.items():
        kinds[name.partition(":")[0]].append(record)
    return city_graph(
        make_chains(),
        COUNTIES,
        organizations=kinds["organization"],
        needs=kinds["need"],
        achievements=kinds["achievement"],
        tags=kept_tags,
        cooperations=COOPERATIONS,
        judgements=JUDGED,
    )


@settings(max_examples=200, deadline=None)
@given(steps)
def test_any_sequence_of_changes_leaves_what_a_rebuild_would(steps):
    graph = rebuilt({}, {})
    kept, kept_tags = {}, {}

    for record, its_tags, stays in steps:
        name = node_of(record)
        if stays:
            put(graph, record, tags=its_tags)
            kept[name], kept_tags[name] = record, its_tags
        else:
            remove(graph, name)
            kept.pop(name, None)

    expected = rebuilt(kept, kept_tags)
    assert nx.utils.graphs_equal(graph, expected)
    assert problems(graph) == problems(expected)


def test_a_replaced_posting_says_only_what_it_says_now():
    graph = city_graph(make_chains(), COUNTIES, needs=[need(county="hill", chains=("boats",))])

    put(graph, need(county="harbour"))

    assert list(graph.edges("need:n", keys=True)) == [("need:n", "county:harbour", "located_in")]


def test_a_removed_organisation_stays_as_missing_while_postings_name_it():
    graph = city_graph(organizations=[university()], achievements=[achievement(organization="u")])

    remove(graph, "organization:u")
    assert graph.nodes["organization:u"] == {
        "kind": "organization",
        "id": "u",
        "missing": True,
    }

    remove(graph, "achievement:a")
    assert len(graph) == 0


def test_a_posting_takes_its_people_along():
    graph = city_graph(achievements=[achievement(team=("张三",))])

    remove(graph, "achievement:a")

    assert len(graph) == 0


def test_what_was_missing_is_filled_in_by_its_record():
    graph = city_graph(needs=[need(organization="e")])

    put(graph, enterprise())

    assert graph.nodes["organization:e"]["name"] == "企业e"
    assert problems(graph) == []


def test_removing_what_is_not_there_changes_nothing():
    graph = city_graph(needs=[need()])

    remove(graph, "need:other")

    assert list(graph) == ["need:n"]


def test_chains_are_not_removed_one_by_one():
    graph = city_graph(make_chains(), COUNTIES)

    with pytest.raises(ValueError, match="rebuild"):
        remove(graph, "chain:boats")


def test_a_later_level_replaces_an_earlier_one():
    graph = city_graph(needs=[need()], achievements=[achievement()])
    link(graph, judged("n", "a", 4))

    link(graph, judged("n", "a", 1))

    assert graph.edges["need:n", "achievement:a", "decided"] == {
        "weight": 0.0,
        "level": 1.0,
        "brokers": 1,
    }


def test_a_later_cooperation_says_only_what_it_says():
    graph = city_graph(organizations=[enterprise(), university()])
    link(graph, Cooperation(enterprise="e", university="u", year=2020))

    link(graph, Cooperation(enterprise="e", university="u", weight=0.5))

    assert graph.edges["organization:e", "organization:u", "cooperates_with"] == {"weight": 0.5}
