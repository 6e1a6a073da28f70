"""Word documents: paragraphs and table rows in the order in which they stand."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from api.forms.blocks import Cell, Row
from data.importers.problems import UnreadableFile

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WRAPPERS = (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}smartTag")
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t"}
# Word keeps a text box twice, and neither belongs to the line that it is anchored to
_BOXES = (f"{_W}txbxContent",)
MOST_ROWS = 5_000


def read_word(content: bytes) -> list[Row]:
    """The rows of a ``.docx``; content controls are read, deleted text is not.

    Raises:
        UnreadableFile: it is no Word document, or damaged.
    """
    import docx

    try:
        body = docx.Document(BytesIO(content)).element.body
    except Exception as error:  # python-docx, lxml and zipfile each have families of their own
        raise UnreadableFile(
            "不是可读的 .docx 文件（可能已损坏、加密，或是旧版 .doc），请另存为 .docx",
            "no readable .docx file (damaged, encrypted, or an old .doc?); save it as .docx",
        ) from error
    rows: list[Row] = []
    for row in _Walk().rows(body):
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise UnreadableFile(
                "内容过多，不像一份需求表；请只上传需求表本身",
                "too much content for a form; upload the form alone",
            )
    return rows


class _Walk:
    def __init__(self) -> None:
        self._paragraphs = 0
        self._tables = 0

    def rows(self, parent: Any) -> Iterator[Row]:
        for child in parent:
            if child.tag == f"{_W}p":
                self._paragraphs += 1
                text = _text(child)
                if text.strip():
                    yield (Cell(text, {"paragraph": self._paragraphs}),)
            elif child.tag == f"{_W}tbl":
                self._tables += 1
                yield from self._table(child, self._tables)
            elif child.tag in _WRAPPERS:
                yield from self.rows(child)

    def _table(self, table: Any, number: int) -> Iterator[Row]:
        for row, line in enumerate(_found(table, "tr"), start=1):
            cells = []
            nested: list[Any] = []
            for column, cell in enumerate(_found(line, "tc"), start=1):
                place = {"table": number, "row": row, "column": column}
                text = "\n".join(_text(p) for p in _found(cell, "p"))
                cells.append(Cell(text.strip(), place))
                nested += _found(cell, "tbl")
            if any(cell.text for cell in cells):
                yield tuple(cells)
            for inner in nested:
                self._tables += 1
                yield from self._table(inner, self._tables)


def _found(parent: Any, name: str) -> list[Any]:
    """Children of this name, those in content controls included."""
    found = []
    for child in parent:
        if child.tag == f"{_W}{name}":
            found.append(child)
        elif child.tag in _WRAPPERS:
            found += _found(child, name)
    return found


def _text(node: Any) -> str:
    parts = []
    for child in node:
        if child.tag == f"{_W}t":
            parts.append(child.text or "")
        elif child.tag in _BREAKS:
            parts.append(_BREAKS[child.tag])
        elif child.tag not in _BOXES:
            parts.append(_text(child))
    return "".join(parts)
