"""Headers to fields: Chinese or English, with or without units, wherever they stand."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from data.importers.field import Field
from data.importers.fields import FIELDS
from data.importers.parse import fold, nearest
from data.importers.problems import Advice, Place, Problem, Severity
from data.importers.rows import Kind
from data.importers.units import IN_BRACKETS, factor_of, without_unit

HEADER_WITHIN = 10
"""A header is looked for in this many rows; titles and remarks may stand above it."""

HEADER_CHARS = 100
"""A longer cell is content."""

# row counters that every form has and nothing depends on
_COUNTERS = frozenset({"序号", "no", "no.", "#", ""})
_KIND_WORDS = {
    Kind.NEEDS: ("需求", "need", "queries"),
    Kind.ACHIEVEMENTS: ("成果", "achievement", "corpus"),
    Kind.ORGANIZATIONS: ("单位", "机构", "组织", "organization", "organisation"),
    Kind.DECISIONS: ("反馈", "决策", "decision", "feedback"),
    # 合作 alone stands in the names of many other sheets
    Kind.COOPERATIONS: ("合作关系", "合作记录", "cooperations"),
    Kind.EXPERTS: ("专家", "expert"),
}

# many sheets name a person to call; one of these beside the name makes it an expert
_OF_EXPERTS = frozenset({"title", "fields"})


@dataclass(frozen=True, slots=True)
class Column:
    """What one header stands for.

    Attributes:
        factor: Yuan per plain number, for amounts; else 1.
    """

    field: Field
    factor: int = 1


class Columns:
    """Finds the column behind each header of one table, and says what was not understood."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._known = _words_of(kind)

    def of(self, header: str) -> Column | None:
        """The column that a header stands for, or None."""
        for form in _forms(header):
            field = self._known.get(form)
            if field is not None:
                return Column(field, (factor_of(header) or 1) if field.is_amount else 1)
        for form in _unitless_forms(header):
            field = self._known.get(form)
            if field is not None and field.is_amount:
                return Column(field, factor_of(header) or 1)
        return None

    def assign(
        self, headers: Sequence[str], place: Place, *, row: int | None = None
    ) -> tuple[dict[str, Column], list[Problem]]:
        """The columns of these headers, and warnings about those that are left out.

        Args:
            headers: As written; each at most once counts.
            place: The table, for the warnings.
            row: The header's row, for the warnings.
        """
        columns: dict[str, Column] = {}
        taken: dict[str, str] = {}
        warnings: list[Problem] = []

        def warn(header: str, zh: str, en: str) -> None:
            advice = Advice(zh, en)
            warnings.append(
                place.problem(advice, row=row, column=header, severity=Severity.WARNING)
            )

        for header in headers:
            column = self.of(header)
            if column is None:
                if fold(header) not in _COUNTERS:
                    warn(header, *self._unknown(header))
            elif column.field.name in taken:
                first = taken[column.field.name]
                warn(
                    header,
                    f"与“{first}”列含义相同，只读取“{first}”",
                    f"means the same as {first!r}; only {first!r} is read",
                )
            else:
                columns[header] = column
                taken[column.field.name] = header
                if column.field.is_amount and factor_of(header) is None:
                    warn(header, *_UNKNOWN_UNIT)
        return columns, warnings

    def missing(self, columns: Iterable[Column]) -> tuple[Field, ...]:
        """Required fields that none of the columns stands for."""
        present = {column.field.name for column in columns}
        return tuple(f for f in FIELDS[self._kind] if f.required and f.name not in present)

    def _unknown(self, header: str) -> tuple[str, str]:
        labels = [word for field in FIELDS[self._kind] for word in (field.label, field.name)]
        near = nearest(header, labels)
        zh, en = "不认识这一列，已忽略", "unknown column, not read"
        if near:
            return f"{zh}；最接近的是“{near[0]}”", f"{en}; the nearest known one is {near[0]}"
        return zh, en


def find_header(rows: Sequence[Sequence[object]], kind: Kind) -> int | None:
    """Index of the row that holds the headers, or None when no row knows any.

    The row with most known headers wins, the upper one among equals.
    """
    counts = [known_headers(row, kind) for row in rows[:HEADER_WITHIN]]
    best = max(counts, default=0)
    return counts.index(best) if best else None


def known_headers(row: Sequence[object], kind: Kind) -> int:
    """How many cells of a row are headers of this kind (of the likeliest, for AUTO)."""
    kinds = tuple(FIELDS) if kind is Kind.AUTO else (kind,)
    headers = {cell for cell in row if isinstance(cell, str) and len(cell) <= HEADER_CHARS}
    return max(sum(Columns(k).of(header) is not None for header in headers) for k in kinds)


def kind_of(*, sheet: str | None, file: str, header: Sequence[str]) -> Kind:
    """What the rows are, by the sheet's name, the file's name, or the columns; else AUTO."""
    columns = {kind: Columns(kind).assign(header, Place(file))[0] for kind in FIELDS}
    people = _lists_people(header, columns[Kind.EXPERTS])
    for name in (sheet or "", file):
        said = [
            kind
            for kind, words in _KIND_WORDS.items()
            if any(word in name.casefold() for word in words)
            and (kind is not Kind.EXPERTS or people)
        ]
        if len(said) == 1:
            return said[0]
    told = {column.field.name for column in columns[Kind.EXPERTS].values()}
    if not people or not told & _OF_EXPERTS:
        del columns[Kind.EXPERTS]
    best = max(map(len, columns.values()))
    winners = [kind for kind, known in columns.items() if len(known) == best]
    return winners[0] if best and len(winners) == 1 else Kind.AUTO


def _lists_people(header: Sequence[str], columns: Mapping[str, Column]) -> bool:
    """Whether each row has the name of a person, and none of a posting."""
    titled = any(
        column.field.name == "title"
        for kind in (Kind.NEEDS, Kind.ACHIEVEMENTS)
        for word in header
        if word not in columns and (column := Columns(kind).of(word)) is not None
    )
    return not Columns(Kind.EXPERTS).missing(columns.values()) and not titled


@cache
def _words_of(kind: Kind) -> dict[str, Field]:
    return {
        form: field
        for field in reversed(FIELDS[kind])
        for word in (field.label, field.name, *field.synonyms)
        for form in (_word(word), _word(IN_BRACKETS.sub("", word)))
    }


def _forms(header: str) -> list[str]:
    """The header whole, without brackets, and each of its lines or halves alone."""
    text = unicodedata.normalize("NFKC", header)
    bare = IN_BRACKETS.sub("", text)
    parts = [text, bare, *bare.splitlines(), *bare.split("/")]
    return [form for form in dict.fromkeys(map(_word, parts)) if form]


def _unitless_forms(header: str) -> list[str]:
    """Each line of the header without brackets and without the unit at its end."""
    bare = IN_BRACKETS.sub("", unicodedata.normalize("NFKC", header))
    return [_word(without_unit(line.strip())) for line in bare.splitlines()]


def _word(text: str) -> str:
    return fold(text).strip("*:·.")


_UNKNOWN_UNIT = (
    "括号里不是认识的金额单位，数字按“元”读取；万元请写成“（万元）”",
    "the brackets hold no known unit of money, plain numbers are read as yuan;"
    " write (万元) for ten thousands",
)
