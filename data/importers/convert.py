"""Raw rows to domain values, collecting every problem of a row instead of the first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from data.chain_names import ChainNames, packaged_names
from data.expert import Expert
from data.importers.choices import ORGANIZATION_KINDS
from data.importers.clean import cleaned, is_damaged_value
from data.importers.columns import Column, Columns
from data.importers.cooperation_fields import complete_cooperation
from data.importers.decision_fields import decision_id
from data.importers.expert_fields import expert_id
from data.importers.field import Field
from data.importers.fields import FIELDS
from data.importers.names import guess_kind, id_of_name
from data.importers.numbers import parse_amount
from data.importers.parse import is_nothing
from data.importers.problems import Advice, BadCell, Place, Problem, Severity
from data.importers.rows import Kind, RawRow, Table, Unreadable
from matcher.cooperation import BadCooperation, PastCooperation
from matcher.decision import BadDecision, Decision
from matcher.types import Achievement, Need, Organization

Item = Organization | Need | Achievement | Decision | PastCooperation | Expert

_TYPES: dict[Kind, type[Any]] = {
    Kind.NEEDS: Need,
    Kind.ACHIEVEMENTS: Achievement,
    Kind.ORGANIZATIONS: Organization,
    Kind.DECISIONS: Decision,
    Kind.COOPERATIONS: PastCooperation,
    Kind.EXPERTS: Expert,
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of one row.

    Attributes:
        row: Row as a person counts it.
        item: None when an error kept the row out; the ``organization`` of a posting or
            an expert is still as written.
        problems: Errors, or warnings about an item that is there.
    """

    row: int
    item: Item | None
    problems: tuple[Problem, ...] = ()


class Converter:
    """Converts the rows of one table.

    Args:
        table: For its place and header.
        kind: What the rows are; not AUTO.
        chains: The city's; the packaged ones unless given.

    Attributes:
        problems: Warnings about columns that are not read.
    """

    def __init__(self, table: Table, kind: Kind, chains: ChainNames | None = None) -> None:
        self._chains = chains or packaged_names()
        self._place = table.place
        self._kind = kind
        header = [name for name in table.header or () if name]
        self._columns, warnings = Columns(kind).assign(header, self._place, row=table.header_row)
        self._seen = set(table.header or ())
        self._now = datetime.now(UTC)
        self.problems = tuple(warnings)

    def missing(self) -> tuple[Field, ...]:
        """Required fields for which the header has no column."""
        return Columns(self._kind).missing(self._columns.values())

    def absent(self) -> frozenset[str]:
        """Names of the fields that no column met so far stands for."""
        present = {column.field.name for column in self._columns.values()}
        return frozenset(wanted.name for wanted in FIELDS[self._kind]) - present

    def header_of(self, name: str) -> str:
        """The header under which a field stands, as written; else the field's own name."""
        found = (h for h, column in self._columns.items() if column.field.name == name)
        return next(found, name)

    def convert(self, row: RawRow) -> Converted:
        """The row's item, or None with everything that is wrong with the row."""
        if row.problems:
            return Converted(row.number, None, row.problems)
        learnt = self._learn(row.cells)
        reading = _Reading(self._place, row.number, self._chains)
        for header, value in row.cells.items():
            column = self._columns.get(header)
            if column is not None:
                reading.read(header, column, value)
        self._complete(reading)
        problems = (*learnt, *reading.problems)
        if any(problem.severity is Severity.ERROR for problem in problems):
            return Converted(row.number, None, problems)
        try:
            item = _TYPES[self._kind](**reading.values)
        except (BadDecision, BadCooperation) as wrong:
            problem = self._place.problem(Advice(wrong.zh, wrong.en), row=row.number)
            return Converted(row.number, None, (*problems, problem))
        return Converted(row.number, item, problems)

    def _learn(self, cells: Mapping[str, object]) -> list[Problem]:
        """Assigns keys met for the first time: every line of JSON names its own."""
        new = [name for name in cells if name not in self._seen]
        if not new:
            return []
        self._seen.update(new)
        columns, warnings = Columns(self._kind).assign(new, self._place)
        self._columns.update(columns)
        return warnings

    def _complete(self, reading: "_Reading") -> None:
        """Fills in what the rest of the row tells, and reports what is still absent."""
        if self._kind is Kind.DECISIONS:
            reading.values.setdefault("id", decision_id(reading.values))
            reading.values.setdefault("made_at", self._now)
        if self._kind is Kind.COOPERATIONS:
            complete_cooperation(reading.values)
        if self._kind is Kind.EXPERTS and "name" in reading.values:
            named = reading.values.get("organization", "")
            reading.values.setdefault("id", expert_id(named, reading.values["name"]))
        if self._kind is Kind.ORGANIZATIONS and "name" in reading.values:
            name = reading.values["name"]
            reading.values.setdefault("id", id_of_name(name))
            kind = guess_kind(name)
            if kind is not None:
                reading.values.setdefault("kind", kind)
            elif "kind" not in reading.values and "kind" not in reading.headers:
                reading.absent("kind", "单位类型", _KIND_WANTED)
        for wanted in FIELDS[self._kind]:
            if wanted.required and wanted.name not in reading.values:
                reading.absent(
                    wanted.name,
                    wanted.label,
                    Advice(f"“{wanted.label}”不能为空", f"{wanted.name} cannot be empty"),
                )


