"""The figures, counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, update

from data.policy.errors import Forbidden
from data.policy.stages import Stage
from data.session import session_scope
from data.tables import CaseRow, PostingEventRow
from matcher.decision import ReasonCode
from matcher.types import Status
from tests.data.access.case_city import (
    BROKER,
    ENTERPRISE,
    OFFICE,
    UNIVERSITY,
    desk_of,
    store_city,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_figures_of_an_untouched_city_are_zero(engine: Engine):
    store_city(engine)

    with desk_of(engine, OFFICE) as desk:
        figures = desk.figures.now()

    assert (figures.needs, figures.cases) == ({"draft": 1, "published": 2}, {})
    assert (figures.signed_cny, figures.undisclosed, figures.waiting) == (0, 0, 0)
    assert figures.decisions == {"accept": 0, "reject": 0, "level": 0}
    assert figures.first_contact_days is None


def test_figures_count_cases_contracts_decisions_and_the_time_to_the_first_contact(engine: Engine):
    store_city(engine)
    with session_scope(engine) as session:
        published = {"kind": "need", "at": NOON, "who": "office", "step": "step.publish"}
        more = {"status": Status.PUBLISHED.value, "reason": ""}
        rows = [{**published, **more, "posting": need} for need in ("n1", "n2")]
        later = {**rows[0], "at": NOON + timedelta(days=9)}
        session.execute(insert(PostingEventRow), [*rows, later])
    forward = (Stage.CLARIFYING, Stage.VALIDATING, Stage.NEGOTIATING)
    with desk_of(engine, BROKER) as desk:
        first, second = (desk.cases.take_up("n1", offer).id for offer in ("a1", "a2"))
        for case_id in (first, second):
            for stage in forward:
                desk.cases.go_to(case_id, stage)
        desk.cases.go_to(first, Stage.SIGNED, value_cny=300)
        desk.cases.go_to(first, Stage.CLOSED)
        desk.cases.go_to(second, Stage.SIGNED, undisclosed=True)
        third = desk.cases.take_up("n2", "a1").id
        desk.cases.go_to(third, Stage.DROPPED, reason=ReasonCode.PRICE)
    with session_scope(engine) as session:
        days = {first: 2, second: 5, third: 4}
        for case_id, wait in days.items():
            row = update(CaseRow).where(CaseRow.id == case_id)
            session.execute(row.values(created_at=NOON + timedelta(days=wait)))

    with desk_of(engine, BROKER) as desk:
        figures = desk.figures.now()

    assert figures.needs == {"draft": 1, "in_contact": 1, "signed": 1}
    assert figures.cases == {"closed": 1, "dropped": 1, "signed": 1}
    assert (figures.signed_cny, figures.undisclosed, figures.waiting) == (300, 1, 1)
    assert figures.decisions == {"accept": 5, "reject": 1, "level": 0}
    assert figures.first_contact_days == 3.0


@pytest.mark.parametrize("actor", [ENTERPRISE, UNIVERSITY], ids=lambda actor: actor.id)
def test_figures_are_not_for_everybody(sqlite_engine: Engine, actor):
    with pytest.raises(Forbidden), desk_of(sqlite_engine, actor) as desk:
        desk.figures.now()
