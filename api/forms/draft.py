"""A form as a draft of a need: each field with the words and the place that it came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from api.forms.blocks import Cell, Row
from api.forms.labels import bare, field_of, is_label, is_other, split_pair
from data.access.errors import NotAcceptable
from data.importers.convert import Converter
from data.importers.fields import FIELDS
from data.importers.problems import Place, Problem, Severity
from data.importers.rows import Kind, RawRow, Table
from matcher.types import Need, Status

_LONG = ("text", "must_have", "nice_to_have", "indicators")  # go on over several lines
_ID, _TITLE = "需求编号", "需求名称"
_OURS = ("id", "status")  # a draft gets these from us
_MOST_UNREAD = 100
_QUOTED = 2_000


@dataclass(slots=True)
class _Found:
    """A field while the form is read."""

    label: str
    cells: list[Cell] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(cell.text for cell in self.cells if cell.text).strip()


class _Reading:
    """Goes through the rows of a form and sorts their words to fields."""

    def __init__(self) -> None:
        self.fields: dict[str, _Found] = {}
        self.unread: list[Cell] = []
        self.left_out: list[str] = []
        self._open: _Found | None = None
        self._heads: Sequence[Cell] = ()

    def row(self, cells: Row) -> None:
        if self._under_heads(cells):
            return
        if len(cells) > 1 and all(is_label(cell.text) for cell in cells):
            self._heads = cells
            return
        rest = list(cells)
        while rest:
            cell = rest.pop(0)
            if is_label(cell.text):
                value = rest.pop(0) if rest and not is_label(rest[0].text) else None
                self._begin(cell.text, value)
            else:
                self._words(cell, beside=len(cells) > 1 and bool(cells[0].text))

    def _under_heads(self, cells: Row) -> bool:
        """A row below a row of labels; only the first such row counts, a form has one need."""
        heads, self._heads = self._heads, ()
        if len(heads) != len(cells) or any(is_label(cell.text) for cell in cells):
            for head in heads:
                self._begin(head.text, None)
            return False
        for head, cell in zip(heads, cells, strict=True):
            self._begin(head.text, cell)
        return bool(heads)

    def _words(self, cell: Cell, *, beside: bool) -> None:
        for line in cell.text.splitlines():
            part = Cell(line.strip(), cell.place)
            pair = split_pair(line)
            if pair is not None:
                self._begin(pair[0], Cell(pair[1], cell.place))
            elif is_label(line):
                self._begin(line, None)
            elif part.text and self._goes_on() and not beside:
                assert self._open is not None  # _goes_on() says so
                self._open.cells.append(part)
            elif part.text:
                self.unread.append(part)

    def _goes_on(self) -> bool:
        if self._open is None:
            return False
        return not self._open.text or field_of(self._open.label) in _LONG

    def _begin(self, label: str, value: Cell | None) -> None:
        if is_other(label):
            self.left_out.append(bare(label))
            self._open = _Found(label)  # takes what follows, so that nobody's number stays
            return
        name = field_of(label)
        assert name is not None  # only labels come here
        known = self.fields.get(name)
        if known is not None and known.text:
            if value is not None and value.text:
                self.unread.append(value)
            self._open = None
            return
        self._open = self.fields[name] = _Found(bare(label))
        if value is not None and value.text:
            self._open.cells.append(value)


def draft_of(rows: Iterable[Row]) -> dict[str, Any]:
    """What a form says, as JSON values: fields with quotes and places, and what was not read.

    People's names and numbers are no part of a need; they are left out and only named.
    """
    reading = _Reading()
    for row in rows:
        reading.row(row)
    found = {name: one for name, one in reading.fields.items() if one.text}
    need, problems = _need({one.label: one.text for one in found.values()})
    return {
        "fields": [
            {
                "field": name,
                "label": one.label,
                "value": None if one.label in problems else _plain(getattr(need, name)),
                "quote": one.text[:_QUOTED],
                "place": dict(one.cells[0].place),
                "problem": problems.get(one.label),
            }
            for name, one in found.items()
        ],
        "missing": [
            {"field": wanted.name, "label": wanted.label}
            for wanted in FIELDS[Kind.NEEDS]
            if wanted.name not in found and wanted.name in ("title", "text")
        ],
        "unread": [
            {"quote": cell.text[:_QUOTED], "place": dict(cell.place)}
            for cell in reading.unread[:_MOST_UNREAD]
        ],
        "left_out": list(dict.fromkeys(reading.left_out)),
        "cells": {one.label: one.text for one in found.values()},
    }


def need_of(draft: Mapping[str, Any], corrections: Mapping[str, str]) -> Need:
    """The need that a person confirms.

    Args:
        draft: From ``draft_of``.
        corrections: Field names and what they should say, as one would write it in a form;
            an empty text empties a field.

    Raises:
        NotAcceptable: names the first field that cannot be read.
    """
    cells = {
        label: text for label, text in draft["cells"].items() if field_of(label) not in corrections
    }
    cells |= {_label(name): text for name, text in corrections.items() if text.strip()}
    if not any(field_of(label) == "title" for label in cells):
        raise NotAcceptable("title", "请填写需求名称（title）。 / fill in the title of the need")
    need, problems = _need(cells)
    for label, problem in problems.items():
        name = field_of(label) or "file"
        raise NotAcceptable(name, f"“{label}”：{problem['zh']} / {name}: {problem['en']}")
    return need


def _need(cells: Mapping[str, str]) -> tuple[Need, dict[str, dict[str, str]]]:
    """The need of these cells less the unreadable ones, and what is wrong with those."""
    problems: dict[str, dict[str, str]] = {}
    while True:
        good = {label: text for label, text in cells.items() if label not in problems}
        good = {label: text for label, text in good.items() if field_of(label) not in _OURS}
        if not any(field_of(label) == "title" for label in good):
            good[_TITLE] = "需求"
        good = {_ID: "form", **good, "状态": Status.DRAFT.value}
        table = Table(Place("form"), tuple(good), iter(()), header_row=1)
        converted = Converter(table, Kind.NEEDS).convert(RawRow(2, good))
        if isinstance(converted.item, Need):
            return converted.item, problems
        for problem in converted.problems:
            if problem.severity is Severity.ERROR:
                assert problem.column in good  # else this would never end
                problems[problem.column] = _words(problem)


def _words(problem: Problem) -> dict[str, str]:
    zh, _, en = problem.what_is_right.partition(" / ")
    return {"zh": zh, "en": en}


def _label(name: str) -> str:
    return next(wanted.label for wanted in FIELDS[Kind.NEEDS] if wanted.name == name)


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
