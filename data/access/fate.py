"""What becomes of a row of a file, and how much a row may hold."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from data.expert import Expert
from data.importers.fields import FIELDS, label_of
from data.importers.problems import Advice
from data.importers.rows import Kind
from data.rows import digest
from matcher.types import Achievement, Need, Organization

Row = TypeVar("Row", bound=Need | Achievement | Organization | Expert)

# as much as the same fields of the REST interface take
_LINE, _PROSE, _LIST = 500, 100_000, 100
_CHARS = {(Kind.EXPERTS, "title"): 100}
_PARTS = {Kind.EXPERTS: 50}


class Fate(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sorted(Generic[Row]):
    """One row with its fate.

    Attributes:
        item: As it would be stored.
        id: The id that the row gives.
        column: Heading of the column at fault, for a refused row.
        advice: What would be right, for a refused row.
        was: The id that the item gives up for another one, if it does.
    """

    item: Row
    id: str
    fate: Fate
    column: str | None = None
    advice: Advice | None = None
    was: str | None = None

    @property
    def written(self) -> bool:
        """Whether the row alters what is stored."""
        return self.fate in (Fate.ADDED, Fate.CHANGED)

    @property
    def verb(self) -> str:
        """What is done with a row that is written."""
        return "create" if self.fate is Fate.ADDED else "update"


def weighed(kind: Kind, item: Row, row_id: str, stored: Row | None) -> Sorted[Row]:
    """The fate of a row that its actor may store, by what is stored in its place.

    Args:
        kind: What the row is.
        item: As it would be stored.
        row_id: The id that the row gives.
        stored: What it would replace, if anything.
    """
    long = _too_long(kind, item)
    if long is not None:
        return Sorted(item, row_id, Fate.REFUSED, *long)
    if stored is None:
        return Sorted(item, row_id, Fate.ADDED)
    same = digest(stored) == digest(item)
    return Sorted(item, row_id, Fate.UNCHANGED if same else Fate.CHANGED)


def _too_long(kind: Kind, item: Row) -> tuple[str, Advice] | None:
    """The column that holds more than the REST interface takes, if any, and how much it takes."""
    parts = _PARTS.get(kind, _LIST)
    for field in FIELDS[kind]:
        value = getattr(item, field.name)
        chars = _PROSE if field.name == "text" else _CHARS.get((kind, field.name), _LINE)
        if isinstance(value, str) and len(value) > chars:
            return label_of(kind, field.name), Advice(
                f"过长：最多 {chars:,} 字", f"too long: at most {chars:,} characters"
            )
        if isinstance(value, tuple) and (
            len(value) > parts or any(len(part) > chars for part in value)
        ):
            return label_of(kind, field.name), Advice(
                f"过长：最多 {parts} 项，每项最多 {chars:,} 字",
                f"too long: at most {parts} items of {chars:,} characters",
            )
    return None
