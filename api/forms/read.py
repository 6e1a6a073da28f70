"""Reads a Word or PDF form in a process of its own, with bounded memory and time.

What a stranger's PDF unpacks to is known only once it is unpacked: the process that does
it may die of it, and this one goes on.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from api.forms.blocks import Cell, Row
from api.forms.draft import draft_of
from data.importers.problems import UnreadableFile

ENDINGS = (".docx", ".pdf")
MOST_BYTES = 10 << 20
"""Size of a form; one is a few pages."""

_MEMORY = 1 << 30
_SECONDS = 30


def read_form(content: bytes, name: str) -> dict[str, Any]:
    """What a form says; see ``draft_of``.

    Args:
        content: The document.
        name: Its name; the ending says what it is.

    Raises:
        UnreadableFile: it cannot be read; the message says why.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableFile(
            f"需求表不超过 {MOST_BYTES >> 20} MB；请只上传需求表本身，或删去图片",
            f"a form has at most {MOST_BYTES >> 20} MB; upload it alone, or without pictures",
        )
    command = [sys.executable, "-m", "api.forms", Path(name).suffix.casefold()]
    try:
        done = subprocess.run(
            command,
            input=content,
            capture_output=True,
            timeout=_SECONDS + 5,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise UnreadableFile(
            "文件过于复杂，无法在限定的时间和内存内读取；请另存为简单的 Word 文件后上传",
            "the file is too complex to be read in bounded time and memory; save it as a plain"
            " Word file and upload that",
        ) from error
    if "error" in told:
        raise UnreadableFile(*told["error"])
    rows: list[Row] = [tuple(Cell(text, place) for text, place in cells) for cells in told["rows"]]
    return draft_of(rows)


def read_here(content: bytes, ending: str) -> dict[str, Any]:
    """The rows of a document as JSON values, or ``error``; limits this process for good."""
    from api.forms.archive import require_sound_archive
    from api.forms.pdf import read_pdf
    from api.forms.word import read_word

    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        if not content:
            raise UnreadableFile("文件是空的", "the file is empty")
        require_sound_archive(content)
        rows = read_pdf(content) if ending == ".pdf" else read_word(content)
    except UnreadableFile as error:
        return {"error": [error.advice.zh, error.advice.en]}
    return {"rows": [[[cell.text, dict(cell.place)] for cell in row] for row in rows]}
