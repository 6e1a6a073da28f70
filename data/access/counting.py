"""How many rows a statement met; of a conditional update one means: this request was first."""

from typing import cast

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.orm import Session


def changed_rows(session: Session, statement: Update | Delete) -> int:
    """Runs it and tells how many rows its condition fitted."""
    quiet = statement.execution_options(synchronize_session=False)
    return cast("CursorResult[object]", session.execute(quiet)).rowcount
