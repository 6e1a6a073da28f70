import networkx as nx
import pytest

from matcher.graph.build import city_graph
from matcher.graph.problems import ProblemKind, problems
from matcher.graph.schema import Cooperation
from tests.matcher.graph_builders import (
    COUNTIES,
    achievement,
    enterprise,
    judged,
    make_chain,
    make_chains,
    need,
    tag,
    university,
)


def edges_of(graph, name):
    return {
        (tail, key, head, facts["weight"])
        for tail, head, key, facts in [
            *graph.in_edges([name], keys=True, data=True),
            *graph.out_edges([name], keys=True, data=True),
        ]
    }


def kinds_of_problems(graph):
    return [problem.kind for problem in problems(graph)]


def test_every_record_is_joined_to_what_it_names():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[university(county="hill"), enterprise(county="harbour")],
        needs=[need(organization="e", county="hill")],
        achievements=[achievement(organization="u", team=("张三",), trl=6)],
        tags={"need:n": [tag("boats.hull", 0.7)], "achievement:a": [tag("kites", 0.6)]},
        cooperations=[Cooperation(enterprise="e", university="u", weight=0.5, year=2024)],
        judgements=[judged("n", "a", 3)],
        data_version=7,
    )

    assert edges_of(graph, "need:n") == {
        ("need:n", "member_of", "segment:boats.hull", 0.7),
        ("need:n", "located_in", "county:hill", 1.0),
        ("organization:e", "asks", "need:n", 1.0),
        ("need:n", "decided", "achievement:a", 2 / 3),
    }
    assert edges_of(graph, "achievement:a") == {
        ("achievement:a", "member_of", "chain:kites", 0.6),
        ("organization:u", "supplies", "achievement:a", 1.0),
        ("expert:organization:u/张三", "authored", "achievement:a", 1.0),
        ("need:n", "decided", "achievement:a", 2 / 3),
    }
    assert ("organization:e", "cooperates_with", "organization:u", 0.5) in edges_of(
        graph, "organization:u"
    )
    assert graph.nodes["achievement:a"]["trl"] == 6
    assert graph.graph["data_version"] == 7
    assert problems(graph) == []


def test_the_same_id_in_two_kinds_makes_two_nodes():
    graph = city_graph(needs=[need("x")], achievements=[achievement("x")])

    assert set(graph) == {"need:x", "achievement:x"}


def test_namesakes_of_two_organisations_are_two_people_and_of_one_are_one():
    graph = city_graph(
        organizations=[university("u"), university("v")],
        achievements=[
            achievement("a", organization="u", team=("李四",)),
            achievement("b", organization="u", team=("李四",)),
            achievement("c", organization="v", team=("李四",)),
            achievement("d", team=("李四",)),
            achievement("e", team=("李四",)),
        ],
    )

    experts = [name for name, kind in graph.nodes(data="kind") if kind == "expert"]
    assert len(experts) == 4
    assert graph.out_degree("expert:organization:u/李四") == 2


def test_people_of_owners_with_slashes_are_told_apart():
    graph = city_graph(
        organizations=[university("u"), university("u/x")],
        achievements=[
            achievement("a", organization="u", team=("x/王五",)),
            achievement("b", organization="u/x", team=("王五",)),
        ],
    )

    assert sum(kind == "expert" for _, kind in graph.nodes(data="kind")) == 2


