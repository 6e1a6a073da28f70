"""JSON Lines: one object a line, its keys being the headers."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from data.importers.encoding import ERRORS, encoding_of
from data.importers.problems import Advice, Place
from data.importers.rows import RawRow, Table


def read_jsonl(path: Path, name: str) -> Iterator[Table]:
    """The one table of a JSON Lines file; rows are counted as lines.

    Raises:
        UnreadableFile: no known encoding, or not a text file.
    """
    place = Place(name)
    rows = read_objects(path, place)
    first = next(rows, None)
    if first is None:
        yield Table(place, (), iter(()))
    else:
        yield Table(place, None, chain([first], rows), sample=tuple(first.cells))


def read_objects(path: Path, place: Place) -> Iterator[RawRow]:
    """One row per line that is not blank."""
    encoding = encoding_of(path)
    # a bare carriage return is a blank inside JSON, not the end of a line
    with path.open(encoding=encoding, errors=ERRORS[encoding], newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _row(number, line, place)


def _row(number: int, line: str, place: Place) -> RawRow:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        position = getattr(error, "pos", 0) + 1
        advice = Advice(
            f"不是有效的 JSON（第 {position} 个字符处），每行应为一个完整的对象",
            f"not valid JSON (at character {position}); each line holds one whole object",
        )
        return RawRow(number, {}, (place.problem(advice, row=number, value=line),))
    if not isinstance(found, dict):
        return RawRow(number, {}, (place.problem(_NO_OBJECT, row=number, value=line),))
    return RawRow(number, found)


_NO_OBJECT = Advice(
    '每行应为一个 JSON 对象，例如 {"id": "n1", "title": "……"}',
    'each line holds one JSON object such as {"id": "n1", "title": "…"}',
)
