"""Inserting what may be there already, on either database."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Insert = postgresql.Insert | sqlite.Insert


def insert_if_new(session: Session, rows: type[DeclarativeBase]) -> Insert:
    """An insert that leaves out rows whose key or unique columns are taken.

    Two processes may insert the same at once: one does, the other finds it done.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(rows).on_conflict_do_nothing()
    return sqlite.insert(rows).on_conflict_do_nothing()
