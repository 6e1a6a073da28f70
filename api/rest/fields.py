"""Text fields that either database can hold, and dates that mean something."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("含有空字符 / holds a null character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("含有不成对的代理字符 / holds a lone surrogate") from error
    return text


def _told(text: str) -> str:
    if not text.strip():
        raise ValueError("不能只有空白 / holds nothing but blanks")
    return text.strip()


def _written_out(value: Any) -> Any:
    # a number would count as seconds since 1970
    if isinstance(value, int | float) or (isinstance(value, str) and not _YEAR.match(value)):
        raise ValueError(
            "须写作 2027-02-01 或 2027-02-01T08:00:00Z"
            " / has to be written as 2027-02-01 or 2027-02-01T08:00:00Z"
        )
    return value


_YEAR = re.compile(r"\d{4}-")

Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[Text, AfterValidator(_told), Field(min_length=1, max_length=500)]
"""A title, a name, an item of a list: told, and at most 500 characters."""
Prose = Annotated[Text, Field(max_length=100_000)]
"""A description of any length that a person would write."""
Note = Annotated[Text, Field(max_length=5_000)]
Id = Annotated[Text, Field(min_length=1, max_length=200)]
Day = Annotated[
    date,
    BeforeValidator(_written_out),
    Field(ge=date(1900, 1, 1), le=date(2199, 12, 31)),
]
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2199, 12, 31, tzinfo=UTC)),
]
Yuan = Annotated[int, Field(ge=0, le=10**13, description="元 / whole yuan")]
Trl = Annotated[int, Field(ge=1, le=9, description="技术成熟度 / GB/T 22900")]


class Body(BaseModel):
    """A request body: what it does not name is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000)


class Shown(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(from_attributes=True)
