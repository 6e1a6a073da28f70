"""Plans and pictures as HTML files that fetch nothing."""

import base64
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from api.pictures.drawing import Drawing
from api.pictures.picture import as_svg
from api.plans.age import age_of
from api.plans.drawing import draw_heat_map, draw_sankey
from api.plans.kept import ExplainedPlan
from api.plans.tables import sheets_of
from api.sheets.sheet import Sheet
from matcher.pairing.plan import Notice

_CAPTIONS = (
    (draw_sankey, "单位与链、县的对应 / who serves what"),
    (draw_heat_map, "覆盖热力图 / how well each could cover"),
)


def plan_page(explained: ExplainedPlan) -> str:
    """The page of a plan: pictures, then every table."""
    stored = explained.stored
    return _page(
        draw_sankey(stored).title,
        [(draw(stored), caption) for draw, caption in _CAPTIONS],
        stale=age_of(explained.staleness),
        sheets=sheets_of(explained),
    )


def picture_page(drawing: Drawing) -> str:
    """A page of one drawing."""
    return _page(drawing.title, [(drawing, drawing.title)])


def _page(
    title: str,
    pictures: Sequence[tuple[Drawing, str]],
    *,
    stale: Notice | None = None,
    sheets: Sequence[Sheet] = (),
) -> str:
    """Every text is escaped, and a content policy forbids whatever might slip through."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["data_uri"] = lambda drawing: (
        "data:image/svg+xml;base64," + base64.b64encode(as_svg(drawing).encode()).decode()
    )
    template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        title=title, stale=stale, pictures=pictures, sheets=sheets
    )
