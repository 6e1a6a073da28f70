import base64
import errno
import os
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evaluation.errors import OccupiedFolder, ReportNotWritten
from evaluation.markup import html, markdown
from evaluation.page import Page, Paragraph, Picture, Section, Table
from evaluation.provenance import Provenance
from evaluation.report import write_report

NASTY = "<script>alert('x')</script> & \"a|b\" [c](javascript:d)\n# e"
SVG = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><title>图</title></svg>'
PROVENANCE = Provenance(
    command="yilian eval rank",
    data="toy dev sha256:00",
    model="e5:abc",
    commit="0123abcd",
    version="0.1.0",
    date=datetime(2031, 5, 6, tzinfo=UTC),
)


def page_of(*blocks, title="评测 / Evaluation") -> Page:
    return Page(title, PROVENANCE, [Section("一节 / A section", blocks)])


class Reader(HTMLParser):
    """Collects tags, texts and attributes, and notices tags that are not closed in order."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.attributes, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.extend(attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_markdown_shows_all_blocks_in_order():
    page = page_of(
        Paragraph("一段话"),
        Table(("系统", "n"), [("bm25", "3"), ("随机", "4")]),
        Picture("curve", SVG, "一张图"),
    )

    text = markdown(page)

    assert text.startswith("# 评测 / Evaluation\n\n|  |  |\n|---|---|\n| 命令 / command |")
    assert text.endswith(
        "## 一节 / A section\n\n一段话\n\n"
        "| 系统 | n |\n|---|---|\n| bm25 | 3 |\n| 随机 | 4 |\n\n"
        "![一张图](curve.svg)\n"
    )
    assert "0123abcd" in text


def test_texts_cannot_break_out_of_markdown():
    text = markdown(page_of(Paragraph(NASTY), Table((NASTY,), [(NASTY,)]), title=NASTY))

    shown = r"""\<script\>alert('x')\</script\> \& "a\|b" [c\](javascript:d) # e"""
    assert f"# {shown}\n" in text
    assert f"\n\n{shown}\n\n| {shown} |\n|---|\n| {shown} |\n" in text
    assert "<script>" not in text


def test_a_list_or_rule_at_the_start_of_a_text_stays_text():
    text = markdown(
        page_of(
            Paragraph("- x"),
            Paragraph("+ y"),
            Paragraph("1. z"),
            Paragraph("## a"),
            Paragraph("---"),
        )
    )

    assert text.endswith("\\- x\n\n\\+ y\n\n1\\. z\n\n\\## a\n\n\\---\n")


def test_figures_stay_readable_in_markdown():
    row = ("0.713 [0.680, 0.745]", "-0.077", "+0.4")

    assert "| 0.713 [0.680, 0.745] | -0.077 | +0.4 |" in markdown(page_of(Table(row, [row])))


def test_html_is_well_formed_and_shows_everything():
    reader = Reader(
        html(
            page_of(Paragraph("一段话"), Table(("系统",), [("bm25",)]), Picture("p", SVG, "一张图"))
        )
    )

    assert reader.open == []
    shown = " ".join(reader.texts)
    for words in ("评测 / Evaluation", "一节 / A section", "一段话", "系统", "bm25", "一张图"):
        assert words in shown
    assert "yilian eval rank" in shown
    assert ("alt", "一张图") in reader.attributes


def test_texts_cannot_break_out_of_html():
    reader = Reader(
        html(
            page_of(
                Paragraph(NASTY),
                Table((NASTY,), [(NASTY,)]),
                Picture("p", SVG, NASTY),
                title=NASTY,
            )
        )
    )

    assert "script" not in reader.tags
    assert reader.texts.count(NASTY) == 6
    assert ("alt", NASTY) in reader.attributes


def test_html_fetches_nothing_and_holds_its_pictures():
    text = html(page_of(Picture("p", SVG, "一张图")))

    (source,) = re.findall(r'src="([^"]*)"', text)
    assert base64.b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode() == SVG
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|<link|<script|url\(", text)


def test_a_report_is_written_whole(tmp_path):
    folder = tmp_path / "var" / "reports" / "rank"

    opened = write_report(page_of(Picture("curve", SVG, "图")), folder)

    assert opened == folder / "report.html"
    assert sorted(os.listdir(folder)) == ["curve.svg", "report.html", "report.md"]
    assert (folder / "curve.svg").read_text(encoding="utf-8") == SVG
    assert os.listdir(folder.parent) == ["rank"]


def test_a_report_replaces_an_older_one_with_its_pictures(tmp_path):
    folder = tmp_path / "rank"
    write_report(page_of(Picture("old", SVG, "旧")), folder)

    write_report(page_of(Picture("new", SVG, "新")), folder)

    assert sorted(os.listdir(folder)) == ["new.svg", "report.html", "report.md"]
    assert "新" in (folder / "report.md").read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["rank"]


def test_an_empty_folder_may_be_filled(tmp_path):
    write_report(page_of(), tmp_path / "rank")

    assert (tmp_path / "rank" / "report.md").is_file()


@pytest.mark.parametrize("held", [["thesis.docx"], ["report.html", "notes.txt"], ["logo.svg"]])
def test_a_folder_that_holds_other_things_is_left_alone(tmp_path, held):
    for name in held:
        (tmp_path / name).write_text("mine")

    with pytest.raises(OccupiedFolder) as caught:
        write_report(page_of(), tmp_path)

    assert caught.value.folder == tmp_path
    assert sorted(os.listdir(tmp_path)) == sorted(held)


def test_a_file_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "rank").write_text("mine")

    with pytest.raises(OccupiedFolder):
        write_report(page_of(), tmp_path / "rank")


def test_a_disk_that_fills_up_leaves_the_older_report(tmp_path, monkeypatch):
    folder = tmp_path / "rank"
    write_report(page_of(Paragraph("旧报告")), folder)
    write_text = Path.write_text

    def full(path, *args, **rest):
        if path.name == "report.html":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_text(path, *args, **rest)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ReportNotWritten, match="No space left") as caught:
        write_report(page_of(Paragraph("新报告")), folder)

    assert caught.value.folder == folder
    assert "旧报告" in (folder / "report.html").read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["rank"]


def test_a_move_that_fails_brings_the_older_report_back(tmp_path, monkeypatch):
    folder = tmp_path / "rank"
    write_report(page_of(Paragraph("旧报告")), folder)
    rename = Path.rename

    def refuse(path, target):
        if path.name == "fresh":
            raise OSError(errno.EACCES, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ReportNotWritten, match="Permission denied"):
        write_report(page_of(Paragraph("新报告")), folder)

    assert "旧报告" in (folder / "report.html").read_text(encoding="utf-8")
    assert os.listdir(tmp_path) == ["rank"]


def test_two_pictures_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="different names"):
        write_report(page_of(Picture("p", SVG, "a"), Picture("p", SVG, "b")), tmp_path / "rank")
