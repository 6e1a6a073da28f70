import json

import pytest

from matcher.config import MatchConfig
from matcher.errors import EmptyQuery, UnknownDocument
from matcher.lexical import LexicalRetriever
from matcher.pipeline import Pipeline
from matcher.ranker import Ranker, expected_gain
from matcher.supply import Supply
from matcher.text import document_of, query_of
from matcher.types import Achievement, Document, Filter, Need, Status, Visibility
from tests.builders import make_dense, make_documents, make_pipeline, make_query


def test_contributions_add_up_to_the_score_and_shares_to_one():
    found = make_pipeline().match(make_query("锂电池预警"))

    best = found.matches[0]

    assert best.rank == 1
    assert sum(s.contribution for s in best.signals) == pytest.approx(best.score, abs=1e-6)
    assert sum(s.share for s in best.signals) == pytest.approx(1.0)


def test_a_match_quotes_the_words_it_rests_on():
    found = make_pipeline().match(make_query("预警动力锂电池的热失控"))

    assert found.matches[0].document_id == "a-battery"
    assert "热失控" in [p.text for p in found.matches[0].phrases]


def test_needs_are_found_for_an_achievement_by_the_same_pipeline():
    needs = [Need(id="n1", title="求无水染色技术"), Need(id="n2", title="电机轴承异响")]
    pipeline = make_pipeline([Document(id=n.id, title=n.title) for n in needs])

    found = pipeline.match(query_of(Achievement(id="a", title="超临界无水染色装备")))

    assert [m.document_id for m in found.matches] == ["n1", "n2"]


def test_the_same_input_gives_the_same_bytes():
    query = make_query("机器人减速器", "谐波传动")

    lists = [
        json.dumps(make_pipeline(documents).match(query).as_json(), ensure_ascii=False)
        for documents in (make_documents(), make_documents()[::-1])
    ]

    assert lists[0] == lists[1]


@pytest.mark.parametrize("twins", range(2, 14))
def test_equal_documents_are_ordered_by_id(twins: int):
    ids = [f"z{i:02}" for i in range(twins)]
    documents = [Document(id=i, title="高速电机轴承") for i in reversed(ids)]
    pipeline = make_pipeline([*documents, *make_documents()])

    found = pipeline.match(make_query("高速电机轴承座"), k=twins)

    assert [m.document_id for m in found.matches] == ids
    assert len({m.score for m in found.matches}) == 1


def test_a_filter_changes_neither_scores_nor_order():
    query = make_query("六轴机器人", "轴承润滑与减速器")
    everything = make_pipeline().retrieve(query, k=5)

    some = make_pipeline().retrieve(query, k=5, allowed={"a-robot", "a-motor", "a-dyeing"})

    assert list(some.items()) == [(i, s) for i, s in everything.items() if i in some]


def test_asking_for_more_changes_nothing_at_the_top():
    config = MatchConfig(depth=2)
    query = make_query("六轴机器人", "轴承润滑与减速器")
    few = make_pipeline(config=config).retrieve(query, k=1)

    many = make_pipeline(config=config).retrieve(query, k=5)

    assert list(many.items())[:1] == list(few.items())
    assert len(many) == 5


def test_an_only_candidate_still_says_what_spoke_for_it():
    pipeline = make_pipeline([Document(id="a", title="锂电池预警")])

    (only,) = pipeline.match(make_query("锂电池")).matches

    assert [s.share > 0 for s in only.signals] == [True, True]
    assert sum(s.share for s in only.signals) == pytest.approx(1.0)


def test_a_query_without_words_is_refused():
    with pytest.raises(EmptyQuery, match="n"):
        make_pipeline().match(make_query("……！", " \n"))


def test_a_weight_of_zero_silences_a_signal():
    config = MatchConfig(weights=(("lexical", 0.0), ("dense", 1.0)))

    found = make_pipeline(config=config).match(make_query("锂电池"))

    assert found.matches[0].signals[0].name == "lexical"
    assert found.matches[0].signals[0].share == 0


def test_the_description_counts_and_not_only_the_title():
    pipeline = make_pipeline(make_documents())

    found = pipeline.match(make_query("技术难题攻关", "谐波减速器柔轮断裂"), k=1)

    assert found.matches[0].document_id == "a-robot"


def test_negative_settings_are_refused():
    with pytest.raises(ValueError, match="negative"):
        MatchConfig(weights=(("dense", -1.0),))
    with pytest.raises(ValueError, match="depth"):
        MatchConfig(depth=0)
    with pytest.raises(ValueError, match="repeat"):
        MatchConfig(repeat=0.0)


def test_the_default_filter_accepts_published_postings_only():
    draft = Achievement(id="a", title="t", status=Status.DRAFT)

    assert not Filter().accepts(draft)
    assert Filter(statuses=()).accepts(draft)


@pytest.mark.parametrize(
    ("wanted", "accepted"),
    [
        (Filter(chains=("nev",)), True),
        (Filter(chains=("robot", "textile")), False),
        (Filter(counties=("yongkang",)), False),
        (Filter(min_trl=6), True),
        (Filter(min_trl=7), False),
        (Filter(visibilities=(Visibility.BROKER,)), False),
        (Filter(organizations=("u-1",)), True),
    ],
)
def test_every_condition_of_a_filter_must_hold(wanted: Filter, accepted: bool):
    posting = Achievement(
        id="a", title="t", chains=("nev", "e-materials"), trl=6, organization="u-1"
    )

    assert wanted.accepts(posting) is accepted


def test_an_achievement_of_unknown_maturity_is_kept():
    assert Filter(min_trl=7).accepts(Achievement(id="a", title="t"))


