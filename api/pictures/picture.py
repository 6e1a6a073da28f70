"""Drawings as SVG and PNG files.

SVG keeps text as text and leaves the font to whoever looks at it. PNG paints it, and so needs
a font with Chinese characters on this machine.
"""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from api.pictures.drawing import Dash, Drawing, Label, Line, Polygon, Rectangle, Shape, printable
from api.pictures.png import CHINESE_FONTS, write_png
from data.whole_file import whole_file

FORMATS = (".svg", ".png")


def write_picture(drawing: Drawing, path: Path, *, font: Path | None = None) -> None:
    """Write the drawing in the format of the file's suffix; a whole file or none.

    A file that is there is replaced once the new one is complete.

    Args:
        drawing: What to write.
        path: Ends in one of ``FORMATS``.
        font: Font file for PNG; one of this machine's when None.

    Raises:
        CannotWriteFile: its folder is missing or closed to us, or the disk is full.
        NoChineseFont: a PNG is wanted and there is no font for it.
        UnusableFont: ``font`` is none.
        ValueError: the suffix is another one.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(f"{path.name} must end in one of {', '.join(FORMATS)}")
    with whole_file(path) as unfinished:
        if suffix == ".svg":
            unfinished.write_text(as_svg(drawing), encoding="utf-8")
        else:
            write_png(drawing, unfinished, font)


def as_svg(drawing: Drawing) -> str:
    """The drawing as an SVG document."""
    size = f'width="{drawing.width:g}" height="{drawing.height:g}"'
    box = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    families = quoteattr(", ".join([*(f"'{name}'" for name in CHINESE_FONTS), "sans-serif"]))
    title = escape(printable(drawing.title))
    body = "\n".join(map(_svg, drawing.shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} {box}'
        f" font-family={families}>\n<title>{title}</title>\n{body}\n</svg>\n"
    )


def _svg(shape: Shape) -> str:
    match shape:
        case Rectangle():
            edge = _stroke(shape.edge, shape.edge_width, shape.dash)
            return (
                f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}"'
                f' height="{shape.height:.1f}" fill="{shape.fill}"{edge}/>'
            )
        case Line():
            edge = _stroke(shape.colour, shape.width, shape.dash)
            return f'<polyline points="{_points(shape)}" fill="none"{edge}/>'
        case Polygon():
            return f'<polygon points="{_points(shape)}" fill="{shape.fill}"/>'
        case Label():
            weight = ' font-weight="bold"' if shape.bold else ""
            return (
                f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}"'
                f' fill="{shape.colour}"{weight}>{escape(shape.text)}</text>'
            )


def _stroke(colour: str, width: float, dash: Dash) -> str:
    if not width:
        return ""
    dashes = f' stroke-dasharray="{" ".join(f"{d:g}" for d in dash)}"' if dash else ""
    return f' stroke="{colour}" stroke-width="{width:g}"{dashes}'


def _points(shape: Line | Polygon) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
