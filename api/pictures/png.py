"""Drawings as PNG, painted by matplotlib with a Chinese font of this machine."""

import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from api.errors import ApiError
from api.pictures.drawing import Dash, Drawing, Label, Line, Polygon, Rectangle, Shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Hiragino Sans GB",
    "SimHei",
    "Noto Sans CJK JP",
    "Noto Serif CJK SC",
    "Arial Unicode MS",
)
"""Families with simplified Chinese, the best for small print first."""

PNG_SCALE = 2.0
"""Pixels of a PNG per pixel of the drawing."""

_DPI = 100.0
_POINTS_PER_PIXEL = 72 / _DPI


class NoChineseFont(ApiError):
    """A PNG cannot be painted: no font here has Chinese characters."""

    def __init__(self) -> None:
        super().__init__(
            "本机没有中文字体，无法绘制 PNG。请安装字体（如 apt-get install fonts-noto-cjk），"
            "或用 --font / YILIAN_FONT 指定字体文件，或改存为 .svg（无需字体）。"
            " / no font with Chinese characters on this machine; install one"
            " (apt-get install fonts-noto-cjk), name a font file with --font or YILIAN_FONT,"
            " or save as .svg, which needs none"
        )


class UnusableFont(ApiError):
    """The font file that was named is none, or has no Chinese characters."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} 不是含中文的字体文件，请另选一个 .ttf、.otf 或 .ttc 文件。"
            f" / {path} is no font with Chinese characters; name another .ttf, .otf or .ttc file"
        )
        self.path = path


def write_png(drawing: Drawing, path: Path, font: Path | None) -> None:
    """Paint the drawing into a file of any name.

    Args:
        drawing: What to paint.
        path: The file; may be left unfinished when the disk is full.
        font: Font file; one of this machine's when None.

    Raises:
        NoChineseFont: there is no font for it.
        UnusableFont: ``font`` is none.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    face = _chinese_font(font)
    figure = Figure(figsize=(drawing.width / _DPI, drawing.height / _DPI), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    for order, shape in enumerate(drawing.shapes):
        _paint(axes, shape, face, order)
    with warnings.catch_warnings():
        # a rare character that even this font lacks shows as a box: no reason to fail
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        canvas.print_figure(path, format="png", dpi=_DPI * PNG_SCALE)


def _paint(axes: "Axes", shape: Shape, face: "FontProperties", order: int) -> None:
    from matplotlib import patches
    from matplotlib.lines import Line2D

    points = _POINTS_PER_PIXEL
    match shape:
        case Rectangle():
            axes.add_patch(
                patches.Rectangle(
                    (shape.x, shape.y),
                    shape.width,
                    shape.height,
                    facecolor=shape.fill,
                    edgecolor=shape.edge,
                    linewidth=shape.edge_width * points,
                    linestyle=_linestyle(shape.dash, shape.edge_width),
                    zorder=order,
                )
            )
        case Line():
            axes.add_line(
                Line2D(
                    [x for x, _ in shape.points],
                    [y for _, y in shape.points],
                    color=shape.colour,
                    linewidth=shape.width * points,
                    linestyle=_linestyle(shape.dash, shape.width),
                    zorder=order,
                )
            )
        case Polygon():
            axes.add_patch(
                patches.Polygon(shape.points, facecolor=shape.fill, edgecolor="none", zorder=order)
            )
        case Label():
            axes.text(
                shape.x,
                shape.y,
                shape.text,
                color=shape.colour,
                fontproperties=face,
                fontsize=shape.size * points,
                fontweight="bold" if shape.bold else "normal",
                # a price in dollars is no formula
                parse_math=False,
                zorder=order,
            )


def _linestyle(dash: Dash, width: float) -> Literal["solid"] | tuple[float, Dash]:
    # matplotlib counts dashes in line widths
    return (0, tuple(length / width for length in dash)) if dash else "solid"


def _chinese_font(font: Path | None) -> "FontProperties":
    from matplotlib.font_manager import FontProperties

    if font is not None:
        if not _has_chinese(font):
            raise UnusableFont(str(font))
        return FontProperties(fname=str(font))
    family = _installed_family() or _newly_installed_family()
    if family is None:
        raise NoChineseFont
    return FontProperties(family=family)


def _has_chinese(font: Path) -> bool:
    from matplotlib.font_manager import get_font

    try:
        return bool(get_font(str(font)).get_char_index(ord("链")))
    except (OSError, RuntimeError):
        return False


def _installed_family() -> str | None:
    from matplotlib.font_manager import fontManager

    families = {entry.name for entry in fontManager.ttflist if Path(entry.fname).exists()}
    return next((family for family in CHINESE_FONTS if family in families), None)


def _newly_installed_family() -> str | None:
    """Like ``_installed_family``, but also finds fonts newer than matplotlib's own list."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {entry.fname for entry in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in known:
            # a damaged font file is somebody else's trouble
            with suppress(OSError, RuntimeError):
                fontManager.addfont(path)
    return _installed_family()