RANKER = Ranker({"fused": 0.0}, {"fused": 1.0}, (-1.0, 0.0, 1.0))


def test_a_ranker_orders_by_expected_gain_and_gives_every_match_its_levels():
    found = make_pipeline().with_ranker(RANKER).match(make_query("高速永磁电机"), k=5)
    assert [m.score for m in found.matches] == sorted(
        (m.score for m in found.matches), reverse=True
    )
    assert found.matches[0].document_id == "a-motor"
    for match in found.matches:
        assert sum(match.levels) == pytest.approx(1.0, abs=1e-5)
        one, two, three, four = match.levels
        assert match.score == pytest.approx(two + 3 * three + 7 * four, abs=1e-4)
        assert sum(s.contribution for s in match.signals) == pytest.approx(match.fused, abs=1e-6)


def test_candidates_beyond_the_graded_ones_follow_in_the_order_of_the_fused_score():
    plain = make_pipeline()
    few = make_pipeline(config=MatchConfig(graded=2)).with_ranker(RANKER)
    scores = few.retrieve(make_query("永磁电机轴承"), k=1)
    assert list(scores) == list(plain.retrieve(make_query("永磁电机轴承"), k=1))
    everyone = few.match(make_query("永磁电机轴承"), k=5).matches
    assert all(match.levels is not None for match in everyone)


def test_a_filter_changes_no_grade():
    pipeline = make_pipeline().with_ranker(RANKER)
    query = make_query("永磁电机轴承")
    alone = pipeline.retrieve(query, k=5, allowed={"a-bearing"})
    among_all = pipeline.retrieve(query, k=5)
    assert alone["a-bearing"] == among_all["a-bearing"]
    assert expected_gain(pipeline.grade(query, ["a-bearing"]))[0] == pytest.approx(
        alone["a-bearing"]
    )


def test_a_list_says_when_there_is_no_good_supply():
    strict = Ranker({"fused": 0.0}, {"fused": 1.0}, (5.0, 20.0, 30.0))
    query = make_query("高速永磁电机")
    assert make_pipeline().with_ranker(strict).match(query).supply is Supply.NOTHING_NEAR
    lenient = Ranker({"fused": 0.0}, {"fused": 1.0}, (-30.0, -20.0, -10.0))
    assert make_pipeline().with_ranker(lenient).match(query).supply is Supply.GOOD
    assert make_pipeline().match(query).supply is None


def test_promising_documents_are_those_that_reach_level_3_with_the_configured_probability():
    query = make_query("高速永磁电机")
    ids = [document.id for document in make_documents()]
    graded = make_pipeline().with_ranker(RANKER).grade(query, ids)
    fair = dict(zip(ids, graded[:, 1].tolist(), strict=True))
    second = sorted(fair.values())[-2]
    pipeline = make_pipeline(config=MatchConfig(good_supply=second)).with_ranker(RANKER)

    found = pipeline.promising(query)

    assert found == {i: pytest.approx(p) for i, p in fair.items() if p >= second}
    assert len(found) == 2
    best = max(fair, key=fair.__getitem__)
    assert best not in pipeline.promising(query, allowed=set(ids) - {best})


def test_nothing_is_promising_where_the_list_tells_of_no_good_supply():
    query = make_query("高速永磁电机")
    for good_supply in (0.0, 1.0):
        config = MatchConfig(good_supply=good_supply)
        pipeline = make_pipeline(config=config).with_ranker(RANKER)

        good = pipeline.match(query).supply is Supply.GOOD
        assert bool(pipeline.promising(query)) == good


def test_a_pipeline_without_a_ranker_gives_no_grades():
    with pytest.raises(ValueError, match="without a ranker"):
        make_pipeline().grade(make_query("电机"), ["a-motor"])
    with pytest.raises(ValueError, match="without a ranker"):
        make_pipeline().promising(make_query("电机"))


def test_a_document_that_is_gone_cannot_be_graded():
    documents = make_documents()
    present = {d.id: d for d in documents if d.id != "a-motor"}
    pipeline = Pipeline(
        LexicalRetriever.of(documents),
        [make_dense(documents)],
        lambda ids: {i: present[i] for i in ids if i in present},
        ranker=RANKER,
    )
    assert "a-motor" not in pipeline.retrieve(make_query("高速永磁电机"), k=5)
    with pytest.raises(UnknownDocument, match="a-motor"):
        pipeline.grade(make_query("电机"), ["a-robot", "a-motor"])


def test_one_organisation_does_not_fill_the_list_of_a_ranker():
    names = {"p1": "big", "p2": "big", "p3": "big", "q": "small"}
    achievements = [
        Achievement(id=i, title="高速永磁电机", organization=owner) for i, owner in names.items()
    ]
    documents = [document_of(a) for a in achievements]
    query = make_query("高速永磁电机")
    config = MatchConfig(repeat=0.9)

    found = make_pipeline(documents, config=config).with_ranker(RANKER).match(query)
    plain = make_pipeline(documents, config=MatchConfig(repeat=1.0)).with_ranker(RANKER)

    assert [m.document_id for m in found.matches] == ["p1", "q", "p2", "p3"]
    assert list(plain.retrieve(query, k=4)) == ["p1", "p2", "p3", "q"]
    best, other, second, third = (match.score for match in found.matches)
    assert other == best
    assert second == pytest.approx(0.9 * best)
    assert third == pytest.approx(0.81 * best)
    assert found.matches[2].levels == found.matches[0].levels
    retrieved = make_pipeline(documents, config=config).with_ranker(RANKER).retrieve(query, k=4)
    assert list(retrieved.items()) == [(m.document_id, m.score) for m in found.matches]
