"""What a load did, as data; the command line words it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data.importers.problems import Problem, Severity
from data.importers.rows import Kind
from data.repository import UpsertCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """One sheet or file.

    Attributes:
        sheet: Name of the worksheet, workbooks only.
        rows: Rows that held anything, good or bad.
        counts: What storing the good ones did.
    """

    file: str
    sheet: str | None
    kind: Kind
    rows: int
    counts: UpsertCounts = UpsertCounts()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did, and everything that was wrong.

    Attributes:
        stored: False when nothing was written, because of ``strict``.
        data_version: The database's version afterwards.
        tables: In the order in which they were stored.
        problems: Rows, columns or files that were not loaded, with what would be right.
        warnings: What was done with rows that did load.
        added_organizations: Names that only postings mention and that became
            organisations ("added from rows"), sorted.
        merged_organizations: Names once added from rows whose own record came with this
            load; their postings now belong to it.
    """

    stored: bool
    data_version: int
    tables: tuple[TableReport, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    added_organizations: tuple[str, ...] = ()
    merged_organizations: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[Kind, UpsertCounts]:
        """What was done per kind, over all tables."""
        totals: dict[Kind, UpsertCounts] = {}
        for table in self.tables:
            totals[table.kind] = totals.get(table.kind, UpsertCounts()) + table.counts
        return totals


@dataclass(slots=True)
class Complaints:
    """Problems as they come in, parted by how serious they are."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def extend(self, problems: Iterable[Problem]) -> None:
        """Files each problem under its severity."""
        for problem in problems:
            error = problem.severity is Severity.ERROR
            (self.errors if error else self.warnings).append(problem)
