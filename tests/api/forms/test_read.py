"""Reading Word and PDF files, sound and unsound ones."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from api.forms.archive import require_sound_archive
from api.forms.pdf import MOST_PAGES, read_pdf
from api.forms.read import read_form
from api.forms.word import read_word
from data.importers.problems import UnreadableFile
from tests.api.forms.documents import make_docx, make_pdf


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def refusal(read, *arguments) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(*arguments)
    return str(caught.value)


def test_paragraphs_and_cells_of_a_word_file_come_in_order_with_their_places():
    rows = read_word(make_docx([("需求名称", "轴承降温")], ["说明", "", "需求描述：温升过大"]))

    assert [[(c.text, dict(c.place)) for c in row] for row in rows] == [
        [
            ("需求名称", {"table": 1, "row": 1, "column": 1}),
            ("轴承降温", {"table": 1, "row": 1, "column": 2}),
        ],
        [("说明", {"paragraph": 1})],
        [("需求描述：温升过大", {"paragraph": 3})],
    ]


def test_content_controls_merged_cells_and_nested_tables_are_read():
    document = docx.Document()
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>需求名称：轴承</w:t></w:r>"
        "<w:sdt><w:sdtContent><w:r><w:t>降温</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(control))
    table = document.add_table(rows=1, cols=3)
    table.cell(0, 0).text = "预算"
    merged = table.cell(0, 1).merge(table.cell(0, 2))
    merged.text = "80万元"
    inner = merged.add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "截止日期", "2027-06-30"
    file = io.BytesIO()
    document.save(file)

    texts = [[cell.text for cell in row] for row in read_word(file.getvalue())]

    assert texts == [["需求名称：轴承降温"], ["预算", "80万元"], ["截止日期", "2027-06-30"]]


def test_lines_of_a_pdf_come_with_their_page():
    rows = read_pdf(
        make_pdf([["需求名称：高速轴承降温", "预算：80万元"], ["技术指标：温升三十开以下"]])
    )

    assert [(row[0].text, row[0].place["page"]) for row in rows] == [
        ("需求名称：高速轴承降温", 1),
        ("预算：80万元", 1),
        ("技术指标：温升三十开以下", 2),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (make_pdf([[]]), "扫描件"),
        (make_pdf([["字"] * 3] * (MOST_PAGES + 1)), "页"),
        (make_pdf([["需求名称：高速轴承降温"]])[:300], "损坏"),
        (b"%PDF-1.7\n%%EOF", "损坏"),
        (b"GIF89a", "不是 PDF"),
        (
            make_pdf(
                [["需求名称：高速轴承降温控制"]],
                trailer="/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4"
                f" /O <{'ab' * 32}> /U <{'cd' * 32}> >> /ID [<00> <00>]",
            ),
            "密码",
        ),
    ],
)
def test_a_pdf_that_holds_nothing_to_read_is_refused_with_the_reason(content: bytes, says: str):
    assert says in refusal(read_pdf, content)


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"hello", zipped(**{"a.xml": b"<a/>"})])
def test_what_is_no_word_file_is_refused(content: bytes):
    assert ".docx" in refusal(read_word, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (zipped(**{"xl/a.xml": b" " * (97 << 20)}), "解压后过大"),
        (zipped(**{"media/a.bin": b"\0" * (9 << 20)}), "解压后过大"),
        (zipped(**{f"{n}.bin": b"" for n in range(2_001)}), "解压后过大"),
        (
            zipped(**{"w.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'}),
            "DOCTYPE",
        ),
        (zipped(**{"w.xml": "<!DOCTYPE a><a/>".encode("utf-16")}), "DOCTYPE"),
        (zipped(**{"a.xml": b"<a/>"})[:-30], "损坏"),
    ],
)
def test_an_archive_that_would_unpack_to_too_much_is_refused_before_it_is_unpacked(
    content: bytes, says: str
):
    assert says in refusal(require_sound_archive, content)


def test_an_ordinary_document_is_a_sound_archive():
    require_sound_archive(make_docx([("需求名称", "轴承降温")]))


def test_a_form_is_read_in_a_process_whose_memory_and_time_are_bounded(monkeypatch):
    form = make_docx([("需求名称", "轴承降温")])

    draft = read_form(form, "表.DOCX")
    monkeypatch.setattr("api.forms.read._SECONDS", -4.99)
    slow = refusal(read_form, form, "表.docx")

    assert draft["fields"][0]["value"] == "轴承降温"
    assert "过于复杂" in slow
    assert "10 MB" in refusal(read_form, b"x" * (11 << 20), "表.pdf")
