"""What a reader of documents yields: rows of cells that know their place."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A paragraph, a line, or a cell of a table.

    Attributes:
        place: Where it stands, counted from 1: ``page``; ``paragraph``; or ``table``,
            ``row`` and ``column``.
    """

    text: str
    place: Mapping[str, int]


Row = tuple[Cell, ...]
"""The cells beside each other; a paragraph is a row of one."""
