"""The lines of a text file with their numbers, so that every complaint can name its line."""

from collections.abc import Iterator
from pathlib import Path

from evaluation.errors import MalformedLine, MissingFile


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that hold something, counted from 1; split at newlines only.

    Raises:
        MissingFile: the file cannot be opened.
        MalformedLine: a line is not UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingFile(path) from error
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            line = raw.decode("utf-8").rstrip("\r")
        except UnicodeDecodeError as error:
            raise MalformedLine(path, number, "不是 UTF-8 编码", "not UTF-8; save it so") from error
        if line.strip():
            yield number, line
