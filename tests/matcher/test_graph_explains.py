from datetime import UTC, date, datetime
from functools import partial

import numpy as np
import pytest

from matcher.graph.build import city_graph
from matcher.graph.links import chain_introductions, enterprise_introductions
from matcher.graph.paths import PathKind, paths, words
from matcher.graph.places import others, owner
from matcher.graph.places import places as places_of
from matcher.graph.ranking import CityWalk
from matcher.graph.schema import Cooperation, Relation
from matcher.graph.signals import organization_strength, segment_proximity
from matcher.graph.supply import supply_table
from matcher.types import Visibility
from tests.matcher.graph_builders import (
    COUNTIES,
    achievement,
    enterprise,
    make_chain,
    make_chains,
    need,
    tag,
    university,
)

TODAY = date(2025, 6, 1)


def in_year(year):
    return datetime(year, 5, 1, tzinfo=UTC)


def harbour_city(**more):
    """Three achievements of one university on hulls, one of another on steel and one on kites."""
    fields = {
        "organizations": [
            university("u", county="harbour"),
            university("v"),
            enterprise("e", county="harbour"),
            enterprise("f"),
        ],
        "needs": [need("hull", organization="e"), need("none")],
        "achievements": [
            achievement("a1", organization="u", updated_at=in_year(2024), trl=9),
            achievement("a2", organization="u", updated_at=in_year(2023), trl=9),
            achievement("a3", organization="u", updated_at=in_year(2022), trl=9),
            achievement("steel", organization="v", updated_at=in_year(2024), trl=3),
            achievement("kite", organization="v"),
            achievement("untold", organization="u"),
            achievement("orphan"),
        ],
        "tags": {
            "need:hull": [tag("boats.hull", 0.9)],
            "achievement:a1": [tag("boats.hull", 0.82)],
            "achievement:a2": [tag("boats.hull", 0.8)],
            "achievement:a3": [tag("boats.hull", 0.8)],
            "achievement:steel": [tag("boats.steel", 0.6)],
            "achievement:kite": [tag("kites.silk", 0.6)],
            "achievement:orphan": [tag("boats", 0.5)],
            "organization:f": [tag("boats.steel", 0.5)],
        },
        "cooperations": [Cooperation(enterprise="f", university="u")],
    }
    return city_graph(make_chains(), COUNTIES, **fields | more)


def told(graph, need_id, achievement_id, language="zh"):
    found = paths(graph, supply_table(graph, today=TODAY), need_id, achievement_id)
    return [words(path, language) for path in found]


def test_a_match_is_explained_in_chinese():
    assert told(harbour_city(), "hull", "a1") == [
        "同一环节 环节hull（0.82）",
        "大学u在“环节hull”有 3 项成果，其中 2 项在 2023 年及以后",
        "大学u已与“链boats”链上 1 家企业合作",
        "同在港区",
    ]


def test_a_match_is_explained_in_english():
    assert told(harbour_city(), "hull", "a1", "en") == [
        "same segment hull (0.82)",
        "achievements of 大学u on hull: 3, 2 of them since 2023",
        "enterprises of the chain boats that 大学u already works with: 1",
        "both in Harbour District",
    ]


def test_a_neighbouring_segment_is_named_with_its_direction():
    graph = harbour_city(
        needs=[need("hull"), need("steel")],
        tags={
            "need:hull": [tag("boats.hull", 0.9)],
            "need:steel": [tag("boats.steel", 0.9)],
            "achievement:steel": [tag("boats.steel", 0.6)],
            "achievement:a1": [tag("boats.hull", 0.8)],
        },
    )

    assert told(graph, "hull", "steel")[0] == "上游环节：环节steel 供给 环节hull（0.60）"
    assert told(graph, "steel", "a1")[0] == "下游环节：环节steel 供给 环节hull（0.80）"


def test_strength_is_told_for_the_chain_where_the_segment_has_none():
    assert told(harbour_city(), "hull", "steel")[1:] == [
        "大学v在“链boats”有 1 项成果，其中 1 项在 2023 年及以后"
    ]


def test_only_the_chain_is_named_where_no_segment_is_known():
    assert told(harbour_city(), "hull", "orphan") == ["同一产业链 链boats（0.50）"]


def test_nothing_is_said_where_nothing_joins_the_two():
    graph = harbour_city()

    assert told(graph, "none", "kite") == []
    assert told(graph, "hull", "kite") == []
    assert told(graph, "unknown", "a1") == []


