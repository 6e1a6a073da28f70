"""BEIR folders: ``corpus.jsonl`` holds achievements, ``queries.jsonl`` needs.

Ids are kept as given. BEIR allows empty titles; such a row is named by the first line of
its text that has words, and the text stays whole. Other keys, such as
``metadata``, are not ours to read.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from data.importers.jsonl import read_objects
from data.importers.problems import Place
from data.importers.rows import Kind, RawRow, Table
from matcher.text import has_words

KINDS = {"corpus.jsonl": Kind.ACHIEVEMENTS, "queries.jsonl": Kind.NEEDS}

_TITLE_CHARS = 60


def is_beir(folder: Path) -> bool:
    """Whether the folder holds a corpus or queries in BEIR's layout."""
    return any((folder / name).is_file() for name in KINDS)


def read_beir(path: Path, name: str) -> Iterator[Table]:
    """The one table of a ``corpus.jsonl`` or ``queries.jsonl``.

    Raises:
        UnreadableFile: no known encoding, or not a text file.
    """
    place = Place(name)
    rows = (_named(row) for row in read_objects(path, place))
    yield Table(place, ("_id", "title", "text"), rows, kind=KINDS[path.name])


def _named(row: RawRow) -> RawRow:
    cells = {key: row.cells.get(key) for key in ("_id", "title", "text")}
    title, text = cells["title"], cells["text"]
    untitled = title is None or (isinstance(title, str) and not has_words(title))
    if untitled and isinstance(text, str):
        heads = (line.strip()[:_TITLE_CHARS] for line in text.splitlines())
        cells["title"] = next(filter(has_words, heads), title)
    return replace(row, cells=cells)
