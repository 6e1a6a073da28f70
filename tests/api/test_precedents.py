"""A broker's decision moves the next list, in the same process, and the list says why."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli.console import out
from api.cli.match import print_answer
from api.service import MatchService
from data.decisions import DecisionRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.decision import Decision
from matcher.types import Achievement, Need
from tests.api.conftest import settings_for

DYEING = Need(id="n1", title="靛蓝染色不用保险粉")
MOTOR = Need(id="n2", title="电机异响")


@pytest.fixture
def service(home: Path, model_folder: Path) -> MatchService:
    made = MatchService(settings_for(home, model_folder))
    with session_scope(made.engine) as session:
        NeedRepository(session).upsert_many([DYEING, MOTOR])
        AchievementRepository(session).upsert_many(
            [
                Achievement(id="a1", title="靛蓝电化学还原染色"),
                Achievement(id="a2", title="陶瓷轴承润滑"),
            ]
        )
    return made


def decide(service: MatchService, document_id: str, level: int, *, id_: str = "d1") -> None:
    decision = Decision(
        id=id_,
        query_id="n1",
        document_id=document_id,
        level=level,
        who="李工",
        made_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    with session_scope(service.engine) as session:
        DecisionRepository(session).add(decision)


def fair(service: MatchService, need: Need) -> dict[str, float]:
    return {m.document_id: m.fair for m in service.match(need, k=5).matches.matches}


def test_a_decision_moves_the_next_list_and_is_named(service: MatchService):
    before = fair(service, DYEING)

    decide(service, "a1", 1)
    after = service.match(DYEING, k=5).matches.matches

    judged = next(match for match in after if match.document_id == "a1")
    assert judged.fair < before["a1"] / 2
    assert judged.precedent.precedent.level == 1


def test_the_printed_list_names_a_near_precedent_and_no_far_one(service: MatchService):
    decide(service, "a1", 4)

    with out.capture() as printed:
        print_answer(service.match(DYEING, k=5))
        print_answer(service.match(MOTOR, k=5))

    assert "".join(printed.get().split()).count("n1×a1（4级）相近") == 1


def test_another_need_is_left_as_it_was(service: MatchService):
    before = fair(service, MOTOR)

    decide(service, "a1", 1)

    assert fair(service, MOTOR) == pytest.approx(before)


def test_without_a_new_decision_nothing_is_learnt_again(service: MatchService, monkeypatch):
    decide(service, "a1", 4)
    first = fair(service, DYEING)
    monkeypatch.setattr("matcher.precedent_learning.learn_precedents", None)

    assert fair(service, DYEING) == first


def test_strong_matches_hear_the_precedents_too(service: MatchService):
    decide(service, "a1", 1)

    grader = service.grader([Achievement(id="a1", title="靛蓝电化学还原染色")])

    assert grader.precedents is not None