class TestMembership:
    def edges(self, record, tags=(), corrections=None, **more):
        graph = city_graph(
            make_chains(),
            COUNTIES,
            needs=[record],
            tags={"need:n": tags},
            corrections=None if corrections is None else {"need:n": corrections},
            **more,
        )
        found = {
            head.partition(":")[2]: (facts["weight"], facts["origin"], facts.get("review"))
            for _, head, facts in graph.out_edges(["need:n"], data=True)
        }
        return found, problems(graph)

    def test_inferred_tags_count_where_nobody_said_anything(self):
        found, _ = self.edges(need(), [tag("boats.hull", 0.6), tag("kites", 0.3)])

        assert found == {
            "boats.hull": (0.6, "inferred", None),
            "kites": (0.3, "inferred", None),
        }

    def test_a_chain_that_a_person_named_is_refined_by_tags_but_not_added_to(self):
        found, _ = self.edges(
            need(chains=("boats",)), [tag("boats.hull", 0.6), tag("kites.silk", 0.9)]
        )

        assert found == {
            "boats": (1.0, "person", None),
            "boats.hull": (0.6, "inferred", None),
        }

    def test_a_segment_that_a_person_set_leaves_nothing_to_infer(self):
        found, _ = self.edges(need(), [tag("boats.hull", 0.9)], [tag("boats.steel", 1.0)])

        assert found == {"boats.steel": (1.0, "person", None)}

    def test_a_persons_word_stands_beside_a_surer_tag_of_the_same_place(self):
        found, _ = self.edges(need(), [tag("boats.gone", 0.9)], [tag("boats", 0.5)])

        assert found == {"boats": (0.5, "person", "boats.gone")}

    def test_corrections_replace_what_the_record_declares(self):
        found, _ = self.edges(need(chains=("boats",)), (), [tag("kites", 1.0)])

        assert found == {"kites": (1.0, "person", None)}

    def test_a_person_can_say_that_no_chain_fits(self):
        found, _ = self.edges(need(chains=("boats",)), [tag("boats.hull", 0.9)], [])

        assert found == {}

    def test_the_surer_of_two_tags_of_one_place_counts(self):
        found, _ = self.edges(need(), [tag("boats", 0.3), tag("boats", 0.5), tag("boats", 0.4)])

        assert found == {"boats": (0.5, "inferred", None)}

    def test_a_renamed_segment_takes_its_items_along_through_every_renaming(self):
        found, told = self.edges(
            need(),
            [tag("boats.shell", 0.6)],
            renamed={"boats.shell": "boats.body", "boats.body": "boats.hull"},
        )

        assert found == {"boats.hull": (0.6, "inferred", None)}
        assert told == []

    def test_merged_segments_leave_one_membership_of_the_surest(self):
        found, _ = self.edges(
            need(),
            [tag("boats.bow", 0.6), tag("boats.stern", 0.7)],
            renamed={"boats.bow": "boats.hull", "boats.stern": "boats.hull"},
        )

        assert found == {"boats.hull": (0.7, "inferred", None)}

    def test_a_segment_that_is_gone_leaves_its_chain_and_a_review(self):
        found, told = self.edges(need(), [tag("boats.mast", 0.6)])

        assert found == {"boats": (0.6, "inferred", "boats.mast")}
        assert [(p.kind, p.nodes, p.others) for p in told] == [
            (ProblemKind.REVIEW, ("need:n",), ("boats.mast",))
        ]

    def test_renamings_in_a_circle_end_in_a_review(self):
        found, told = self.edges(
            need(),
            [tag("boats.bow", 0.6)],
            renamed={"boats.bow": "boats.stern", "boats.stern": "boats.bow"},
        )

        assert found == {"boats": (0.6, "inferred", "boats.bow")}
        assert [p.others for p in told] == [("boats.bow",)]

    def test_an_item_of_a_removed_chain_keeps_pointing_at_it_and_is_reviewed(self):
        found, told = self.edges(need(chains=("trains",)))

        assert found == {"trains": (1.0, "person", "trains")}
        assert [p.kind for p in told] == [ProblemKind.MISSING, ProblemKind.REVIEW]
        assert told[0].nodes == ("chain:trains",)
        assert told[0].others == ("need:n",)

    def test_a_chain_that_was_renamed_is_followed_too(self):
        found, told = self.edges(need(chains=("ships",)), renamed={"ships": "boats"})

        assert found == {"boats": (1.0, "person", None)}
        assert told == []

    @pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan"), float("inf")])
    def test_a_weight_that_is_none_is_refused(self, weight):
        with pytest.raises(ValueError, match=r"not in \[0, 1\]"):
            self.edges(need(), [tag("boats", weight)])


def test_a_circle_of_segments_is_kept_and_reported():
    graph = city_graph(make_chains(), COUNTIES, flows=[("boats.hull", "boats.steel")])

    assert graph.has_edge("segment:boats.hull", "segment:boats.steel", key="feeds")
    (problem,) = problems(graph)
    assert problem.kind is ProblemKind.CYCLE
    assert problem.nodes == ("segment:boats.hull", "segment:boats.steel")


def test_a_segment_may_feed_one_of_another_chain():
    graph = city_graph(make_chains(), COUNTIES, flows=[("boats.steel", "kites.frame")])

    assert graph.has_edge("segment:boats.steel", "segment:kites.frame", key="feeds")
    assert problems(graph) == []


