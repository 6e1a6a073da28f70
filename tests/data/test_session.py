"""The transaction boundary, and what people read when the database cannot be used."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from traceback import format_exception

import pytest
from sqlalchemy import Engine, make_url, text

from data.errors import (
    BadDatabaseUrl,
    CannotConnect,
    DatabaseBusy,
    DatabaseNotReady,
    DiskFull,
    NotADatabase,
    StoreError,
)
from data.migrate import check, upgrade
from data.repositories import NeedRepository
from data.session import display_name, make_engine, session_scope
from data.versions import data_version
from tests.data.builders import make_need


def test_sqlite_runs_with_a_log_and_checks_references(sqlite_engine: Engine):
    with sqlite_engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]

    assert settings == ["wal", 1, 30_000]


def test_readers_see_what_was_committed_while_a_writer_works(sqlite_engine: Engine):
    with session_scope(sqlite_engine) as writer:
        NeedRepository(writer).upsert_many([make_need("n1")])
        with session_scope(sqlite_engine, write=False) as reader:
            assert NeedRepository(reader).count() == 0

    with session_scope(sqlite_engine, write=False) as reader:
        assert NeedRepository(reader).count() == 1


def test_a_writer_that_waits_too_long_is_told_so(engine: Engine):
    impatient = make_engine(engine.url, lock_timeout_s=0.2)

    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n1")])
        with (
            pytest.raises(DatabaseBusy, match="正被另一个程序写入"),
            session_scope(impatient) as other,
        ):
            NeedRepository(other).upsert_many([make_need("n2")])
    impatient.dispose()


def test_writers_of_one_process_queue_and_are_told_when_it_takes_too_long(sqlite_url: str):
    engine = make_engine(sqlite_url, lock_timeout_s=1.0)
    upgrade(engine)

    def write(name: str) -> None:
        with session_scope(engine) as session:
            NeedRepository(session).upsert_many([make_need(name)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, [f"n{number}" for number in range(40)]))
        with session_scope(engine) as session:
            assert NeedRepository(session).count() == 40
            with pytest.raises(DatabaseBusy):
                pool.submit(write, "too-late").result()
        pool.submit(write, "in-time").result()

    with session_scope(engine, write=False) as session:
        assert data_version(session) == 41
    engine.dispose()


def test_a_full_disk_undoes_the_transaction_and_says_so(sqlite_engine: Engine):
    with session_scope(sqlite_engine) as session:
        NeedRepository(session).upsert_many([make_need("n1")])

    def fill_the_disk() -> None:
        with session_scope(sqlite_engine) as session:
            pages = session.execute(text("PRAGMA page_count")).scalar()
            session.execute(text(f"PRAGMA max_page_count = {pages}"))
            NeedRepository(session).upsert_many(
                make_need(f"m{i}", text="长" * 10_000) for i in range(100)
            )

    with pytest.raises(DiskFull, match="磁盘空间不足"):
        fill_the_disk()

    sqlite_engine.dispose()
    with session_scope(sqlite_engine, write=False) as session:
        assert NeedRepository(session).count() == 1


def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path):
    path = tmp_path / "notes.db"
    path.write_text("这不是数据库，" * 200, encoding="utf-8")

    with pytest.raises(NotADatabase, match=r"notes\.db"):
        check(make_engine(f"sqlite:///{path}"))


def test_a_damaged_database_is_named_as_such(sqlite_engine: Engine):
    with session_scope(sqlite_engine) as session:
        NeedRepository(session).upsert_many(make_need(f"n{i}", text="文" * 900) for i in range(200))
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    sqlite_engine.dispose()
    path = Path(str(sqlite_engine.url.database))
    content = bytearray(path.read_bytes())
    content[len(content) // 4 :] = b"\xee" * (len(content) - len(content) // 4)
    path.write_bytes(content)

    with pytest.raises(NotADatabase), session_scope(sqlite_engine, write=False) as session:
        NeedRepository(session).all()


def test_reading_before_the_tables_exist_says_what_to_run(empty_engine: Engine):
    with (
        pytest.raises(DatabaseNotReady, match="yilian load"),
        session_scope(empty_engine, write=False) as session,
    ):
        data_version(session)


_UNPRIVILEGED = """
import os, sys
from data.migrate import upgrade
from data.repositories import NeedRepository
from data.session import make_engine, session_scope
from tests.data.builders import make_need
url = sys.argv[1]
upgrade(make_engine("sqlite://"))  # imports what only root may be able to read
if os.geteuid() == 0:
    os.setuid(65534)
try:
    engine = make_engine(url)
    upgrade(engine)
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([make_need("n1")])
except Exception as error:
    print(type(error).__name__, error)
"""


def _run_unprivileged(url: str) -> str:
    """Stores a need as a user who may not do everything, as root may; what was raised."""
    done = subprocess.run(
        [sys.executable, "-c", _UNPRIVILEGED, url],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"},
        check=True,
        timeout=30,
    )
    return done.stdout


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that other users can reach."""
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        if folder.owner() == Path.home().owner() and folder != Path("/tmp"):
            folder.chmod(0o755)
    return tmp_path


def test_a_folder_that_cannot_be_written_is_named(open_folder: Path):
    closed = open_folder / "closed"
    closed.mkdir()
    closed.chmod(0o555)

    inside = _run_unprivileged(f"sqlite:///{closed / 'y.db'}")
    below = _run_unprivileged(f"sqlite:///{closed / 'new' / 'y.db'}")

    for said in (inside, below):
        assert said.startswith("NoWritePermission 没有写入权限")
        assert str(closed) in said


def test_a_database_file_that_cannot_be_written_is_named(open_folder: Path):
    path = open_folder / "y.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    path.chmod(0o444)
    open_folder.chmod(0o555)

    said = _run_unprivileged(f"sqlite:///{path}")

    assert said.startswith("NoWritePermission")


@pytest.mark.parametrize("url", ["", "mysql://x/y", "not a url", "sqlite", "postgres"])
def test_an_unusable_url_is_refused_with_the_forms_that_work(url: str):
    with pytest.raises(BadDatabaseUrl, match="sqlite:///"):
        make_engine(url)


def test_a_server_that_does_not_answer_is_named_without_its_password():
    engine = make_engine("postgresql://yilian:secret@127.0.0.1:1/yilian")

    with pytest.raises(CannotConnect) as caught:
        check(engine)

    assert "127.0.0.1" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "secret" not in display_name(engine.url)


@pytest.mark.postgres
def test_a_database_that_the_server_does_not_have_is_named(postgres_server: str):
    engine = make_engine(make_url(postgres_server).set(database="nowhere"))

    with pytest.raises(CannotConnect, match="nowhere"):
        check(engine)


def test_any_other_failure_keeps_its_reason(engine: Engine):
    with pytest.raises(StoreError, match="nonsense"), session_scope(engine) as session:
        session.execute(text("SELECT nonsense()"))


def test_a_failure_as_it_is_logged_tells_none_of_the_values(engine: Engine):
    twice = [{"name": "n1", "value": "a text that is confidential"}] * 2

    with pytest.raises(StoreError) as caught, session_scope(engine) as session:
        session.execute(text("INSERT INTO meta (key, value) VALUES (:name, :value)"), twice)

    whole = "".join(format_exception(caught.value))
    assert "INSERT INTO meta" in whole
    assert "confidential" not in whole
