"""Query parameters of every long list."""

from typing import Annotated

from fastapi import Query

Limit = Annotated[int, Query(ge=1, le=200, description="每页条数 / items on a page")]
Cursor = Annotated[
    str | None,
    Query(max_length=1_000, description="上一页的 next_cursor / next_cursor of the page before"),
]
