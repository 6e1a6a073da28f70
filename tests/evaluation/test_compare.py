import json
from dataclasses import dataclass, field

import pytest

from evaluation.compare import MEASURES, evaluate, pool_ndcg
from evaluation.dataset import Dataset
from evaluation.errors import ScoreNotANumber
from evaluation.systems import Named, RandomSystem
from matcher.errors import EmptyQuery
from matcher.run import top
from matcher.types import Document, Query

IDS = [f"d{number:03}" for number in range(200)]
QRELS = {
    "q1": {"d000": 3, "d001": 2, "d002": 1, "d003": 0, "d060": 2},
    "q2": {"d000": 0, "d150": 2},
    "q4": {"d000": 1},
}


def dataset_of(qrels=QRELS, groups=None) -> Dataset:
    return Dataset(
        name="tiny",
        split="dev",
        queries=tuple(Query(id=f"q{n}", title="电机") for n in range(1, 6)),
        documents=tuple(Document(id=document_id, title="电机") for document_id in IDS),
        qrels=qrels,
        groups=groups or {},
    )


@dataclass
class InOrder:
    """Ranks by id, forwards or backwards, and remembers what it was asked."""

    name: str = "forwards"
    backwards: bool = False
    asked: list[tuple[str, int, frozenset[str] | None]] = field(default_factory=list)

    def retrieve(self, query, *, k, allowed=None):
        self.asked.append((query.id, k, None if allowed is None else frozenset(allowed)))
        sign = 1 if self.backwards else -1
        within = IDS if allowed is None else [d for d in IDS if d in allowed]
        return top({d: sign * float(IDS.index(d)) for d in within}, k=k)


class Speechless:
    name = "speechless"

    def retrieve(self, query, *, k, allowed=None):
        raise EmptyQuery(query.id)


def test_each_measure_is_taken_where_it_belongs():
    report = evaluate(dataset_of(), [InOrder()])

    # q1 is ranked 3 2 1 0 2: 7 + 3/1.58496 + 1/2 + 3/2.58496 = 10.55335;
    # best is 3 2 2 1 0: 7 + 3/1.58496 + 3/2 + 1/2.32193 = 10.82347.
    measured = report.systems[0].per_query
    assert measured["ndcg@10"] == {"q1": pytest.approx(10.55335 / 10.82347, abs=1e-5)}
    assert measured["recall@50"] == {"q1": pytest.approx(2 / 3), "q2": 0.0}
    assert measured["recall@100"] == {"q1": 1.0, "q2": 0.0}


def test_a_system_is_asked_for_the_corpus_first_and_then_for_the_judged_pool():
    system = InOrder()

    evaluate(dataset_of(), [system], depth=120)

    warm_up, *asked = system.asked
    assert warm_up == ("q1", 120, None)
    assert asked == [
        ("q1", 120, None),
        ("q1", 5, frozenset(QRELS["q1"])),
        ("q2", 120, None),
        ("q2", 2, frozenset(QRELS["q2"])),
    ]


def test_systems_stand_side_by_side_in_the_order_given():
    report = evaluate(dataset_of(), [InOrder("backwards", backwards=True), InOrder()])

    assert [system.name for system in report.systems] == ["backwards", "forwards"]
    assert report.difference("forwards", "backwards").mean > 0.2
    assert report.difference("forwards", "backwards", measure="recall@100").n == 2


def test_groups_widen_what_copies_would_narrow():
    pool = QRELS["q1"]
    other = {"d000": 0, "d001": 0, "d002": 0, "d003": 1, "d060": 3}
    qrels = {"q1": pool, "q2": pool, "q3": other, "q4": other}

    loose = evaluate(dataset_of(qrels), [InOrder()])
    grouped = evaluate(dataset_of(qrels, {"q1": "a", "q2": "a", "q3": "b", "q4": "b"}), [InOrder()])

    narrow, wide = (r.systems[0].estimates["recall@50"] for r in (loose, grouped))
    assert narrow.mean == wide.mean == pytest.approx(1 / 3)
    assert wide.high - wide.low >= narrow.high - narrow.low
    assert (wide.low, wide.high) == (0.0, pytest.approx(2 / 3))


