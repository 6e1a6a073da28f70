"""What every reader yields: tables of raw rows that still know their place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from data.importers.problems import Advice, Place, Problem


class Kind(StrEnum):
    """What the rows of a table stand for."""

    AUTO = "auto"
    ORGANIZATIONS = "organizations"
    NEEDS = "needs"
    ACHIEVEMENTS = "achievements"
    DECISIONS = "decisions"
    COOPERATIONS = "cooperations"
    EXPERTS = "experts"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in a cell whose value the reader cannot give.

    Attributes:
        shown: What the file holds there, for the report.
    """

    shown: str
    advice: Advice


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row before anything is understood.

    Attributes:
        number: Row as a person counts it: the sheet's row, the CSV's record, the line.
        cells: Header as written to the value found: text, number, date, list or None.
        problems: What the reader already knows to be wrong; an error keeps the row out.
    """

    number: int
    cells: Mapping[str, object]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet or a file of rows.

    Attributes:
        header: Headers as written, or None where each row names its own fields.
        header_row: Row of the header as a person counts it.
        rows: Read once, from front to back.
        sample: Names used by the first row, where each row names its own fields.
        kind: What the rows are, where the format says so.
        problems: What concerns the table as a whole.
    """

    place: Place
    header: tuple[str, ...] | None
    rows: Iterator[RawRow]
    header_row: int | None = None
    sample: tuple[str, ...] = ()
    kind: Kind = Kind.AUTO
    problems: tuple[Problem, ...] = field(default=())
