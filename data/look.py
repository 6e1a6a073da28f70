"""A question that is asked with every request: worded once, and put to the driver directly.

Wording a statement and opening a transaction take several times as long as a small answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, Select
from sqlalchemy.exc import SQLAlchemyError


class Look:
    """One row by one statement, read outside any transaction.

    Args:
        engine: From ``data.session.make_engine``.
        statement: Its parameters are made with ``bindparam``. Values come as the driver has
            them: times of SQLite are text.
    """

    def __init__(self, engine: Engine, statement: Select[Any]) -> None:
        compiled = statement.compile(engine)
        self._engine = engine
        self._sql = str(compiled)
        self._given = dict(compiled.params)
        self._order: Sequence[str] | None = compiled.positiontup if compiled.positional else None
        self._failures = (engine.dialect.loaded_dbapi.Error, SQLAlchemyError)

    def row(self, **asked: Any) -> Sequence[Any] | None:
        """The first row; None without one, and when the database is not to be asked now.

        Whoever gets None asks the long way, which finds words for what is wrong.
        """
        try:
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute(self._sql, self._values(asked))
                found: Sequence[Any] | None = cursor.fetchone()
                cursor.close()
            finally:
                connection.close()
        except self._failures:
            return None
        return found

    def _values(self, asked: Mapping[str, Any]) -> Any:
        values = {**self._given, **asked}
        return values if self._order is None else [values[name] for name in self._order]
