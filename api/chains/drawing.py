"""A chain map as a drawing: upstream, midstream and downstream in columns."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain as joined

from api.chains.findings import POSITIONS, STATES
from api.pictures.drawing import (
    FAINT,
    INK,
    LEADING,
    LINE,
    Dash,
    Drawing,
    Label,
    Line,
    Point,
    Polygon,
    Rectangle,
    Shape,
    text_width,
    wrap,
)
from matcher.chain_map_types import Balance, ChainEntry, SegmentEntry, State

Feeds = Collection[tuple[str, str]]
"""(supplier, user) pairs of segment ids."""

_MARGIN, _COLUMN, _GAP, _ROW_GAP, _PAD = 32.0, 280.0, 90.0, 18.0, 12.0
_WIDTH = 2 * _MARGIN + 3 * _COLUMN + 2 * _GAP
_TITLE, _NAME, _SMALL = 22.0, 15.0, 12.0
_HEAD = 8.0
_DETOUR: Dash = (5.0, 4.0)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a state is drawn: a colour that all kinds of colour vision tell apart, and an edge.

    The hues are those of Okabe and Ito, 2008; two are darkened so that text can bear them.
    """

    colour: str
    fill: str
    edge_width: float
    dash: Dash
    meaning: str


_LOOKS: Mapping[State, _Look] = {
    State.BOTTLENECK: _Look("#b84f00", "#fbe5d8", 4.0, (), "有需求，均无三级成果 needs, none met"),
    State.SHORT: _Look("#8f5d00", "#fdf3dc", 2.0, (10, 4), "部分需求未解 some needs unmet"),
    State.SERVED: _Look("#00694d", "#e3f4ee", 1.5, (), "需求已解，或成果有人要 met, or wanted"),
    State.IDLE: _Look("#0068a3", "#e0eef7", 2.0, (2, 3), "有成果，无需求 supply, no demand"),
    State.EMPTY: _Look("#6b6b6b", "#f5f5f5", 1.0, (), "均无 neither"),
}


def draw_chains(chains: Sequence[tuple[ChainEntry, Feeds]]) -> Drawing:
    """Some chains one below the other, with one legend.

    Args:
        chains: Each with what feeds what in it. A pair that does not lead from one column to
            the next, as in a cycle, is drawn dashed; one of an unknown segment is left out.
    """
    shapes: list[Shape] = []
    y = _MARGIN
    for chain, feeds in chains:
        drawn, y = _chain(chain, feeds, y)
        shapes += drawn
        y += 2 * _ROW_GAP
    drawn, y = _legend(y)
    height = y + _MARGIN
    paper = Rectangle(0, 0, _WIDTH, height, "#ffffff")
    title = "、".join(chain.name_zh for chain, _ in chains)
    return Drawing(title, _WIDTH, height, (paper, *shapes, *drawn))


def _chain(chain: ChainEntry, feeds: Feeds, y: float) -> tuple[list[Shape], float]:
    """A chain's shapes, and where they end."""
    heading = _Text(_WIDTH - 2 * _MARGIN)
    heading.add(f"{chain.name_zh} {chain.name_en}", _TITLE, bold=True)
    heading.add(f"合计 total：{' · '.join(_figures(chain.total))}", _SMALL, colour=FAINT)
    if chain.unplaced.needs.count or chain.unplaced.achievements.count:
        note = f"其中环节未定 of these on no segment：{' · '.join(_figures(chain.unplaced))}"
        heading.add(note, _SMALL, colour=FAINT)
    columns = {p: [s for s in chain.segments if s.position is p] for p in POSITIONS}
    filled = {position: segments for position, segments in columns.items() if segments}
    if not filled:
        heading.add("本链尚未定义环节 / no segments are defined", _NAME)
    shapes: list[Shape] = heading.at(_MARGIN, y)
    y += heading.height + _ROW_GAP
    x = (_WIDTH - len(filled) * (_COLUMN + _GAP) + _GAP) / 2
    stacks = []
    for position in filled:
        shapes.append(Label(x, y + _NAME, " ".join(POSITIONS[position]), _NAME, bold=True))
        stacks.append(_Stack(x, [_Card(segment) for segment in filled[position]]))
        x += _COLUMN + _GAP
    y += _NAME * LEADING + _ROW_GAP / 2 if stacks else 0
    height = max((stack.height for stack in stacks), default=0.0)
    boxes: list[dict[str, Rectangle]] = []
    cards: list[Shape] = []
    for stack in stacks:
        placed = stack.at(y + (height - stack.height) / 2)
        boxes.append({segment_id: box for segment_id, (box, _) in placed.items()})
        cards += joined.from_iterable((box, *text) for box, text in placed.values())
    return [*shapes, *_arrows(boxes, feeds), *cards], y + height


def _legend(y: float) -> tuple[list[Shape], float]:
    shapes: list[Shape] = []
    x = _MARGIN
    for state, look in _LOOKS.items():
        text = f"{' '.join(STATES[state])}：{look.meaning}"
        width = 40 + text_width(text, _SMALL) + 24
        if x + width > _WIDTH - _MARGIN and x > _MARGIN:
            x, y = _MARGIN, y + 28
        shapes.append(Rectangle(x, y, 30, 18, look.fill, look.colour, look.edge_width, look.dash))
        shapes.append(Label(x + 40, y + 14, text, _SMALL))
        x += width
    return shapes, y + 18


