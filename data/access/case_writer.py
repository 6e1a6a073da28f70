"""How cases are written: what changed, what happened, and what it says of the match."""

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import RowMapping, Table, insert, update

from data.access.case_errors import CaseEnded
from data.access.case_reader import CaseReader
from data.access.case_values import EventKind
from data.access.errors import NotAcceptable
from data.decisions import DecisionRepository
from data.policy.decide import require
from data.policy.operation import Operation
from data.policy.stages import ENDED, Asks, Stage
from data.tables import CaseEventRow, CaseRow
from matcher.decision import Decision, ReasonCode, Verdict

CASES = cast(Table, CaseRow.__table__)


class CaseWriter(CaseReader):
    """Writes cases for one actor in one transaction."""

    def _charged(self, case_id: str, operation: Operation) -> RowMapping:
        row, _ = self._seen(case_id, lock=True)
        require(self._actor, operation, self._subject(row))
        return row

    def _at_hand(self, case_id: str, operation: Operation) -> RowMapping:
        row = self._charged(case_id, operation)
        if row["stage"] in ENDED:
            raise CaseEnded(case_id, Stage(row["stage"]))
        return row

    def _change(self, row: RowMapping, **values: Any) -> RowMapping:
        values |= {"revision": row["revision"] + 1, "updated_at": datetime.now(UTC)}
        statement = update(CASES).where(CASES.c.id == row["id"]).values(values)
        return self._session.execute(statement.returning(CASES)).mappings().one()

    def _happened(self, case_id: str, kind: EventKind, text: str = "", /, **facts: Any) -> None:
        event = {
            "case": case_id,
            "at": datetime.now(UTC),
            "who": self._actor.id,
            "kind": kind.value,
            "text": text,
            "facts": facts,
        }
        self._session.execute(insert(CaseEventRow), [event])

    def _decide(
        self,
        row: RowMapping,
        verdict: Verdict,
        *,
        level: int | None = None,
        reason: ReasonCode | None = None,
    ) -> None:
        decision = Decision(
            id=f"{row['id']}.{row['revision']}",
            query_id=row["need"],
            document_id=row["achievement"],
            level=level,
            verdict=verdict,
            reason=reason,
            who=self._actor.id,
            made_at=datetime.now(UTC),
            run_id=row["run_id"],
            rank=row["rank"],
        )
        DecisionRepository(self._session).add(decision)


def check_said(
    asks: Asks, *, note: str, reason: ReasonCode | None, value_cny: int | None, undisclosed: bool
) -> None:
    """Refuses a move that lacks what it asks for, or is given what only another one takes.

    Raises:
        NotAcceptable: either; it names the field.
    """
    if asks is Asks.NOTE and not note.strip():
        raise _missing("note", "退回上一阶段需要写明原因", "a step back needs a note")
    if asks is Asks.REASON and reason is None:
        raise _missing("reason", "终止跟进需要原因代码", "dropping a case needs a reason code")
    if asks is not Asks.REASON and reason is not None:
        raise _missing("reason", "只有终止跟进才带原因代码", "only dropping a case takes a reason")
    valued = value_cny is not None
    if asks is Asks.VALUE and valued == undisclosed:
        raise _missing(
            "value_cny",
            "签约须填写金额，或注明不公开（undisclosed），二者取一",
            "signing needs a value, or undisclosed: one of the two",
        )
    if asks is not Asks.VALUE and (valued or undisclosed):
        raise _missing(
            "value_cny",
            "只有签约时填写金额；预计金额请用 PATCH 修改",
            "only signing takes a value; change what is expected with PATCH",
        )


def _missing(field: str, zh: str, en: str) -> NotAcceptable:
    return NotAcceptable(field, f"{zh}。 / {en}")
