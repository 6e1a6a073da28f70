"""Files to items: every row converted, every complaint collected, nothing stored yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from data.chain_names import ChainNames
from data.importers.columns import kind_of
from data.importers.convert import Converter, Item
from data.importers.field import Field
from data.importers.names import best_ids, under_own_id
from data.importers.problems import Advice, Place, Problem, Severity, UnreadableFile
from data.importers.report import Complaints
from data.importers.rows import Kind, Table
from data.importers.sources import Source
from data.importers.used_ids import UsedIds
from data.rows import digest
from matcher.types import Organization

_TELL_EVERY = 500


class Progress(Protocol):
    """Told now and then how far a load has come."""

    def __call__(
        self, stage: Literal["read", "store"], file: str, done: int, total: int | None
    ) -> None:
        """Hear of progress.

        Args:
            stage: Rows are first read, all files over, then stored.
            file: The file at work.
            done: Its rows done so far.
            total: Its rows altogether, once known.
        """


@dataclass(slots=True)
class ReadTable:
    """The good rows of one table, in the order of the file.

    Attributes:
        absent: Names of the fields that the table has no column for.
        row_of: Row of each item as a person counts it, by the id that the row gives.
    """

    place: Place
    kind: Kind
    rows: int = 0
    items: list[Item] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    row_of: dict[str, int] = field(default_factory=dict)


def read_sources(
    sources: Sequence[Source],
    *,
    kind: Kind,
    complaints: Complaints,
    progress: Progress,
    chains: ChainNames | None = None,
) -> list[ReadTable]:
    """The tables of all files; what is wrong goes to ``complaints``.

    Args:
        sources: The files.
        kind: What the rows are; AUTO tells by sheet name, file name or columns.
        complaints: Collects problems, in place.
        progress: Told how far the reading has come.
        chains: The city's; the packaged ones unless given.
    """
    found: list[ReadTable] = []
    for source in sources:
        try:
            found.extend(_read_source(source, kind, complaints, progress, chains))
        except UnreadableFile as error:
            complaints.extend([Place(source.name).problem(error.advice)])
    _share_ids(found)
    complaints.extend(_settle(found))
    return found


def _share_ids(tables: Sequence[ReadTable]) -> None:
    """Puts organisations that one file gives by name only under the id that another gives."""
    every = [item for table in tables for item in table.items if isinstance(item, Organization)]
    ids = best_ids((item.name, item.id) for item in every)
    for table in tables:
        table.items[:] = [
            under_own_id(item, ids) if isinstance(item, Organization) else item
            for item in table.items
        ]


def _settle(tables: Sequence[ReadTable]) -> list[Problem]:
    """Of an id given several times keeps the last, so that loading them again changes nothing."""
    last: dict[tuple[Kind, str], tuple[ReadTable, Item]] = {}
    for table in tables:
        last |= {(table.kind, item.id): (table, item) for item in table.items}
    problems = []
    for table in tables:
        kept = []
        for item in table.items:
            winner, other = last[table.kind, item.id]
            if other is item:
                kept.append(item)
            elif digest(other) != digest(item):
                advice = Advice(
                    f"同一编号在 {winner.place.file} 中内容不同，以后者为准",
                    f"{winner.place.file} has this id with other content; that one counts",
                )
                problems.append(
                    table.place.problem(advice, value=item.id, severity=Severity.WARNING)
                )
        table.items[:] = kept
    return problems


def _read_source(
    source: Source,
    wanted: Kind,
    complaints: Complaints,
    progress: Progress,
    chains: ChainNames | None,
) -> Iterator[ReadTable]:
    ids: dict[Kind, UsedIds] = {}
    left_out: list[Place] = []
    read_any = False
    for table in source.tables(wanted):
        kind = _kind(table, source, wanted)
        if table.header == ():
            continue
        if kind is Kind.AUTO and table.place.sheet is not None and not table.header_row:
            # a workbook may hold sheets of other things; said below, unless it is all there is
            left_out.append(table.place)
            continue
        read_any = True
        if kind is Kind.AUTO:
            complaints.extend([table.place.problem(_UNKNOWN_KIND)])
        else:
            converter = Converter(table, kind, chains)
            yield _read_table(
                table, kind, converter, ids.setdefault(kind, UsedIds()), complaints, progress
            )
    severity = Severity.WARNING if read_any else Severity.ERROR
    complaints.extend(place.problem(_NO_HEADER, severity=severity) for place in left_out)
    if not read_any and not left_out:
        complaints.extend([Place(source.name).problem(_NO_ROWS, severity=Severity.WARNING)])


def _kind(table: Table, source: Source, wanted: Kind) -> Kind:
    if table.kind is not Kind.AUTO:
        return table.kind
    if wanted is not Kind.AUTO:
        return wanted
    names = table.sample if table.header is None else table.header
    return kind_of(sheet=table.place.sheet, file=source.path.stem, header=names)


def _read_table(
    table: Table,
    kind: Kind,
    converter: Converter,
    ids: UsedIds,
    complaints: Complaints,
    progress: Progress,
) -> ReadTable:
    complaints.extend((*table.problems, *converter.problems))
    read = ReadTable(table.place, kind)
    missing = [_missing_column(table, kind, absent) for absent in converter.missing()]
    if missing and table.header is not None:
        complaints.extend(missing)
        return read
    for row in table.rows:
        read.rows += 1
        converted = converter.convert(row)
        complaints.extend(converted.problems)
        if converted.item is not None:
            repeated = ids.repeated(converted, table.place, converter)
            complaints.extend(repeated)
            if not repeated:
                read.items.append(converted.item)
                read.row_of[converted.item.id] = converted.row
        if read.rows % _TELL_EVERY == 0:
            progress("read", table.place.file, read.rows, None)
    read.absent = converter.absent()
    progress("read", table.place.file, read.rows, read.rows)
    if not read.rows:
        complaints.extend([table.place.problem(_NO_ROWS, severity=Severity.WARNING)])
    return read


def _missing_column(table: Table, kind: Kind, absent: Field) -> Problem:
    advice = Advice(
        f"缺少“{absent.label}”列；可用 yilian template {kind} 生成模板",
        f"the column {absent.name} ({absent.label}) is missing;"
        f" yilian template {kind} writes a template",
    )
    return table.place.problem(advice, row=table.header_row)


_UNKNOWN_KIND = Advice(
    "看不出是需求、成果、单位、反馈、合作关系还是专家，请用 --kind 指明",
    "needs, achievements, organisations, decisions, cooperations or experts? say which with --kind",
)
_NO_HEADER = Advice(
    "前 10 行里没有认识的表头，未读取；可用 yilian template 生成模板",
    "no known header within the first 10 rows, not read; yilian template writes a template",
)
_NO_ROWS = Advice("没有数据行", "no rows of data")
