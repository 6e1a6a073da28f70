from collections import defaultdict

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.graph.build import city_graph
from matcher.graph.ranking import CityWalk, WalkConfig
from matcher.graph.schema import Cooperation, NodeKind, Relation
from matcher.graph.signals import chain_affinity, organization_lift
from matcher.graph.update import put
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

SEGMENTS = ["boats.steel", "boats.hull", "kites.silk", "kites.frame"]


def nodes(*achievement_ids):
    return [f"achievement:{i}" for i in achievement_ids]


def random_city(seed):
    random = np.random.default_rng(seed)

    def places():
        return [tag(SEGMENTS[i], float(random.uniform(0.1, 1))) for i in random.choice(4, 2)]

    needs = [need(f"n{i}", organization=f"e{i % 3}", county="hill") for i in range(5)]
    supply = [
        achievement(f"a{i}", organization=f"u{random.integers(4)}", team=("甲",)) for i in range(12)
    ]
    return city_graph(
        make_chains(),
        COUNTIES,
        organizations=[
            *(university(f"u{i}", county="harbour") for i in range(4)),
            *(enterprise(f"e{i}", chains=("boats",)) for i in range(3)),
        ],
        needs=needs,
        achievements=supply,
        tags={f"need:{n.id}": places() for n in needs}
        | {f"achievement:{a.id}": places() for a in supply},
        cooperations=[
            Cooperation(enterprise=f"e{random.integers(3)}", university=f"u{random.integers(4)}"),
            Cooperation(enterprise="e0", university="e0"),
        ],
        judgements=[judged("n0", "a0", 4)],
        flows=[("kites.silk", "kites.silk")],
    )


def walked_graph(graph, asker, towards, config):
    """What the walk promises, edge by edge: groups of relation and kind share a node's way out."""
    within = {"chain", "segment", "county", "organization", towards}
    kinds = dict(graph.nodes(data="kind"))
    groups = defaultdict(dict)
    for tail, head, key, weight in graph.edges(keys=True, data="weight"):
        for a, b in ((tail, head), (head, tail)):
            inside = kinds[a] in within or a == asker
            if key in config.relations and inside and kinds[b] in within and a != b:
                groups[a, key, kinds[b]][b] = weight
    walked = nx.DiGraph()
    for (a, key, _), ends in groups.items():
        for b, weight in ends.items():
            share = config.relations[key] * weight / max(1, sum(ends.values()))
            before = walked.edges[a, b]["weight"] if walked.has_edge(a, b) else 0
            walked.add_edge(a, b, weight=before + share)
    return walked


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), towards=st.sampled_from([NodeKind.ACHIEVEMENT, NodeKind.NEED]))
def test_scores_equal_personalised_pagerank_on_the_walked_graph(seed, towards):
    graph = random_city(seed)
    config = WalkConfig()
    walk = CityWalk(graph, towards=towards, config=config)
    asker = "need:n1" if towards is NodeKind.ACHIEVEMENT else "achievement:a1"

    scores = walk.scores([walk.links(graph, asker)])[0]

    expected = nx.pagerank(
        walked_graph(graph, asker, towards.value, config),
        alpha=1 - config.restart,
        personalization={asker: 1},
        tol=1e-12,
        max_iter=1000,
    )
    for place, score in zip(walk.targets, scores, strict=True):
        assert score == pytest.approx(expected[walk.nodes[place]], abs=1e-6)


def test_the_same_segment_comes_before_its_neighbour_and_that_before_another_chain():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        needs=[need()],
        achievements=[achievement(i) for i in ("kite", "steel", "hull", "unknown")],
        tags={
            "need:n": [tag("boats.hull")],
            "achievement:hull": [tag("boats.hull")],
            "achievement:steel": [tag("boats.steel")],
            "achievement:kite": [tag("kites.silk")],
        },
    )
    walk = CityWalk(graph)

    found = chain_affinity(
        walk, walk.links(graph, "need:n"), nodes("hull", "steel", "kite", "unknown", "absent")
    )

    assert 1 > found[0] > 0.5 > found[1] > found[2] == found[3] == 0
    assert np.isnan(found[4])


def test_a_university_that_works_with_the_chains_enterprises_comes_first():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[university("known"), university("new"), enterprise(chains=("boats",))],
        needs=[need(chains=("boats",))],
        achievements=[achievement("a", organization="new"), achievement("b", organization="known")],
        tags={"achievement:a": [tag("boats.hull")], "achievement:b": [tag("boats.hull")]},
        cooperations=[Cooperation(enterprise="e", university="known")],
    )
    walk = CityWalk(graph)

    new, known = chain_affinity(walk, walk.links(graph, "need:n"), nodes("a", "b"))

    assert known > new


def test_an_unsure_membership_leads_the_walk_less_than_a_sure_one():
    def score(weight):
        graph = city_graph(
            make_chains(),
            COUNTIES,
            needs=[need(county="hill")],
            achievements=[achievement()],
            tags={"need:n": [tag("boats.hull", weight)], "achievement:a": [tag("boats.hull")]},
        )
        walk = CityWalk(graph)
        return walk.scores([walk.links(graph, "need:n")])[0, 0]

    assert score(0.1) < score(0.9)


def test_levels_given_by_brokers_do_not_lead_the_walk():
    graph = random_city(1)
    without = CityWalk(graph)

    graph.remove_edge("need:n0", "achievement:a0", key="decided")

    links = without.links(graph, "need:n0")
    assert not any(end == "achievement:a0" for _, end in links)


