"""A plan as drawings: who serves what (Sankey), and how well each could (heat map)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from api.pictures.drawing import (
    FAINT,
    INK,
    LEADING,
    Drawing,
    Label,
    Point,
    Polygon,
    Rectangle,
    Shape,
    printable,
    text_width,
    wrap,
)
from data.plans import StoredPlan
from matcher.pairing.model import compile_problem

_MARGIN, _TITLE, _NAME, _SMALL = 32.0, 22.0, 14.0, 11.0
_PAPER = "#ffffff"

_TINTS = ("#a6cee3", "#b8d8a8", "#f5c99b", "#d7c3e0", "#f2b6b0", "#c7d3dc", "#e6d79c", "#a9dcd3")
"""Ribbon colours, pale enough for text beside them; the names tell what is what."""

_NODE, _GAP, _LABELS, _RIBBONS = 14.0, 14.0, 250.0, 420.0
_LEAST = 4.0
"""Height of a ribbon whose pair covers nothing."""

_STEPS = 24

_CELL_WIDTH, _CELL_HEIGHT, _ROW_NAME = 88.0, 34.0, 200.0
_LOW, _HIGH = (255, 255, 255), (0, 90, 130)


@dataclass(frozen=True, slots=True)
class _Flow:
    supplier: str
    hub: str
    value: float
    lead: bool


def draw_sankey(stored: StoredPlan) -> Drawing:
    """Universities and institutes to the left, chains and counties to the right.

    A ribbon is as thick as the need that the pair covers; a lead is marked ★.
    """
    flows = _flows(stored)
    labels = {s.id: s.label for s in stored.problem.suppliers}
    labels |= {hub.id: hub.label for hub in stored.problem.hubs}
    suppliers = list(dict.fromkeys(flow.supplier for flow in flows))
    hubs = [team.hub for team in stored.plan.teams]
    total = sum(flow.value for flow in flows)
    scale = max(320.0, 34.0 * max(len(suppliers), len(hubs))) / total if total > 0 else 0.0
    thick = {(f.supplier, f.hub): max(f.value * scale, _LEAST) for f in flows}
    left = _stack(suppliers, [(f.supplier, thick[f.supplier, f.hub]) for f in flows])
    right = _stack(hubs, [(f.hub, thick[f.supplier, f.hub]) for f in flows])
    x0, x1 = _MARGIN + _LABELS, _MARGIN + _LABELS + _NODE + _RIBBONS
    top = _MARGIN + 2 * _TITLE
    tint = {hub: _TINTS[i % len(_TINTS)] for i, hub in enumerate(hubs)}
    ribbons: list[Shape] = []
    used = dict.fromkeys((*suppliers, *hubs), 0.0)
    for flow in flows:
        height = thick[flow.supplier, flow.hub]
        start = top + left[flow.supplier][0] + used[flow.supplier]
        end = top + right[flow.hub][0] + used[flow.hub]
        used[flow.supplier] += height
        used[flow.hub] += height
        ribbons.append(_ribbon((x0 + _NODE, start), (x1, end), height, tint[flow.hub]))
        if flow.lead:
            ribbons.append(Label(x1 - 16, end + height / 2 + 4, "★", _SMALL))
    nodes: list[Shape] = []
    for side, places, x in ((suppliers, left, x0), (hubs, right, x1)):
        for member in side:
            y, height = places[member]
            nodes.append(Rectangle(x, top + y, _NODE, height, INK))
            worth = sum(f.value for f in flows if member in (f.supplier, f.hub))
            nodes += _beside(
                f"{labels.get(member, member)} {worth:.2f}", x, top + y + height / 2, side is hubs
            )
    bottom = max((y + h for places in (left, right) for y, h in places.values()), default=0.0)
    width = 2 * (_MARGIN + _LABELS + _NODE) + _RIBBONS
    height = top + bottom + 2 * _MARGIN
    note = "带宽为该单位覆盖的需求量，★ 为牵头 / thickness: need covered; ★ leads"
    return _framed(_title(stored), note, width, height, (*ribbons, *nodes))


def draw_heat_map(stored: StoredPlan) -> Drawing:
    """Chains and counties by the suppliers of the plan: the share that each covers alone.

    The last column is the team together. A framed cell is a seat: 牵 leads, 协 joins.
    """
    model = compile_problem(stored.problem)
    plan, problem = stored.plan, stored.problem
    members = dict.fromkeys(member for team in plan.teams for member in team.members)
    columns = [model.supplier_index[member] for member in members]
    whole = np.array([links.weight.sum() for links in model.links])
    left, top = _MARGIN + _ROW_NAME, _MARGIN + 2 * _TITLE
    heads = [*(problem.suppliers[s].label for s in columns), "全队 team"]
    wrapped = [wrap(head, size=_SMALL, width=_CELL_WIDTH - 8) for head in heads]
    head_height = max(len(lines) for lines in wrapped) * _SMALL * LEADING + 8
    shapes: list[Shape] = []
    for column, lines in enumerate(wrapped):
        for i, line in enumerate(lines):
            y = top + _SMALL + i * _SMALL * LEADING
            shapes.append(Label(left + column * _CELL_WIDTH + 4, y, line, _SMALL))
    top += head_height
    for row, team in enumerate(plan.teams):
        h, y = model.hub_index[team.hub], top + row * _CELL_HEIGHT
        name = wrap(problem.hubs[h].label, size=_NAME, width=_ROW_NAME - 12)
        shapes.append(Label(_MARGIN, y + 22, name[0] if name else team.hub, _NAME))
        covered = sum(one.value for one in plan.coverage if one.hub == team.hub)
        values = [*(float(model.alone[h, s]) for s in columns), covered]
        for column, value in enumerate(values):
            share = value / whole[h] if whole[h] > 0 else 0.0
            member = problem.suppliers[columns[column]].id if column < len(columns) else None
            mark = "牵" if member == team.lead and member else ""
            mark = "协" if member in team.partners else mark
            shapes += _cell(left + column * _CELL_WIDTH, y, share, mark)
    width = left + len(heads) * _CELL_WIDTH + _MARGIN
    height = top + len(plan.teams) * _CELL_HEIGHT + _MARGIN
    note = (
        "单独覆盖的需求份额；框内为入选：牵头、协作 / share of need covered alone; framed: chosen"
    )
    return _framed(_title(stored), note, width, height, shapes)


def _title(stored: StoredPlan) -> str:
    return printable(f"结对方案 {stored.version} {stored.name}")


def _framed(title: str, note: str, width: float, height: float, shapes: Sequence[Shape]) -> Drawing:
    width = max(
        width, 2 * _MARGIN + text_width(note, _SMALL), 2 * _MARGIN + text_width(title, _TITLE)
    )
    paper = Rectangle(0, 0, width, height, _PAPER)
    heading = Label(_MARGIN, _MARGIN + _TITLE / 2, title, _TITLE, bold=True)
    below = Label(_MARGIN, height - _MARGIN / 2, note, _SMALL, FAINT)
    return Drawing(title, width, height, (paper, heading, *shapes, below))


def _flows(stored: StoredPlan) -> list[_Flow]:
    worth: dict[tuple[str, str], float] = {}
    for one in stored.plan.coverage:
        key = one.supplier, one.hub
        worth[key] = worth.get(key, 0.0) + one.value
    return [
        _Flow(member, team.hub, worth.get((member, team.hub), 0.0), member == team.lead)
        for team in stored.plan.teams
        for member in team.members
    ]


def _stack(
    members: Sequence[str], parts: Sequence[tuple[str, float]]
) -> dict[str, tuple[float, float]]:
    """Where each member's bar begins, and how high it is; room for a name in any case."""
    heights = dict.fromkeys(members, 0.0)
    for member, height in parts:
        heights[member] += height
    places, y = {}, 0.0
    for member, height in heights.items():
        places[member] = (y, height)
        y += max(height, 2 * _NAME * LEADING) + _GAP
    return places


