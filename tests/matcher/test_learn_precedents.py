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
    precedents = learn_precedents(pipeline, RANKER, judgements, {q.id: q for q in queries})
    return pipeline.with_ranker(RANKER, precedents)


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
    precedents = learn_precedents(pipeline, RANKER, judgements, {NEED.id: NEED})

    found = pipeline.with_ranker(RANKER, precedents).match(NEED, k=twins + len(TITLES))

    assert len({m.score for m in found.matches if m.document_id.startswith("z")}) == 1


def test_an_unlike_need_stays_as_it_was_and_cites_nothing():
    other = Query(id="other", title="棉织物染色")

    before, after = (p.match(other, k=5) for p in (taught(), taught(judgement("a-robot", 1))))

    assert [m.levels for m in after.matches] == [m.levels for m in before.matches]
    assert [m.precedent for m in after.matches] == [None] * 5


@pytest.mark.parametrize("queries", [(), (Query(id=NEED.id, title="！！"),)])
def test_without_a_need_that_says_anything_there_are_no_precedents(queries):
    assert taught(judgement("a-robot", 1), queries=queries).precedents is None
