"""Reads an uploaded file of rows with the importers, within bounds."""

import tempfile
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Literal

from api.errors import ApiError
from api.forms.archive import require_sound_archive
from data.chain_names import ChainNames
from data.importers.problems import UnreadableFile
from data.importers.read import ReadTable, read_sources
from data.importers.report import Complaints
from data.importers.rows import Kind
from data.importers.sources import Source

MOST_ROWS = 50_000
"""Rows of one file; reading as many takes half a minute on a busy machine."""

ENDINGS = (".xlsx", ".csv", ".tsv", ".jsonl")
_NAME_CHARS = 200


class NotImportable(ApiError):
    """The file cannot be read at all.

    Attributes:
        field: The part of the request at fault.
    """

    field = "file"

    def __init__(self, message: str) -> None:
        super().__init__(message)


def read_file(
    content: bytes, name: str, kind: Kind, *, chains: ChainNames | None = None
) -> tuple[list[ReadTable], Complaints]:
    """The tables of a file, and everything that is wrong with it.

    Args:
        content: The file.
        name: Its name; the ending says what it is.
        kind: What its rows are.
        chains: The city's; the packaged ones unless given.

    Raises:
        NotImportable: nothing of it can be read, or it is larger than we read.
    """
    complaints = Complaints()
    ending = Path(name).suffix.casefold()
    try:
        require_sound_archive(content)
        with tempfile.TemporaryDirectory(prefix="yilian-") as folder:
            path = Path(folder, f"upload{ending}")
            path.write_bytes(content)
            source = Source(path, name)
            tables = read_sources(
                [source], kind=kind, complaints=complaints, progress=_bounded, chains=chains
            )
    except UnreadableFile as error:
        raise NotImportable(str(error)) from error
    if not any(table.rows for table in tables):
        whole = [*complaints.errors, *complaints.warnings]
        raise NotImportable(whole[0].what_is_right if whole else _EMPTY)
    return tables, complaints


def plain_name(name: str | None) -> str:
    """A file's name without folders, control characters and lone surrogates."""
    last = PurePosixPath((name or "").replace("\\", "/")).name
    told = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    stem, dot, ending = told.rpartition(".")
    return f"{stem[:_NAME_CHARS]}{dot}{ending[:20]}" or "upload"


def _bounded(stage: Literal["read", "store"], file: str, done: int, total: int | None) -> None:
    if done > MOST_ROWS:
        raise NotImportable(
            f"超过 {MOST_ROWS} 行，请拆分后分别导入。"
            f" / more than {MOST_ROWS} rows; split the file and import the parts"
        )


_EMPTY = "没有数据行 / no rows of data"
