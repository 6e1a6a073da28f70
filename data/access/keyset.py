"""Long lists page by page: the next page begins after the last row of this one.

Rows that are added meanwhile shift nothing, and a late page costs what the first one did.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, literal, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from data.access.errors import NotAcceptable
from data.tables.base import UtcDateTime

Value = TypeVar("Value")
_LARGEST = 2**63 - 1
_PLACE = "place"


@dataclass(frozen=True, slots=True)
class Listed(Generic[Value]):
    """One page, and where the next begins; None at the end."""

    items: list[Value]
    next_cursor: str | None


def read_page(
    session: Session,
    statement: Select[Any],
    *keys: InstrumentedAttribute[Any],
    limit: int,
    cursor: str | None,
    down: bool = False,
) -> Listed[RowMapping]:
    """Up to ``limit`` rows from the cursor on.

    Args:
        session: The transaction.
        statement: Selects a whole table; neither ordered nor limited.
        keys: Columns that order the rows and together name one; none of them is ever None.
        limit: Most rows to return.
        cursor: ``next_cursor`` of the page before; None for the first page.
        down: Whether the largest come first.

    Raises:
        NotAcceptable: the cursor is of another list, or none at all.
    """
    if cursor is not None:
        statement = statement.where(_after(keys, _position(cursor, keys), down=down))
    order = [key.desc() if down else key.asc() for key in keys]
    rows = session.execute(statement.order_by(*order).limit(limit + 1)).mappings().all()
    more = len(rows) > limit
    return Listed(list(rows[:limit]), _cursor(keys, rows[limit - 1]) if more else None)


def cursor_at(place: int) -> str:
    """Names a place in a list that is ordered by something else than columns."""
    return _encoded([_PLACE, place])


def place_of(cursor: str | None) -> int:
    """The place that a cursor names; 0 without one.

    Raises:
        NotAcceptable: the cursor is of another list, or none at all.
    """
    if cursor is None:
        return 0
    try:
        named, place = _decoded(cursor)
        if named != _PLACE or type(place) is not int or not 0 <= place <= _LARGEST:
            raise ValueError(named)
    except (ValueError, TypeError, RecursionError) as error:
        raise _of_another_list() from error
    return place


def _after(
    keys: Sequence[InstrumentedAttribute[Any]], values: Sequence[Any], *, down: bool
) -> ColumnElement[bool]:
    last = tuple_(*(literal(v, key.type) for key, v in zip(keys, values, strict=True)))
    return tuple_(*keys) < last if down else tuple_(*keys) > last


def _cursor(keys: Sequence[InstrumentedAttribute[Any]], row: RowMapping) -> str:
    values = [row[key.key] for key in keys]
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return _encoded([_name(keys), *plain])


def _position(cursor: str, keys: Sequence[InstrumentedAttribute[Any]]) -> list[Any]:
    try:
        named, *plain = _decoded(cursor)
        if named != _name(keys):
            raise ValueError(named)
        return [_value(key, value) for key, value in zip(keys, plain, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        raise _of_another_list() from error


def _encoded(parts: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def _decoded(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor.encode()))


def _of_another_list() -> NotAcceptable:
    return NotAcceptable(
        "cursor",
        "cursor 不属于这个列表，请从第一页重新开始。"
        " / the cursor is not of this list; begin again with the first page",
    )


def _value(key: InstrumentedAttribute[Any], plain: object) -> Any:
    """A key's value from JSON; whoever made the cursor up must not reach the database."""
    if key.type.python_type is int:
        if type(plain) is not int or not -_LARGEST <= plain <= _LARGEST:
            raise ValueError(plain)
        return plain
    if not isinstance(plain, str) or "\0" in plain:
        raise ValueError(plain)
    if not isinstance(key.type, UtcDateTime):
        plain.encode()  # a lone surrogate is no text
        return plain
    moment = datetime.fromisoformat(plain)
    if moment.tzinfo is None:
        raise ValueError(plain)
    return moment


def _name(keys: Sequence[InstrumentedAttribute[Any]]) -> str:
    return " ".join(str(key) for key in keys)
