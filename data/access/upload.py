"""An uploaded file as it is stored, as people see it, and how long it is kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import RowMapping, Table, select, update
from sqlalchemy.orm import Session

from data.access.errors import AccessError
from data.importers.problems import Problem
from data.importers.rows import Kind
from data.tables import UploadRow

KEPT_FOR = timedelta(days=30)
"""How long the content of a file is kept after the last thing that was done with it."""

TABLE = cast(Table, UploadRow.__table__)
SHOWN = [column for column in TABLE.c if column.name not in ("content", "problems")]


class UploadState(StrEnum):
    """Where an upload stands."""

    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"


class UploadForm(StrEnum):
    """What a file holds."""

    TABLE = "table"
    DOCUMENT = "document"


class NotConfirmable(AccessError):
    """There is nothing in the file that could be applied."""

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            f"导入 {upload_id} 中没有可以写入的内容，请改正文件后重新上传。"
            f" / nothing in import {upload_id} can be stored; mend the file and upload it again"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file and what is known of it; see ``UploadRow``."""

    id: str
    account: str
    kind: Kind
    form: UploadForm
    state: UploadState
    name: str
    size: int
    digest: str
    job: str | None
    created_at: datetime
    updated_at: datetime
    report: Mapping[str, Any]


def upload_of(row: RowMapping) -> Upload:
    """The upload that a row of ``SHOWN`` stands for."""
    values = {name: row[name] for name in Upload.__dataclass_fields__}
    values["kind"] = Kind(row["kind"])
    values["form"] = UploadForm(row["form"])
    values["state"] = UploadState(row["state"])
    return Upload(**values)


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """A problem as JSON values, with its advice in both languages."""
    zh, _, en = problem.what_is_right.partition(" / ")
    values = asdict(problem)
    del values["what_is_right"], values["file"]
    return {**values, "severity": str(problem.severity), "zh": zh, "en": en}


def forget_contents(session: Session, now: datetime) -> int:
    """Drops the content of files that nobody has touched for long; how many there were."""
    old = (
        TABLE.c.state != UploadState.APPLYING.value,
        TABLE.c.updated_at < now - KEPT_FOR,
        TABLE.c.content.is_not(None),
    )
    ids = list(session.scalars(select(TABLE.c.id).where(*old)))
    session.execute(update(TABLE).where(TABLE.c.id.in_(ids)).values(content=None))
    return len(ids)
