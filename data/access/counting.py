"""How many rows a conditional update met: one means that this request was the first."""

from typing import cast

from sqlalchemy import CursorResult, Update
from sqlalchemy.orm import Session


def changed_rows(session: Session, statement: Update) -> int:
    """Runs an update and tells how many rows its condition fitted."""
    quiet = statement.execution_options(synchronize_session=False)
    return cast("CursorResult[object]", session.execute(quiet)).rowcount