def test_paths_carry_their_facts_as_data():
    graph = harbour_city()

    same, strength, known, _ = paths(graph, supply_table(graph, today=TODAY), "hull", "a1")

    assert (same.kind, same.weight) == (PathKind.SAME_SEGMENT, 0.82)
    assert strength.counts == {"achievements": 3, "recent": 2, "since": 2023}
    assert known.counts == {"enterprises": 1}
    assert [name.node for name in strength.names] == ["organization:u", "segment:boats.hull"]


def test_achievements_that_are_not_public_do_not_make_a_university_strong():
    hidden = achievement("secret", organization="v", visibility=Visibility.BROKER)
    graph = harbour_city(achievements=[hidden], tags={"achievement:secret": [tag("boats.hull")]})

    assert supply_table(graph, today=TODAY).at("segment:boats.hull") == {}


def test_only_public_achievements_are_counted_as_recent():
    graph = harbour_city(
        achievements=[
            achievement("open", organization="u", updated_at=in_year(2024)),
            achievement(
                "secret", organization="u", updated_at=in_year(2024), visibility=Visibility.MASKED
            ),
        ],
        tags={"achievement:open": [tag("boats")], "achievement:secret": [tag("boats")]},
    )

    supply = supply_table(graph, today=TODAY).of("organization:u", "chain:boats")

    assert supply is not None
    assert (supply.achievements, supply.recent) == (1, 1)


def test_cooperation_with_another_chain_or_with_itself_is_not_told():
    graph = harbour_city(
        organizations=[university("u", chains=("boats",)), enterprise("f", chains=("kites",))],
        cooperations=[
            Cooperation(enterprise="f", university="u"),
            Cooperation(enterprise="u", university="u"),
        ],
    )

    found = paths(graph, supply_table(graph, today=TODAY), "hull", "a1")

    assert PathKind.COOPERATION not in {path.kind for path in found}


def proximity(graph, need_id, achievement_ids):
    offered = [places_of(graph, f"achievement:{i}") for i in achievement_ids]
    return segment_proximity(
        partial(others, graph, relation=Relation.FEEDS),
        places_of(graph, f"need:{need_id}"),
        offered,
    )


def test_proximity_falls_from_the_same_segment_to_another_chain():
    found = proximity(harbour_city(), "hull", ["a1", "steel", "orphan", "kite", "untold", "absent"])

    np.testing.assert_allclose(found[:4], [0.82, 0.5 * 0.6, 0.25 * 0.5, 0.0])
    assert np.isnan(found[4:]).all()


def test_the_heavier_of_two_neighbours_counts():
    graph = city_graph(
        [make_chain("boats", upstream=["steel", "paint"], midstream=["hull"])],
        needs=[need()],
        achievements=[achievement()],
        tags={
            "need:n": [tag("boats.steel", 0.9), tag("boats.paint", 0.3)],
            "achievement:a": [tag("boats.hull", 0.8)],
        },
    )

    assert proximity(graph, "n", ["a"]) == [0.5 * 0.8]


@pytest.mark.parametrize(
    ("chains", "tags"), [(("gone",), []), ((), [tag("boats", 0.0)])], ids=["gone", "weightless"]
)
def test_nothing_is_known_of_items_on_no_chain_that_exists(chains, tags):
    graph = city_graph(
        make_chains(),
        COUNTIES,
        needs=[need(chains=chains)],
        achievements=[achievement(chains=chains)],
        tags={"need:n": tags, "achievement:a": tags},
    )

    assert np.isnan(proximity(graph, "n", ["a"])).all()


def test_proximity_of_a_need_of_no_chain_is_unknown():
    assert np.isnan(proximity(harbour_city(), "none", ["a1"])).all()


def test_strength_is_that_of_the_owner_where_the_need_stands():
    graph = harbour_city()
    table = supply_table(graph, today=TODAY)

    hull = places_of(graph, "need:hull")

    # the strongest university on hulls, for a need that stands there with 0.9
    assert organization_strength(table, owner(graph, "achievement:a1"), hull) == 0.9
    assert organization_strength(table, owner(graph, "achievement:steel"), hull) == 0.0
    assert np.isnan(organization_strength(table, owner(graph, "achievement:orphan"), hull))
    assert np.isnan(organization_strength(table, owner(graph, "achievement:a1"), {}))