def test_the_json_keeps_the_published_shape():
    system = RandomSystem(IDS)
    report = evaluate(dataset_of(), [Named("yilian", InOrder()), Named("tfidf", system), system])

    published = json.loads(json.dumps(report.as_json(), allow_nan=False))

    assert list(published) == ["dataset", "split", "systems"]
    assert (published["dataset"], published["split"]) == ("tiny", "dev")
    assert list(published["systems"]) == ["yilian", "tfidf", "random"]
    for figures in published["systems"].values():
        assert list(figures) == ["ndcg@10", "recall@50", "recall@100", "ms_per_query"]
        assert figures["ms_per_query"] >= 0
        for measure in MEASURES:
            assert list(figures[measure]) == ["mean", "low", "high", "n"]
    assert published["systems"]["yilian"]["recall@100"]["mean"] == 0.5
    assert published["systems"]["yilian"]["recall@100"]["n"] == 2


def test_rows_are_as_wide_as_the_columns():
    report = evaluate(dataset_of(), [InOrder(), RandomSystem(IDS)])

    assert report.columns() == ("system", "ndcg@10", "recall@50", "recall@100", "ms / query")
    assert [len(row) for row in report.rows()] == [5, 5]
    assert report.rows()[0][:2] == ("forwards", "0.975 [0.975, 0.975]")


def test_what_could_not_be_measured_is_null_and_a_dash():
    report = evaluate(dataset_of({"q1": {"d000": 1}}), [InOrder()])

    figures = json.loads(json.dumps(report.as_json(), allow_nan=False))["systems"]["forwards"]
    assert figures["ndcg@10"] == {"mean": None, "low": None, "high": None, "n": 0}
    assert figures["ms_per_query"] is None
    assert report.rows() == [("forwards", "–", "–", "–", "–")]


def test_a_query_that_a_system_finds_no_words_in_counts_as_nothing_found():
    report = evaluate(dataset_of(), [Speechless()])

    assert report.systems[0].per_query["recall@100"] == {"q1": 0.0, "q2": 0.0}


def test_progress_is_told_after_every_query_of_every_system():
    steps = []

    evaluate(
        dataset_of(), [InOrder(), RandomSystem(IDS)], progress=lambda *step: steps.append(step)
    )

    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_two_systems_of_one_name_are_refused():
    with pytest.raises(ValueError, match="different names"):
        evaluate(dataset_of(), [InOrder(), InOrder()])


def test_a_search_too_shallow_for_recall_is_refused():
    with pytest.raises(ValueError, match="at least 100, not 99"):
        evaluate(dataset_of(), [InOrder()], depth=99)


def test_a_score_that_is_not_a_number_stops_the_measurement():
    class Broken(InOrder):
        def retrieve(self, query, *, k, allowed=None):
            return {"d000": 1.0, "d001": float("nan")}

    with pytest.raises(ScoreNotANumber, match="'d001' of query 'q1'") as caught:
        evaluate(dataset_of(), [Broken()])

    assert (caught.value.system, caught.value.document_id) == ("forwards", "d001")


def test_pools_alone_are_ranked_as_in_a_whole_report():
    other = {"d000": 0, "d001": 0, "d002": 0, "d003": 1, "d060": 3}
    dataset = dataset_of({**QRELS, "q3": other})
    system = InOrder()

    alone = pool_ndcg(system, dataset)

    assert {allowed for _, _, allowed in system.asked} == {frozenset(other)}
    assert alone == evaluate(dataset, [InOrder()]).values("forwards")
    assert pool_ndcg(InOrder(), dataset, ["q3", "q2"]) == {"q3": alone["q3"]}
    assert pool_ndcg(Speechless(), dataset) == alone


def test_values_are_found_by_system_and_measure():
    report = evaluate(dataset_of(), [InOrder()])

    assert report.values("forwards", "recall@100") == {"q1": 1.0, "q2": 0.0}
    with pytest.raises(KeyError):
        report.values("backwards")
