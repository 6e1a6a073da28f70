"""The pipeline learns from judgements, and measures no pair twice."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.grader import Judged
from evaluation.trained import PipelineFit, Shade
from matcher.errors import TooLittleToLearn
from matcher.pipeline import Pipeline
from matcher.signals import NAMES, Group
from matcher.types import Query
from tests.builders import TITLES, make_pipeline

QUERIES = (
    Query(id="n1", title="高速电机转子护套强度不足"),
    Query(id="n2", title="机器人谐波减速器寿命短"),
    Query(id="n3", title="！！"),
)
GOOD = {"n1": "a-motor", "n2": "a-robot"}
JUDGED = [Judged(q, d, 4 if GOOD[q] == d else 1) for q in GOOD for d in TITLES]


class Counting(Pipeline):
    """Remembers every pair that it measured."""

    asked: list[tuple[str, str]] = []

    def measure(self, query, document_ids):
        self.asked += [(query.id, i) for i in document_ids]
        return super().measure(query, document_ids)


@pytest.fixture
def pipeline() -> Pipeline:
    made = make_pipeline()
    made.__class__ = Counting
    made.asked = []
    return made


def test_judgements_make_a_grader_that_knows_good_from_bad(pipeline):
    grader = PipelineFit.of(pipeline, QUERIES)(JUDGED)

    good, bad = grader.grade(QUERIES[0], ["a-motor", "a-dyeing"])[:, 1]
    assert good > 0.5 > bad


def test_a_pair_is_measured_once_however_often_it_is_learnt_or_graded(pipeline):
    fit = PipelineFit.of(pipeline, QUERIES)

    fit(JUDGED).grade(QUERIES[0], sorted(TITLES))
    fit.leaving_out([Group.FIT])(JUDGED)

    assert len(pipeline.asked) == len(set(pipeline.asked)) == len(JUDGED)


def test_a_whole_pool_is_ordered_as_the_pipeline_itself_would(pipeline):
    fit = PipelineFit.of(pipeline, QUERIES)
    itself = make_pipeline().with_ranker(fit.ranker(JUDGED))
    pool = sorted(TITLES)[1:]

    shortcut = fit(JUDGED).retrieve(QUERIES[1], k=len(pool), allowed=pool)

    expected = itself.retrieve(QUERIES[1], k=len(pool), allowed=pool)
    assert list(shortcut) == list(expected)
    assert shortcut == pytest.approx(expected)


def test_without_judgements_the_untrained_order_stays(pipeline):
    untrained = make_pipeline().retrieve(QUERIES[0], k=5)

    assert PipelineFit.of(pipeline, QUERIES)([]).retrieve(QUERIES[0], k=5) == untrained


def test_too_few_judgements_leave_the_base_as_it_is(pipeline):
    base = PipelineFit.of(pipeline, QUERIES).ranker(JUDGED)
    fit = PipelineFit.of(pipeline, QUERIES, base=base)

    grader = fit(JUDGED[:3])

    ids = sorted(TITLES)
    expected = fit.graded_by(base).grade(QUERIES[0], ids)
    np.testing.assert_allclose(grader.grade(QUERIES[0], ids), expected)


def test_a_query_without_words_teaches_nothing(pipeline):
    fit = PipelineFit.of(pipeline, QUERIES)

    assert fit.ranker([*JUDGED, Judged("n3", "a-motor", 4)]) == fit.ranker(JUDGED)
    with pytest.raises(TooLittleToLearn):
        fit.ranker([Judged("n3", "a-motor", 4)])


def test_a_group_left_out_has_no_slope(pipeline):
    ranker = PipelineFit.of(pipeline, QUERIES).leaving_out([Group.RETRIEVAL]).ranker(JUDGED)

    assert all(ranker.slopes[name] == 0 for name in ("fused", "lexical", "dense", "title_held"))
    assert set(ranker.slopes) == set(NAMES)


def test_finer_levels_and_weights_change_what_is_learnt(pipeline):
    plain = PipelineFit.of(pipeline, QUERIES)
    shaded = PipelineFit.of(pipeline, QUERIES, shades={("n1", "a-motor"): Shade(2.5, 3.0)})

    assert shaded.ranker(JUDGED).cuts != plain.ranker(JUDGED).cuts


def test_precedents_move_what_the_ranker_alone_would_say(pipeline):
    fit = PipelineFit.of(pipeline, QUERIES)
    against_the_words = [*JUDGED, *[Judged("n1", "a-dyeing", 4)] * 3]
    ids = ["a-dyeing", "a-bearing"]

    alone = fit(against_the_words).grade(QUERIES[0], ids)
    moved = replace(fit, precedents=True)(against_the_words).grade(QUERIES[0], ids)

    assert moved[0, 1] > alone[0, 1] + 0.2
    assert moved[1, 1] < alone[1, 1] + 0.1


def test_with_precedents_too_the_shortcut_orders_as_the_pipeline_would(pipeline):
    fit = PipelineFit.of(pipeline, QUERIES, precedents=True)
    grader = fit(JUDGED)
    pool = sorted(TITLES)

    shortcut = grader.retrieve(QUERIES[1], k=len(pool), allowed=pool)
    listed = grader.retrieve(QUERIES[1], k=len(pool), allowed=None)

    assert list(shortcut) == list(listed)
    assert shortcut == pytest.approx(listed, abs=1e-6)
