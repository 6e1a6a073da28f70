"""What a report consists of, before it is Markdown or HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain words; markup in them is shown, not obeyed."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under headings, all as wide as these."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing with what it shows in words.

    Attributes:
        name: File name without ending, of lower-case letters, digits and hyphens; unique
            in a report.
        svg: A whole SVG file.
        caption: Says what is drawn, for those who cannot see it too.
    """

    name: str
    svg: str
    caption: str


Block = Paragraph | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report."""

    title: str
    provenance: Provenance
    sections: Sequence[Section]

    def pictures(self) -> list[Picture]:
        """All pictures, in order."""
        return [
            block
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Picture)
        ]
