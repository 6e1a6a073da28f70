"""PDF forms: tables as rows, other text line by line, page by page."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from api.forms.blocks import Cell, Row
from data.importers.problems import UnreadableFile

MOST_PAGES = 30
_LEAST_CHARS = 20  # a scan often carries a page number or a stamp as text


def read_pdf(content: bytes) -> list[Row]:
    """The rows of a PDF with text in it.

    Raises:
        UnreadableFile: no PDF, damaged, protected, scanned, or too long.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    if not content.lstrip()[:5] == b"%PDF-":
        raise UnreadableFile("这不是 PDF 文件", "this is no PDF file")
    try:
        with pdfplumber.open(BytesIO(content)) as document:
            pages = len(document.pages)
            if pages > MOST_PAGES:
                raise UnreadableFile(
                    f"共 {pages} 页，超过 {MOST_PAGES} 页；请只上传需求表本身",
                    f"{pages} pages are more than {MOST_PAGES}; upload the form alone",
                )
            rows = [row for page in document.pages for row in _rows(page)]
    except PdfminerException as error:
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args):
            raise UnreadableFile(
                "PDF 设有密码，请去除密码后上传",
                "the PDF is protected by a password; remove it and upload the file again",
            ) from error
        raise _damaged() from error
    except UnreadableFile:
        raise
    except Exception as error:  # pdfminer meets a damaged file with whatever it stumbles over
        raise _damaged() from error
    if sum(len(cell.text) for row in rows for cell in row) < _LEAST_CHARS:
        raise UnreadableFile(
            "PDF 里没有文字（可能是扫描件），请上传文字版或 Word 版",
            "the PDF holds no text (a scan?); upload a version with text, or a Word file",
        )
    return rows


def _rows(page: Any) -> Iterator[Row]:
    place = {"page": page.page_number}
    tables = page.find_tables()
    found: list[tuple[float, Row]] = []
    for table in tables:
        for at, texts in zip(table.rows, table.extract(), strict=True):
            # a cell that is part of the one before it is None
            cells = tuple(Cell(text.strip(), place) for text in texts if text is not None)
            if any(cell.text for cell in cells):
                found.append((at.bbox[1], cells))

    def outside(item: Any) -> bool:
        x, y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
        return not any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)

    boxes = [table.bbox for table in tables]
    for line in page.filter(outside).extract_text_lines(return_chars=False):
        if line["text"].strip():
            found.append((line["top"], (Cell(line["text"].strip(), place),)))
    for _, row in sorted(found, key=lambda pair: pair[0]):
        yield row


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "PDF 已损坏，无法读取；请重新导出后上传",
        "the PDF is damaged and cannot be read; export it anew and upload it again",
    )
