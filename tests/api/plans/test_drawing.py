"""Pictures of a plan."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from api.pictures.drawing import Label, Polygon, Rectangle, text_width
from api.pictures.picture import as_svg
from api.plans.drawing import draw_heat_map, draw_sankey
from api.plans.kept import load_plans
from api.plans.page import picture_page
from matcher.pairing.plan import Objective, Team
from tests.api.plans.city import keep, make_store
from tests.matcher.pairing.small_city import make_city, make_plan


@pytest.fixture
def stored(tmp_path: Path):
    engine = make_store(f"sqlite:///{tmp_path / 'y.db'}")
    (plan,) = load_plans(engine, keep(engine))
    yield plan
    engine.dispose()


@pytest.fixture
def empty(tmp_path: Path):
    """A plan in which nobody serves anything."""
    engine = make_store(f"sqlite:///{tmp_path / 'e.db'}")
    plan = make_plan(
        teams=tuple(Team(hub.id, None) for hub in make_city().hubs),
        coverage=(),
        objective=Objective(0.0),
    )
    (kept,) = load_plans(engine, keep(engine, plan=plan))
    yield kept
    engine.dispose()


def labels(drawing):
    return [shape.text for shape in drawing.shapes if isinstance(shape, Label)]


def test_ribbons_are_as_thick_as_what_their_pairs_cover(stored):
    drawing = draw_sankey(stored)

    ribbons = [shape for shape in drawing.shapes if isinstance(shape, Polygon)]
    thick = [ribbon.points[-1][1] - ribbon.points[0][1] for ribbon in ribbons]
    # P 1.7 and Q 0.5 of motors, R 0.9 of batteries, S 0.6 of textiles
    assert [t / thick[0] for t in thick] == pytest.approx([1, 0.5 / 1.7, 0.9 / 1.7, 0.6 / 1.7])


def test_leads_are_marked_and_everybody_is_named_with_what_is_covered(stored):
    told = labels(draw_sankey(stored))

    assert told.count("★") == 3
    assert {"P 1.70", "Q 0.50", "motors 2.20", "textiles 0.60"} <= set(told)


def test_bars_of_one_side_do_not_overlap_and_all_stays_inside(stored):
    drawing = draw_sankey(stored)

    bars = [s for s in drawing.shapes if isinstance(s, Rectangle)][1:]
    for x in {bar.x for bar in bars}:
        side = sorted((bar for bar in bars if bar.x == x), key=lambda bar: bar.y)
        assert all(a.y + a.height <= b.y for a, b in zip(side, side[1:], strict=False))
    for shape in drawing.shapes:
        if isinstance(shape, Label):
            assert shape.x >= 0
            assert shape.x + text_width(shape.text, shape.size) <= drawing.width
            assert shape.y <= drawing.height


def test_the_heat_map_tells_what_each_covers_alone_and_who_was_chosen(stored):
    told = labels(draw_heat_map(stored))

    # of three needs of motors P alone covers 0.9 + 0.8, Q 0.6 + 0.5; together 2.2
    assert {"牵 57%", "协 37%", "73%"} <= set(told)
    # P would cover 1.1 of two needs of batteries, but does not serve it
    assert "55%" in told
    assert "P" in told


def test_a_plan_of_nobody_can_be_drawn(empty):
    for draw in (draw_sankey, draw_heat_map):
        assert ElementTree.fromstring(as_svg(draw(empty))) is not None


def test_a_picture_page_is_one_picture_that_fetches_nothing(stored):
    page = picture_page(draw_sankey(stored))

    assert page.count("data:image/svg+xml") == 1
    assert "结对方案" in page
    assert "http:" not in page