def test_a_flow_to_an_unknown_segment_is_reported():
    graph = city_graph(make_chains(), COUNTIES, flows=[("boats.hull", "boats.mast")])

    (problem,) = problems(graph)
    assert problem.kind is ProblemKind.MISSING
    assert problem.nodes == ("segment:boats.mast",)


def test_what_points_at_itself_is_reported():
    graph = city_graph(
        make_chains(),
        COUNTIES,
        organizations=[university()],
        flows=[("boats.hull", "boats.hull")],
        cooperations=[Cooperation(enterprise="u", university="u")],
    )

    loops = [p for p in problems(graph) if p.kind is ProblemKind.SELF_LOOP]
    assert [(p.nodes, p.others) for p in loops] == [
        (("organization:u",), ("cooperates_with",)),
        (("segment:boats.hull",), ("feeds",)),
    ]


def test_a_chain_without_segments_takes_part_and_is_reported():
    graph = city_graph([make_chain("empty")], needs=[need(chains=("empty",))])

    assert graph.has_edge("need:n", "chain:empty")
    assert [(p.kind, p.nodes) for p in problems(graph)] == [
        (ProblemKind.EMPTY_CHAIN, ("chain:empty",))
    ]


def test_an_organisation_in_two_counties_is_kept_in_both_and_reported():
    graph = city_graph(
        [],
        COUNTIES,
        organizations=[enterprise(county="harbour"), enterprise(county="hill")],
    )

    assert set(graph.successors("organization:e")) == {"county:harbour", "county:hill"}
    assert kinds_of_problems(graph) == [ProblemKind.SEVERAL_COUNTIES, ProblemKind.REPEATED]


def test_a_need_given_twice_counts_once_and_is_reported():
    graph = city_graph([], COUNTIES, needs=[need(county="hill"), need(county="harbour")])

    assert list(graph.successors("need:n")) == ["county:harbour"]
    assert kinds_of_problems(graph) == [ProblemKind.REPEATED]


def test_what_is_named_but_not_given_stands_there_as_missing():
    graph = city_graph(
        [make_chain("boats", counties=["moon"], upstream=["steel"])],
        needs=[need(organization="nobody", county="mars")],
    )

    missing = {p.nodes[0]: p.others for p in problems(graph) if p.kind is ProblemKind.MISSING}
    assert missing == {
        "county:mars": ("need:n",),
        "county:moon": ("chain:boats",),
        "organization:nobody": ("need:n",),
    }


def test_nothing_makes_an_empty_graph():
    graph = city_graph()

    assert len(graph) == 0
    assert problems(graph) == []


def test_one_need_makes_a_graph_of_one_node():
    graph = city_graph(needs=[need()])

    assert list(graph) == ["need:n"]
    assert problems(graph) == []


def test_every_kind_of_problem_is_told_in_both_languages():
    graph = city_graph(
        [*make_chains(), make_chain("empty")],
        COUNTIES,
        organizations=[enterprise(county="harbour"), enterprise(county="hill")],
        needs=[need(chains=("trains",))],
        flows=[("boats.hull", "boats.steel"), ("kites.silk", "kites.silk")],
    )

    told = problems(graph)

    assert {p.kind for p in told} == set(ProblemKind)
    for problem in told:
        zh, en = problem.message.split(" / ")
        assert problem.nodes[0] in zh
        assert problem.nodes[0] in en


def test_a_long_list_of_causes_is_shortened_with_its_length():
    graph = city_graph(needs=[need(f"n{i}", county="mars") for i in range(9)])

    (problem,) = problems(graph)

    assert len(problem.others) == 9
    assert "(9)" in problem.message
    assert "need:n8" not in problem.message


@pytest.mark.parametrize("weight", [0.0, -1.0, 1.5, float("nan")])
def test_a_cooperation_that_counts_nothing_or_too_much_is_refused(weight):
    with pytest.raises(ValueError, match="weight lies"):
        Cooperation(enterprise="e", university="u", weight=weight)


def test_the_packaged_order_of_segments_has_no_circle():
    graph = city_graph(make_chains(), COUNTIES)

    feeding = nx.DiGraph((a, b) for a, b, key in graph.edges(keys=True) if key == "feeds")
    assert nx.is_directed_acyclic_graph(feeding)
