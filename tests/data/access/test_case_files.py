"""Files of cases."""

import io
import zipfile

import pytest
from sqlalchemy import Engine

from data.access import case_files
from data.access.case_errors import CaseEnded, FileTooLarge, TooManyFiles, UnsupportedFile
from data.access.media_types import media_type, safe_name
from data.policy.actor import Actor
from data.policy.errors import Forbidden, Unseen
from data.policy.stages import Stage
from matcher.decision import ReasonCode
from tests.data.access.case_city import (
    BROKER,
    ENTERPRISE,
    OFFICE,
    RIVAL,
    SECOND_BROKER,
    UNIVERSITY,
    desk_of,
    store_city,
)

PDF = b"%PDF-1.7 \xe2\xe3"


def package(*names: str) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stored.getvalue()


@pytest.fixture
def city(sqlite_engine: Engine) -> Engine:
    store_city(sqlite_engine)
    return sqlite_engine


@pytest.fixture
def case_id(city: Engine) -> str:
    return take_up(city)


def take_up(engine: Engine) -> str:
    with desk_of(engine, BROKER) as desk:
        return desk.cases.take_up("n1", "a1").id


def test_a_file_comes_back_as_it_was_filed(engine: Engine):
    store_city(engine)
    case_id = take_up(engine)
    with desk_of(engine, BROKER) as desk:
        filed = desk.case_files.file(case_id, "合同（草案）.pdf", PDF)

    with desk_of(engine, OFFICE) as desk:
        assert desk.case_files.files(case_id) == [filed]
        assert desk.case_files.content(case_id, filed.id) == (filed, PDF)
        event = desk.cases.events(case_id, limit=1).items[0]
    assert (filed.name, filed.media_type, filed.size) == (
        "合同（草案）.pdf",
        "application/pdf",
        len(PDF),
    )
    assert (event.kind, event.text, event.facts["file"]) == ("file", filed.name, filed.id)


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (ENTERPRISE, Forbidden),
        (UNIVERSITY, Forbidden),
        (RIVAL, Unseen),
        (SECOND_BROKER, Unseen),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_files_are_for_those_who_see_the_case_in_full(
    city: Engine, case_id: str, actor: Actor, refusal: type[Exception]
):
    with desk_of(city, BROKER) as desk:
        filed = desk.case_files.file(case_id, "a.pdf", PDF)

    for attempt in (
        lambda files: files.files(case_id),
        lambda files: files.content(case_id, filed.id),
        lambda files: files.file(case_id, "b.pdf", PDF),
    ):
        with pytest.raises(refusal), desk_of(city, actor) as desk:
            attempt(desk.case_files)


def test_a_file_is_found_under_its_own_case_only(city: Engine, case_id: str):
    with desk_of(city, BROKER) as desk:
        other = desk.cases.take_up("n1", "a2").id
        filed = desk.case_files.file(case_id, "a.pdf", PDF)

    with pytest.raises(Unseen), desk_of(city, BROKER) as desk:
        desk.case_files.content(other, filed.id)


def test_files_are_bounded_in_size_and_number(
    city: Engine, case_id: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(case_files, "MAX_BYTES", len(PDF))
    monkeypatch.setattr(case_files, "MAX_FILES", 1)

    with pytest.raises(FileTooLarge), desk_of(city, BROKER) as desk:
        desk.case_files.file(case_id, "a.pdf", PDF + b"x")
    with desk_of(city, BROKER) as desk:
        desk.case_files.file(case_id, "a.pdf", PDF)
    with pytest.raises(TooManyFiles), desk_of(city, BROKER) as desk:
        desk.case_files.file(case_id, "b.pdf", PDF)


def test_nothing_is_filed_with_an_ended_case(city: Engine, case_id: str):
    with desk_of(city, BROKER) as desk:
        desk.cases.go_to(case_id, Stage.DROPPED, reason=ReasonCode.OTHER)

    with pytest.raises(CaseEnded), desk_of(city, BROKER) as desk:
        desk.case_files.file(case_id, "a.pdf", PDF)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("A.PDF", PDF),
        ("a.png", b"\x89PNG\r\n\x1a\n..."),
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.jpeg", b"\xff\xd8\xff\xe1"),
        ("a.docx", package("[Content_Types].xml", "word/document.xml")),
        ("a.xlsx", package("[Content_Types].xml", "xl/workbook.xml")),
        ("a.pptx", package("[Content_Types].xml", "ppt/presentation.xml")),
        ("a.txt", "会议记录".encode()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_what_its_name_says_can_be_filed(name: str, content: bytes):
    assert "/" in media_type(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<script>"),
        ("a.svg", b"<svg/>"),
        ("a.exe", b"MZ"),
        ("a", PDF),
        ("a.pdf.html", PDF),
        ("a.pdf", b"<html>%PDF-"),
        ("a.png", b"<svg/>"),
        ("a.docx", package("[Content_Types].xml", "xl/workbook.xml")),
        ("a.docx", package("word/document.xml")),
        ("a.docx", package("[Content_Types].xml", "word/d.xml", "word/vbaProject.bin")),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.txt", b"MZ\x00\x01"),
        ("a.txt", b"\xff\xfe"),
        ("a.pdf", b""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_unknown_or_pretends_is_refused(name: str, content: bytes):
    with pytest.raises(UnsupportedFile):
        media_type(name, content)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/a.pdf", "a.pdf"),
        ("C:\\x\\合同.pdf", "合同.pdf"),
        ('a"\r\nSet-Cookie: x.pdf', "aSet-Cookie x.pdf"),
        ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
        (" .a.pdf. ", "a.pdf"),
    ],
)
def test_a_name_loses_its_folders_and_whatever_could_mislead(sent: str, kept: str):
    assert safe_name(sent) == kept


@pytest.mark.parametrize("name", ["", "..", "/", "\0", "a" * 201])
def test_a_name_of_which_nothing_is_left_is_refused(name: str):
    with pytest.raises(UnsupportedFile):
        safe_name(name)