class _Text:
    """Lines of text below one another, broken to a width."""

    def __init__(self, width: float) -> None:
        self._width = width
        self._labels: list[Label] = []
        self.height = 0.0

    def add(self, text: str, size: float, *, colour: str = INK, bold: bool = False) -> None:
        """Put a paragraph below what is there."""
        for line in wrap(text, size=size, width=self._width):
            self._labels.append(Label(0, self.height + size, line, size, colour, bold))
            self.height += size * LEADING

    def at(self, x: float, y: float) -> list[Shape]:
        """The lines with their upper left corner there."""
        return [replace(label, x=x, y=y + label.y) for label in self._labels]


class _Card:
    """A segment's box and what stands in it."""

    def __init__(self, segment: SegmentEntry) -> None:
        self.id = segment.id
        self._look = _LOOKS[segment.balance.state]
        self._text = _Text(_COLUMN - 2 * _PAD)
        state = " ".join(STATES[segment.balance.state])
        self._text.add(segment.name_zh, _NAME, bold=True)
        self._text.add(segment.name_en, _SMALL, colour=FAINT)
        self._text.add(f"【{state}】", _SMALL, colour=self._look.colour, bold=True)
        for line in _figures(segment.balance):
            self._text.add(line, _SMALL)
        self.height = self._text.height + 2 * _PAD

    def at(self, x: float, y: float) -> tuple[Rectangle, list[Shape]]:
        """The box with its upper left corner there, and the text in it."""
        look = self._look
        box = Rectangle(
            x, y, _COLUMN, self.height, look.fill, look.colour, look.edge_width, look.dash
        )
        return box, self._text.at(x + _PAD, y + _PAD)


class _Stack:
    """The boxes of one column."""

    def __init__(self, x: float, cards: Sequence[_Card]) -> None:
        self._x = x
        self._cards = cards
        self.height = sum(card.height for card in cards) + _ROW_GAP * (len(cards) - 1)

    def at(self, y: float) -> dict[str, tuple[Rectangle, list[Shape]]]:
        """Box and text by segment id, the first one at ``y``."""
        placed = {}
        for card in self._cards:
            placed[card.id] = card.at(self._x, y)
            y += card.height + _ROW_GAP
        return placed


def _figures(balance: Balance) -> tuple[str, str]:
    unmet = f"（未解 unmet {balance.unanswered.count}）" if balance.unanswered.count else ""
    return (
        f"需求 needs {balance.needs.count}{unmet}",
        f"成果 supply {balance.achievements.count} · 三级匹配 matches {balance.matches}",
    )


def _arrows(columns: Sequence[Mapping[str, Rectangle]], feeds: Feeds) -> list[Shape]:
    """Lines of supply. Suppliers of the same users share one trunk: m + n lines, not m x n."""
    column_of = {segment: i for i, column in enumerate(columns) for segment in column}
    boxes = {segment: box for column in columns for segment, box in column.items()}
    users: dict[str, list[str]] = {}
    shapes: list[Shape] = []
    for supplier, user in sorted(set(feeds)):
        if supplier == user or supplier not in boxes or user not in boxes:
            continue
        if column_of[user] == column_of[supplier] + 1:
            users.setdefault(supplier, []).append(user)
        else:
            shapes += _detour(boxes[supplier], boxes[user])
    for column in columns:
        trunks: dict[tuple[str, ...], list[str]] = {}
        for supplier in column:
            if supplier in users:
                trunks.setdefault(tuple(users[supplier]), []).append(supplier)
        for i, (theirs, suppliers) in enumerate(trunks.items(), start=1):
            share = i / (len(trunks) + 1)
            shapes += _trunk([boxes[s] for s in suppliers], [boxes[u] for u in theirs], share)
    return shapes


def _trunk(suppliers: Sequence[Rectangle], users: Sequence[Rectangle], share: float) -> list[Shape]:
    """One upright line at a share of the gap, joined to every supplier and every user."""
    x = suppliers[0].x + _COLUMN + share * (_GAP - 2 * _HEAD)
    # arrows of several trunks reach a box side by side
    ends = [(box.x, _middle(box) + (share - 0.5) * box.height / 2) for box in users]
    starts = [(box.x + box.width, _middle(box)) for box in suppliers]
    heights = [y for _, y in (*starts, *ends)]
    return [
        Line(((x, min(heights)), (x, max(heights)))),
        *(Line((start, (x, start[1]))) for start in starts),
        *joined.from_iterable(_arrow([(x, end[1]), end]) for end in ends),
    ]


def _detour(supplier: Rectangle, user: Rectangle) -> list[Shape]:
    """A dashed line for supply that does not lead from one column to the next."""
    start, end = _middle(supplier), _middle(user)
    if supplier.x == user.x:
        right = supplier.x + supplier.width
        return _arrow(
            [(right, start), (right + 14, start), (right + 14, end), (right, end)], _DETOUR
        )
    if user.x < supplier.x:
        return _arrow([(supplier.x, start), (user.x + user.width, end)], _DETOUR)
    return _arrow([(supplier.x + supplier.width, start), (user.x, end)], _DETOUR)


def _arrow(points: Sequence[Point], dash: Dash = ()) -> list[Shape]:
    (x0, y0), (x, y) = points[-2:]
    length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1.0
    dx, dy = (x - x0) / length * _HEAD, (y - y0) / length * _HEAD
    neck = (x - dx, y - dy)
    head = ((x, y), (neck[0] - dy / 2, neck[1] + dx / 2), (neck[0] + dy / 2, neck[1] - dx / 2))
    return [Line((*points[:-1], neck), LINE, 1.5, dash), Polygon(head)]


def _middle(box: Rectangle) -> float:
    return box.y + box.height / 2
