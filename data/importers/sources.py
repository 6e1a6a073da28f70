"""From the paths that a person names to the tables in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from data.importers.beir import KINDS, is_beir, read_beir
from data.importers.delimited import read_delimited
from data.importers.excel import read_excel
from data.importers.jsonl import read_jsonl
from data.importers.problems import UnreadableFile
from data.importers.rows import Kind, Table
from data.importers.sniff import require_text

_EXCEL = frozenset({".xlsx", ".xlsm"})
_DELIMITED = frozenset({".csv", ".tsv", ".txt"})
_JSON_LINES = frozenset({".jsonl", ".ndjson"})
_KNOWN = _EXCEL | _DELIMITED | _JSON_LINES


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read.

    Attributes:
        name: How messages call it: as the person did.
        in_beir: Whether it is part of a BEIR folder.
    """

    path: Path
    name: str
    in_beir: bool = False

    def tables(self, kind: Kind) -> Iterator[Table]:
        """The tables of the file, read as they are asked for.

        Raises:
            UnreadableFile: the file cannot be read at all; the message says why.
        """
        ending = self.path.suffix.casefold()
        try:
            if self.in_beir:
                yield from read_beir(self.path, self.name)
            elif ending in _EXCEL:
                yield from read_excel(self.path, self.name, kind)
            elif ending in _DELIMITED | _JSON_LINES:
                require_text(self.path)
                if ending in _JSON_LINES:
                    yield from read_jsonl(self.path, self.name)
                else:
                    yield from read_delimited(self.path, self.name, kind)
            else:
                raise _unknown_ending(self.path, ending)
        except OSError as error:
            raise UnreadableFile(
                f"无法读取文件（{error.strerror}），请检查路径和权限",
                f"cannot read the file ({error.strerror}); check its path and rights",
            ) from error


def sources_of(paths: Sequence[Path]) -> list[Source]:
    """The files behind these paths; a folder gives its loadable files, by name.

    Hidden files and Excel's lock files (``~$…``) are passed over.
    """
    found: list[Source] = []
    for path in paths:
        if not path.is_dir():
            found.append(Source(path, str(path)))
        elif is_beir(path):
            parts = [path / name for name in KINDS if (path / name).is_file()]
            found.extend(Source(part, str(part), in_beir=True) for part in parts)
        else:
            parts = [
                part
                for part in sorted(path.iterdir())
                if part.suffix.casefold() in _KNOWN and not part.name.startswith((".", "~$"))
            ]
            found.extend(Source(part, str(part)) for part in parts or [path])
    return found


def _unknown_ending(path: Path, ending: str) -> UnreadableFile:
    path.stat()
    if path.is_dir():
        return UnreadableFile(
            "文件夹里没有可载入的文件（.xlsx、.csv、.tsv、.jsonl）",
            "the folder holds no file that can be loaded (.xlsx, .csv, .tsv, .jsonl)",
        )
    if ending in (".xls", ".et", ".ods", ".xlsb", ".numbers"):
        return UnreadableFile(
            f"不支持 {ending}，请在 Excel 或 WPS 中另存为 .xlsx",
            f"{ending} is not supported; save it as .xlsx in Excel or WPS",
        )
    if ending == ".json":
        return UnreadableFile(
            "请改用 JSON Lines（.jsonl，每行一个对象）",
            "use JSON Lines (.jsonl, one object a line) instead",
        )
    return UnreadableFile(
        f"不认识扩展名“{ending}”，请用 .xlsx、.csv、.jsonl 或 BEIR 文件夹",
        f"unknown ending {ending!r}; use .xlsx, .csv, .jsonl or a BEIR folder",
    )
