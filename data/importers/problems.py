"""What is wrong with a file, said so that its owner can mend it in one go."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from data.errors import DataError

_SHOWN_CHARS = 60


class Severity(StrEnum):
    """An error keeps its row out; a warning says what was done with a row that loaded."""

    ERROR = "error"
    WARNING = "warning"


class Advice(NamedTuple):
    """What would be right, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One complaint about one place in a file.

    Attributes:
        sheet: Name of the worksheet, workbooks only.
        row: Row as a person counts it, the header included; None for the whole file.
        column: Header as written in the file.
        value: The value found, shortened for display.
        what_is_right: What to write instead, Chinese then English.
    """

    file: str
    what_is_right: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def message(self) -> str:
        """The complaint as one line, Chinese first."""
        sheet = f"［{self.sheet}］" if self.sheet else ""
        row = f"第 {self.row} 行" if self.row is not None else ""
        column = f"“{self.column}”列" if self.column else ""
        value = f"的值“{self.value}”" if self.value is not None else ""
        place = " ".join(part for part in (f"{self.file}{sheet}", row, column + value) if part)
        return f"{place}：{self.what_is_right}"


@dataclass(frozen=True, slots=True)
class Place:
    """The table that problems are about; makes them."""

    file: str
    sheet: str | None = None

    def problem(
        self,
        advice: Advice,
        *,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem at this place; ``value`` is shown shortened."""
        return Problem(
            file=self.file,
            sheet=self.sheet,
            row=row,
            column=None if column is None else shortened(column),
            value=None if value is None else shortened(value),
            what_is_right=f"{advice.zh} / {advice.en}",
            severity=severity,
        )


class BadCell(Exception):
    """A value that cannot be what its column asks for.

    Attributes:
        advice: What would be right.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.advice = Advice(zh, en)


class UnreadableFile(DataError):
    """A file that cannot be read at all.

    Attributes:
        advice: What to do about it.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.advice = Advice(zh, en)


def shortened(value: object) -> str:
    """The value on one line, at most 60 characters."""
    line = "".join(c if c.isprintable() else " " for c in str(value)[: 2 * _SHOWN_CHARS])
    line = " ".join(line.split())
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"
