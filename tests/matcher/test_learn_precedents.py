"""What a broker decided moves the next list, and the list says so."""

import pytest

from matcher.judgement import Judgement
from matcher.precedent_learning import learn_precedents
from matcher.precedents import Precedent
from matcher.ranker import Ranker
from matcher.types import Document, Query
from tests.builders import TITLES, make_documents, make_pipeline, make_query

RANKER = Ranker({"fused": 0.0}, {"fused": 1.0}, (0.0, 1.0, 2.0))
NEED = make_query("六轴机器人谐波减速器寿命短")


def judgement(document_id: str, level: float, *, query_id: str = NEED.id) -> Judgement:
    return Judgement(query_id=query_id, document_id=document_id, level=level, weight=1.0, brokers=1)


def taught(*judgements: Judgement, queries: tuple[Query, ...] = (NEED,)):
    pipeline = make_pipeline()
    learnt = learn_precedents(pipeline, RANKER, judgements, {q.id: q for q in queries})
    return pipeline.with_ranker(RANKER, learnt.precedents if learnt else None)


def test_a_decision_moves_the_match_it_was_made_on():
    before = taught().match(NEED, k=1).matches[0]
    assert before.document_id == "a-robot"

    after = taught(judgement("a-robot", 1)).match(NEED, k=5)

    again = next(match for match in after.matches if match.document_id == "a-robot")
    assert again.fair < before.fair / 2


def test_a_match_names_the_precedent_that_it_is_most_like():
    found = taught(judgement("a-robot", 4), judgement("a-dyeing", 1)).match(NEED, k=5)

    cited = {match.document_id: match.precedent for match in found.matches}

    assert cited["a-robot"].precedent == Precedent(NEED.id, "a-robot", 4)
    assert cited["a-robot"].likeness == pytest.approx(1.0, abs=1e-4)
    assert cited["a-dyeing"].precedent.document_id == "a-dyeing"
    plain = {one["document_id"]: one["precedent"] for one in found.as_json()["matches"]}
    assert plain["a-robot"]["precedent"]["level"] == 4


def test_grades_and_lists_agree_with_each_other():
    pipeline = taught(judgement("a-robot", 2), judgement("a-motor", 3))

    listed = {m.document_id: m.fair for m in pipeline.match(NEED, k=5).matches}
    graded = pipeline.grade(NEED, sorted(listed))[:, 1]

    assert [listed[i] for i in sorted(listed)] == pytest.approx(graded, abs=1e-5)


@pytest.mark.parametrize("twins", [3, 7, 13])
def test_equal_documents_still_tie(twins):
    copies = [Document(id=f"z{i:02}", title="六轴机器人减速器") for i in range(twins)]
    pipeline = make_pipeline([*copies, *make_documents()])
    judgements = [judgement(i, level) for i, level in zip(TITLES, (1, 2, 3, 4, 2), strict=True)]
    learnt = learn_precedents(pipeline, RANKER, judgements, {NEED.id: NEED})

    found = pipeline.with_ranker(RANKER, learnt.precedents).match(NEED, k=twins + len(TITLES))

    assert len({m.score for m in found.matches if m.document_id.startswith("z")}) == 1


def test_an_unlike_need_stays_as_it_was_and_cites_nothing():
    other = Query(id="other", title="棉织物染色")

    before, after = (p.match(other, k=5) for p in (taught(), taught(judgement("a-robot", 1))))

    assert [m.levels for m in after.matches] == [m.levels for m in before.matches]
    assert [m.precedent for m in after.matches] == [None] * 5


@pytest.mark.parametrize("queries", [(), (Query(id=NEED.id, title="！！"),)])
def test_without_a_need_that_says_anything_there_are_no_precedents(queries):
    assert taught(judgement("a-robot", 1), queries=queries).precedents is None


class Counting:
    """A pipeline that counts the pairs it measures."""

    def __init__(self):
        self._pipeline = make_pipeline()
        self.space = self._pipeline.space
        self.measured = 0

    def measure(self, query, document_ids):
        self.measured += len(document_ids)
        return self._pipeline.measure(query, document_ids)


def test_what_is_known_is_not_measured_again_and_says_the_same():
    pipeline = Counting()
    queries = {NEED.id: NEED, "other": Query(id="other", title="棉织物染色")}
    first = [judgement("a-robot", 4), judgement("a-motor", 2)]
    both = [judgement("a-dyeing", 1), *first[::-1], judgement("a-dyeing", 4, query_id="other")]
    known = learn_precedents(pipeline, RANKER, first, queries).measured
    before = pipeline.measured

    learnt = learn_precedents(pipeline, RANKER, both, queries, known=known)

    assert pipeline.measured - before == 2
    afresh = learn_precedents(pipeline, RANKER, both, queries)
    assert learnt.measured.ids == afresh.measured.ids
    assert learnt.precedents.pull.tolist() == afresh.precedents.pull.tolist()


def test_a_pair_that_nobody_judges_any_more_is_forgotten():
    pipeline = Counting()
    first = learn_precedents(
        pipeline, RANKER, [judgement("a-robot", 4), judgement("a-motor", 2)], {NEED.id: NEED}
    )

    later = learn_precedents(
        pipeline, RANKER, [judgement("a-motor", 2)], {NEED.id: NEED}, known=first.measured
    )

    assert later.measured.ids == ((NEED.id, "a-motor"),)
    assert len(later.precedents.judged) == 1
