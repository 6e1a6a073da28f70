"""Plain shapes for pictures, and text that is measured without a font.

Every picture format paints the same shapes, so all show the same picture. Lengths are
pixels; y grows downwards.
"""

import re
from dataclasses import dataclass

from rich.cells import cell_len

INK, FAINT, LINE, PAPER = "#1a1a1a", "#555555", "#6b6b6b", "#ffffff"
LEADING = 1.4
"""Height of a line of text in font sizes."""

Point = tuple[float, float]
Dash = tuple[float, ...]
"""Lengths drawn and left out in turn; empty for a solid line."""

_LATIN = 0.6
"""Width of a narrow character in font sizes; an ideograph is as wide as the font size."""

_UNIT = re.compile(r"[!-~\u00c0-\u024f]+\s*|.[，、。；：）》」]*\s*", re.DOTALL)
"""What a line is not broken within: a word, or an ideograph and the marks behind it."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled box with an edge, which is not drawn at width 0."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str = PAPER
    edge_width: float = 0.0
    dash: Dash = ()


@dataclass(frozen=True, slots=True)
class Line:
    """An open line through the points."""

    points: tuple[Point, ...]
    colour: str = LINE
    width: float = 1.5
    dash: Dash = ()


@dataclass(frozen=True, slots=True)
class Polygon:
    """A filled shape without an edge."""

    points: tuple[Point, ...]
    fill: str = LINE


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text that starts at ``x``, with its baseline at ``y``."""

    x: float
    y: float
    text: str
    size: float
    colour: str = INK
    bold: bool = False


Shape = Rectangle | Line | Polygon | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in the order in which they are painted; ``title`` says what they show."""

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


def text_width(text: str, size: float) -> float:
    """About how wide a line of text is, rather too wide than too narrow."""
    return sum(size if cell_len(character) > 1 else size * _LATIN for character in text)


def printable(text: str) -> str:
    """The text on one line, without the control characters that no picture format may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def wrap(text: str, *, size: float, width: float) -> list[str]:
    """The printable text in lines of at most ``width``; words stay whole where they fit."""
    lines = [""]
    for unit in _UNIT.findall(printable(text)):
        fits = text_width(unit.rstrip(), size) <= width
        for piece in [unit] if fits else list(unit):
            if text_width((lines[-1] + piece).rstrip(), size) > width:
                lines.append("")
            lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()]