def test_a_need_put_in_later_is_ranked_for_at_once_as_if_it_had_been_there():
    graph = random_city(2)
    early = CityWalk(graph)
    put(graph, need("late", organization="e1"), tags=[tag("kites.silk", 0.7)])

    found = early.scores([early.links(graph, "need:late")])

    rebuilt = CityWalk(graph)
    np.testing.assert_array_equal(found, rebuilt.scores([rebuilt.links(graph, "need:late")]))


def test_a_text_without_a_record_is_ranked_by_its_tags():
    graph = random_city(3)
    walk = CityWalk(graph)
    put(graph, need("same"), tags=[tag("boats.hull", 0.7)])

    by_hand = walk.scores([{(Relation.MEMBER_OF, "segment:boats.hull"): 0.7}])

    np.testing.assert_array_equal(by_hand, walk.scores([walk.links(graph, "need:same")]))


def test_nothing_is_known_of_a_need_of_no_chain():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[enterprise(county="hill")],
        needs=[need(organization="e"), need("alone")],
        achievements=[achievement(county="hill")],
    )
    walk = CityWalk(graph)

    assert np.isnan(chain_affinity(walk, walk.links(graph, "need:n"), nodes("a"))).all()
    assert np.isnan(walk.scores([walk.links(graph, "need:alone")])).all()
    assert walk.scores([walk.links(graph, "need:n")])[0, 0] > 0


def test_organisations_without_postings_may_know_each_other():
    graph = city_graph(
        organizations=[enterprise("e"), enterprise("f"), university()],
        needs=[need(organization="e")],
        achievements=[achievement(organization="u")],
        cooperations=[
            Cooperation(enterprise="e", university="f"),
            Cooperation(enterprise="f", university="u"),
        ],
    )
    walk = CityWalk(graph)

    assert walk.scores([walk.links(graph, "need:n")])[0, 0] > 0


def test_removed_chains_join_nothing():
    graph = city_graph(needs=[need(chains=("x",))], achievements=[achievement(chains=("x",))])
    walk = CityWalk(graph)

    assert walk.links(graph, "need:n") == {}


@pytest.mark.parametrize("towards", [NodeKind.ACHIEVEMENT, NodeKind.NEED])
def test_an_empty_graph_can_be_asked(towards):
    walk = CityWalk(city_graph(), towards=towards)

    assert walk.scores([{}]).shape == (1, 0)
    assert np.isnan(chain_affinity(walk, {}, nodes("a"))).all()


def test_a_graph_of_one_need_ranks_nothing_for_it():
    graph = city_graph(needs=[need(chains=("boats",))])
    walk = CityWalk(graph)

    assert walk.scores([walk.links(graph, "need:n")]).shape == (1, 0)


def test_walks_lead_only_to_postings():
    with pytest.raises(ValueError, match="needs or to achievements"):
        CityWalk(city_graph(), towards=NodeKind.COUNTY)


@pytest.mark.parametrize(
    "bad",
    [
        {"restart": 0.0},
        {"restart": 1.0},
        {"relations": {Relation.FEEDS: -1.0}},
        {"relations": {Relation.AUTHORED: 1.0}},
    ],
)
def test_settings_that_mean_nothing_are_refused(bad):
    with pytest.raises(ValueError, match="restart lies|the walk follows"):
        WalkConfig(**bad)


def test_the_mean_over_all_targets_is_that_of_their_scores():
    graph = random_city(4)
    walk = CityWalk(graph)
    askers = [walk.links(graph, f"need:n{i}") for i in range(3)]

    means = walk.means(askers)

    np.testing.assert_allclose(means, walk.scores(askers).mean(axis=1), rtol=1e-5)


def test_a_walk_from_anywhere_equals_common_pagerank():
    graph = random_city(5)
    walk = CityWalk(graph)

    expected = nx.pagerank(
        nx.from_scipy_sparse_array(walk.weights, create_using=nx.DiGraph),
        alpha=1 - walk.config.restart,
        tol=1e-12,
        max_iter=1000,
    )

    np.testing.assert_allclose(
        walk.from_anywhere, [expected[i] for i in range(len(walk.nodes))], 1e-4
    )


def test_an_organisation_is_near_for_whom_it_serves_and_not_for_being_large():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[university("large"), university("apt"), enterprise()],
        needs=[need(organization="e")],
        achievements=[
            *(achievement(f"k{i}", organization="large") for i in range(9)),
            achievement("h", organization="large"),
            achievement("a", organization="apt"),
        ],
        tags={
            "need:n": [tag("boats.hull")],
            **{f"achievement:k{i}": [tag("kites.silk")] for i in range(9)},
            "achievement:h": [tag("boats.hull")],
            "achievement:a": [tag("boats.hull")],
        },
    )
    walk = CityWalk(graph)
    links = walk.links(graph, "need:n")

    found = organization_lift(
        walk, links, ["organization:large", "organization:apt", None, "organization:absent"]
    )

    large, apt = (walk.column[f"organization:{i}"] for i in ("large", "apt"))
    scores = walk.scores([links], np.array([large, apt]))[0]
    assert found[1] > 1.2 * found[0]
    assert scores[1] < 1.2 * scores[0]
    assert np.isnan(found[2:]).all()
    assert np.isnan(organization_lift(walk, {}, ["organization:apt"])).all()