@dataclass(slots=True)
class _Reading:
    """One row while it is read."""

    place: Place
    row: int
    chains: ChainNames
    values: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)

    def read(self, header: str, column: Column, value: object) -> None:
        name = column.field.name
        self.headers.setdefault(name, header)
        try:
            parsed = _parsed(column, self._clean(header, value), self.chains)
        except BadCell as wrong:
            shown = value.shown if isinstance(value, Unreadable) else value
            self.bad.add(name)
            self.problems.append(
                self.place.problem(wrong.advice, row=self.row, column=header, value=shown)
            )
        else:
            if parsed is not None:
                self.values.setdefault(name, parsed)

    def absent(self, name: str, label: str, advice: Advice) -> None:
        """Reports a field that has no value, unless its value was already found wrong."""
        if name not in self.bad:
            column = self.headers.get(name, label)
            self.problems.append(self.place.problem(advice, row=self.row, column=column, value=""))

    def _clean(self, header: str, value: object) -> object:
        if isinstance(value, Unreadable):
            raise BadCell(*value.advice)
        if is_damaged_value(value):
            raise BadCell(
                "文字编码有损坏，请将文件另存为 UTF-8",
                "the text encoding is damaged here; save the file as UTF-8",
            )
        clean, stripped = cleaned(value)
        if stripped:
            self.problems.append(
                self.place.problem(
                    Advice("含不可见的控制字符，已去除", "control characters were removed"),
                    row=self.row,
                    column=header,
                    value=value,
                    severity=Severity.WARNING,
                )
            )
        return clean


def _parsed(column: Column, value: object, chains: ChainNames) -> object:
    """The typed value, or None for a blank cell.

    Raises:
        BadCell: the cell cannot be what its column asks for.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    wanted = column.field
    if is_nothing(value) and not wanted.is_text:
        # 无 is a choice in one column and "nothing" in the others
        try:
            return wanted.parse(value) if wanted.choices else None
        except BadCell:
            return None
    if wanted.by_chains is not None:
        return wanted.by_chains(value, chains)
    return parse_amount(value, factor=column.factor) if wanted.is_amount else wanted.parse(value)


_KIND_WANTED = Advice(
    f"请写明单位类型：{'、'.join(words[0] for words in ORGANIZATION_KINDS.values())}",
    f"write the kind: {', '.join(ORGANIZATION_KINDS)}",
)
