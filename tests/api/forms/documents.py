"""Word and PDF forms made in memory."""

import io
from collections.abc import Sequence

import docx


def make_docx(table: Sequence[Sequence[str]] = (), paragraphs: Sequence[str] = ()) -> bytes:
    """A document with a table and then paragraphs."""
    document = docx.Document()
    if table:
        made = document.add_table(rows=len(table), cols=max(map(len, table)))
        for row, texts in enumerate(table):
            for column, text in enumerate(texts):
                made.cell(row, column).text = text
    for text in paragraphs:
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def make_pdf(pages: Sequence[Sequence[str]], *, trailer: str = "") -> bytes:
    """A PDF with these lines on its pages, in a Chinese font that every reader knows."""
    font = 3
    kids = [4 + 2 * n for n in range(len(pages))]
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{k} 0 R' for k in kids)}] >>",
        font: "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        " /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /DW 1000"
        " /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6"
        " /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /StemV 93"
        " >> >>] >>",
    }
    for kid, lines in zip(kids, pages, strict=True):
        shown = "".join(
            f"BT /F1 12 Tf 60 {780 - 20 * n} Td <{line.encode('utf-16-be').hex()}> Tj ET\n"
            for n, line in enumerate(lines)
        )
        objects[kid] = (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            f" /Resources << /Font << /F1 {font} 0 R >> >> /Contents {kid + 1} 0 R >>"
        )
        objects[kid + 1] = f"<< /Length {len(shown)} >>\nstream\n{shown}endstream"
    file = io.BytesIO()
    file.write(b"%PDF-1.7\n")
    places = {}
    for number in sorted(objects):
        places[number] = file.tell()
        file.write(f"{number} 0 obj\n{objects[number]}\nendobj\n".encode())
    start = file.tell()
    file.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    for number in sorted(places):
        file.write(f"{places[number]:010} 00000 n \n".encode())
    size = len(objects) + 1
    file.write(f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n".encode())
    file.write(f"startxref\n{start}\n%%EOF\n".encode())
    return file.getvalue()
