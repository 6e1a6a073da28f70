"""``yilian audit``, ``backup``, ``restore`` and ``migrate``."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.operations.audit_export import COLUMNS, Format, write_entries
from api.operations.backup import make_backup
from api.settings import sqlite_url
from data.audit import BadHead, Entry, Head
from data.audit_check import verify
from data.backup_errors import NoBackup
from data.errors import UnknownRevision
from data.migrate import HEAD, check, upgrade
from data.session import make_engine, session_scope
from tests.data.test_audit import record, tamper
from tests.data.test_backup import store, stored


@pytest.fixture
def engine(home: Path) -> Iterator[Engine]:
    """The database of the test's home, ready."""
    engine = make_engine(sqlite_url(home))
    upgrade(engine)
    yield engine
    engine.dispose()


def run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def test_verify_prints_the_head_to_note_down(engine: Engine):
    record(engine, 2)

    told = run("audit", "verify")

    assert told.exit_code == 0
    assert str(verify(engine).head) in told.stdout


def test_verify_names_the_first_broken_entry_and_fails(engine: Engine):
    record(engine, 3)
    tamper(engine, "UPDATE audit_entries SET actor = 'x' WHERE seq = 2")

    told, as_json = run("audit", "verify"), run("audit", "verify", "--json")

    assert told.exit_code == as_json.exit_code == 1
    assert "broken at entry 2" in told.stdout
    assert json.loads(as_json.stdout)["broken"]["seq"] == 2


def test_verify_compares_with_a_noted_head(engine: Engine):
    record(engine, 2)
    noted = verify(engine).head

    assert run("audit", "verify", "--head", str(noted)).exit_code == 0
    assert run("audit", "verify", "--head", str(Head(9, noted.digest))).exit_code == 1
    assert isinstance(run("audit", "verify", "--head", "9").exception, BadHead)


def test_an_export_holds_every_entry_and_its_digest(engine: Engine, tmp_path: Path):
    record(engine, 3)

    shown = run("audit", "export")
    run("audit", "export", str(tmp_path / "a.jsonl"))

    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert lines[2]["digest"] == verify(engine).head.digest
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == shown.stdout


def test_an_export_keeps_to_its_span(engine: Engine):
    record(engine, 1)

    assert run("audit", "export", "--until", "2001-01-01").stdout == ""
    assert run("audit", "export", "--since", "2001-01-01").stdout.count("\n") == 1


def test_a_table_for_spreadsheets_starts_no_formula(tmp_path: Path):
    dangers = ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\r=1"]
    entries = [
        Entry(
            at=datetime(2026, 3, 4, tzinfo=UTC), actor=danger, role="broker", organization=None,
            operation="need.read", kind="need", item='a"b,c', address="", request="",
            facts={"view": "full"}, seq=1, previous="0", digest="1",
        )
        for danger in dangers
    ]  # fmt: skip
    target = io.StringIO(newline="")

    count = write_entries(entries, target, form=Format.CSV)

    header, *rows = csv.reader(io.StringIO(target.getvalue(), newline=""))
    assert count == len(dangers)
    assert tuple(header) == COLUMNS
    assert [row[2] for row in rows] == [f"'{danger}" for danger in dangers]
    assert {row[7] for row in rows} == {'a"b,c'}


def test_a_table_is_known_as_utf_8_by_its_mark(engine: Engine, tmp_path: Path):
    record(engine, 1, item="需求{}")

    run("audit", "export", str(tmp_path / "a.csv"), "--format", "csv")

    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfseq,at,")
    assert "需求0".encode() in content


def test_a_backup_goes_into_the_home_and_comes_back(engine: Engine, home: Path):
    store(engine, "n1")

    made = run("backup")
    store(engine, "n2")
    done = run("restore", made.stdout.strip().replace("\n", ""), "--yes")

    assert (made.exit_code, done.exit_code) == (0, 0)
    assert [f.suffix for f in (home / "backups").iterdir()] == [".gz"]
    assert stored(engine) == ["n1"]


def test_restoring_asks_first(engine: Engine, home: Path, tmp_path: Path):
    backup = tmp_path / "b.tar.gz"
    run("backup", str(backup))
    store(engine, "n1")

    declined = run("restore", str(backup), answer="n\n")

    assert declined.exit_code == 1
    assert stored(engine) == ["n1"]
    assert run("restore", str(backup), answer="y\n").exit_code == 0
    assert stored(engine) == []


def test_restoring_what_is_no_backup_says_so(engine: Engine, tmp_path: Path):
    (tmp_path / "x").write_text("x")

    assert isinstance(run("restore", str(tmp_path / "x"), "--yes").exception, NoBackup)


def test_a_job_tells_of_its_backup_without_the_folders(engine: Engine, home: Path):
    store(engine, "n1")

    told: dict[str, Any] = dict(make_backup(engine, home))

    assert (home / "backups" / str(told["file"])).stat().st_size == told["bytes"]
    assert str(home) not in json.dumps(told)


def test_the_schema_goes_back_after_a_question_and_forwards_without(engine: Engine):
    store(engine, "n1")

    declined = run("migrate", "--to", "0004", answer="n\n")
    kept = check(engine).revision
    back = run("migrate", "--to", "0004", answer="y\n")
    between = check(engine).revision
    forwards = run("migrate")

    assert (declined.exit_code, back.exit_code, forwards.exit_code) == (1, 0, 0)
    assert (kept, between, check(engine).revision) == (HEAD, "0004", HEAD)
    assert stored(engine) == ["n1"]


def test_a_new_database_is_made_by_migrating(home: Path):
    assert run("migrate").exit_code == 0

    engine = make_engine(sqlite_url(home))
    with session_scope(engine, write=False):
        assert check(engine).revision == HEAD
    engine.dispose()


@pytest.mark.parametrize("revision", ["99", "head", "base", "-1", "0004:0006"])
def test_a_revision_that_is_none_is_refused(engine: Engine, revision: str):
    told = run("migrate", "--to", revision, "--yes")

    assert isinstance(told.exception, UnknownRevision)
    assert check(engine).revision == HEAD
