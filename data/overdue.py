"""Cases whose next action is late, as news for the brokers in charge."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.announce import News
from data.policy.stages import Stage, next_stages
from data.tables import CaseRow

_UNDER_WAY = [stage.value for stage in Stage if next_stages(stage)]


def overdue_news(session: Session, today: date) -> list[News]:
    """One piece of news for each case that was due before today; told once for each due day."""
    late = select(CaseRow.id, CaseRow.need, CaseRow.achievement, CaseRow.broker, CaseRow.due).where(
        CaseRow.due < today, CaseRow.stage.in_(_UNDER_WAY)
    )
    return [
        News(
            kind="case_overdue",
            dedupe=f"case_overdue:{case.id}:{case.due}",
            need=case.need,
            achievement=case.achievement,
            recipients=frozenset({case.broker}),
        )
        for case in session.execute(late)
    ]