def _ribbon(start: Point, end: Point, height: float, colour: str) -> Polygon:
    """An S-shaped band, its edges drawn by the smoothstep 3t² − 2t³."""
    t = np.linspace(0, 1, _STEPS)
    x = start[0] + t * (end[0] - start[0])
    y = start[1] + (3 * t**2 - 2 * t**3) * (end[1] - start[1])
    upper = list(zip(x.tolist(), y.tolist(), strict=True))
    return Polygon((*upper, *((a, b + height) for a, b in reversed(upper))), colour)


def _beside(text: str, x: float, middle: float, right: bool) -> list[Shape]:
    lines = wrap(text, size=_NAME, width=_LABELS - 12)[:2]
    y = middle - (len(lines) - 1) * _NAME * LEADING / 2 + _NAME * 0.35
    return [
        Label(
            x + _NODE + 8 if right else x - 8 - text_width(line, _NAME),
            y + i * _NAME * LEADING,
            line,
            _NAME,
        )
        for i, line in enumerate(lines)
    ]


def _cell(x: float, y: float, share: float, mark: str) -> list[Shape]:
    depth = min(max(share, 0.0), 1.0)
    fill = "#" + "".join(
        f"{round(low + depth * (high - low)):02x}" for low, high in zip(_LOW, _HIGH, strict=True)
    )
    edge, width = (INK, 2.5) if mark else ("#dddddd", 1.0)
    text = f"{mark} {share:.0%}".strip() if share > 0 or mark else ""
    colour = _PAPER if depth > 0.75 else INK
    box = Rectangle(x + 2, y + 2, _CELL_WIDTH - 4, _CELL_HEIGHT - 4, fill, edge, width)
    return [box, Label(x + 10, y + 22, text, _NAME, colour)] if text else [box]
