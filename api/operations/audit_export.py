"""The audit as a file for people and programs outside."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    # not at run time: the command line asks for ``Format`` before it knows what to do
    from data.audit import Entry

COLUMNS = tuple(
    "seq at actor role organization operation kind item address request facts previous digest"
    .split()
)  # fmt: skip


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


def write_entries(entries: "Iterable[Entry]", target: TextIO, *, form: Format) -> int:
    """Writes entries as they come, one at a time, and returns how many there were.

    Args:
        entries: What to write.
        target: Opened with ``newline=""``; UTF-8.
        form: JSONL keeps everything as it is, digests can be recomputed from it. CSV is for
            spreadsheets: cells that these would take for a formula begin with an apostrophe.
    """
    count = 0
    table = csv.writer(target)
    if form is Format.CSV:
        table.writerow(COLUMNS)
    for entry in entries:
        count += 1
        told = entry_as_json(entry)
        if form is Format.CSV:
            told["facts"] = _json(told["facts"])
            table.writerow([_cell(told[column]) for column in COLUMNS])
        else:
            target.write(f"{_json(told)}\n")
    return count


def entry_as_json(entry: "Entry") -> dict[str, Any]:
    """An entry as plain values; the time as ISO 8601 in UTC with microseconds."""
    moment = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    values: Mapping[str, Any] = asdict(entry) | {"at": moment}
    return {column: values[column] for column in COLUMNS}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # spreadsheets run what begins so, also in full width and after blanks
    formula = text.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    return f"'{text}" if formula or text[:1] in ("\t", "\r", "\n") else text