def test_a_mature_recent_result_outweighs_an_early_old_one():
    graph = harbour_city(
        achievements=[
            achievement("new", organization="v", updated_at=in_year(2025), trl=9),
            achievement("old", organization="u", updated_at=in_year(2010), trl=2),
        ],
        tags={
            "achievement:new": [tag("boats.hull")],
            "achievement:old": [tag("boats.hull")],
        },
    )

    at = supply_table(graph, today=TODAY).at("segment:boats.hull")

    assert list(at) == ["organization:v", "organization:u"]
    assert at["organization:v"].strength == 1
    assert 0 < at["organization:u"].strength < 0.1


def test_a_university_is_introduced_to_a_chain_where_it_has_worked_with_nobody():
    graph = harbour_city(
        needs=[need("steel", organization="e")],
        tags={
            "need:steel": [tag("boats.steel")],
            "achievement:steel": [tag("boats.steel")],
            "achievement:a1": [tag("boats.steel")],
            "organization:f": [tag("boats")],
        },
    )

    found = chain_introductions(graph, supply_table(graph, today=TODAY), k=5)

    # u works with f, an enterprise of the chain, already
    assert [(i.university, i.other) for i in found] == [("organization:v", "chain:boats")]
    assert found[0].meetings[0].place == "segment:boats.steel"
    assert found[0].meetings[0].needs == 1


def test_an_enterprise_is_known_on_the_chains_of_its_needs_too():
    graph = harbour_city(
        cooperations=[Cooperation(enterprise="e", university="u")],
    )

    found = chain_introductions(graph, supply_table(graph, today=TODAY), k=5)

    assert found == ()


def test_an_enterprise_meets_the_university_that_can_answer_its_needs_first():
    graph = harbour_city()
    table = supply_table(graph, today=TODAY)

    found = enterprise_introductions(graph, table, CityWalk(graph), k=5)

    pairs = [(i.university, i.other) for i in found]
    # v stands on the segment of f; e asks for what u has; u and f know each other
    assert set(pairs) == {
        ("organization:u", "organization:e"),
        ("organization:v", "organization:f"),
    }
    assert [i.score for i in found] == sorted((i.score for i in found), reverse=True)
    by_pair = dict(zip(pairs, found, strict=True))
    reason = by_pair["organization:u", "organization:e"].meetings[0]
    assert (reason.place, reason.needs, reason.supply.achievements) == ("segment:boats.hull", 1, 3)


def test_what_an_enterprise_asks_for_most_leads_to_whom_it_should_meet():
    graph = harbour_city(
        organizations=[university("u"), university("v"), enterprise("e", chains=("boats",))],
        needs=[need(f"n{i}", organization="e") for i in range(4)],
        tags={
            "need:n0": [tag("boats.hull")],
            **{f"need:n{i}": [tag("boats.steel")] for i in (1, 2, 3)},
            **{f"achievement:a{i}": [tag("boats.hull")] for i in (1, 2, 3)},
            "achievement:steel": [tag("boats.steel")],
        },
        cooperations=[],
    )

    found = enterprise_introductions(graph, supply_table(graph, today=TODAY), CityWalk(graph), k=5)

    assert [i.university for i in found] == ["organization:v", "organization:u"]
    # where segments are known the chain as a whole is no reason
    assert [m.place for m in found[0].meetings] == ["segment:boats.steel"]


def test_partners_need_no_introduction():
    graph = harbour_city(cooperations=[Cooperation(enterprise="e", university="u")])

    found = enterprise_introductions(graph, supply_table(graph, today=TODAY), CityWalk(graph), k=5)

    assert [(i.university, i.other) for i in found] == [("organization:v", "organization:f")]


def test_no_more_than_k_are_introduced():
    graph = harbour_city(
        needs=[need("steel", organization="e"), need("hull", organization="e")],
        tags={
            "need:steel": [tag("boats.steel")],
            "need:hull": [tag("boats.hull")],
            "achievement:steel": [tag("boats.steel")],
            "achievement:a1": [tag("boats.hull")],
        },
        cooperations=[],
    )
    table = supply_table(graph, today=TODAY)

    assert len(chain_introductions(graph, table, k=5)) == 2
    assert len(chain_introductions(graph, table, k=1)) == 1
    assert len(enterprise_introductions(graph, table, CityWalk(graph), k=5)) == 2
    assert len(enterprise_introductions(graph, table, CityWalk(graph), k=1)) == 1


def test_an_empty_graph_introduces_nobody():
    graph = city_graph()
    table = supply_table(graph, today=TODAY)

    assert chain_introductions(graph, table, k=5) == ()
    assert enterprise_introductions(graph, table, CityWalk(graph), k=5) == ()
