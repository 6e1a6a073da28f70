"""Backing up and restoring a database that is in use."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text

from data import backup_postgres, backup_sqlite
from data.access.trail import Trail
from data.backup_errors import BackupDamaged, NothingToBackUp, OtherDatabase
from data.backup_file import FORMAT, Manifest, digest_of, read_backup, write_backup
from data.migrate import Readiness, check, upgrade
from data.policy.actor import SYSTEM
from data.policy.operation import Operation
from data.session import display_name, guarded, make_engine, session_scope, sqlite_path
from data.versions import lock_version, set_version

_FACTS = {"audit_head": "", "data_version": "0", "database_id": ""}


@dataclass(frozen=True, slots=True)
class Restored:
    """What restoring did.

    Attributes:
        manifest: Of the backup.
        kept: Where the content from before is: a file, or a schema of the PostgreSQL
            database; empty where there was none.
    """

    manifest: Manifest
    kept: str


def back_up(engine: Engine, target: Path) -> Manifest:
    """Writes the database as it is at one moment; others go on reading and writing.

    Args:
        engine: The database.
        target: The file; its folder is made, one that is there is replaced at the end.

    Raises:
        NothingToBackUp: there is no database, or it lives in memory only.
        ToolMissing: PostgreSQL's ``pg_dump`` is not installed.
        ToolFailed: ``pg_dump`` ended with an error.
        StoreError: the database cannot be read.
        CannotWriteFile: the backup cannot be written; nothing is left of it.
    """
    if check(engine).readiness is Readiness.EMPTY:
        raise NothingToBackUp(display_name(engine.url))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _beside(target.parent) as folder:
        copy = Path(folder) / "database"
        made_at = datetime.now(UTC)
        facts = _copy_sqlite(engine, copy) if _is_sqlite(engine) else _dump(engine, copy)
        manifest = Manifest(
            format=FORMAT,
            made_at=made_at.isoformat(timespec="seconds"),
            dialect=engine.dialect.name,
            revision=facts["revision"],
            database_id=facts["database_id"],
            data_version=int(facts["data_version"]),
            audit_head=facts["audit_head"],
            size=copy.stat().st_size,
            sha256=digest_of(copy),
        )
        write_backup(copy, manifest, target)
    return manifest


def restore(engine: Engine, source: Path) -> Restored:
    """Puts a backup in the place of the database, whole or not at all, also while it is used.

    An older schema is migrated. The data version moves beyond both that of the backup and
    that of the content replaced, so every index and cache sees that the data changed. The
    audit that the backup holds gets an entry that names the head of the chain replaced.

    Args:
        engine: The database.
        source: A file from ``back_up``.

    Raises:
        NoBackup: the file is something else.
        BackupDamaged: it was cut short or altered.
        BackupTooNew: it was made by a later program.
        OtherDatabase: it is of the other kind of database.
        ToolMissing: PostgreSQL's ``psql`` is not installed.
        ToolFailed: ``psql`` ended with an error.
        StoreError: the database cannot be written.
    """
    path = sqlite_path(engine.url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    with _beside(path.parent if path else None) as folder:
        staged = Path(folder) / "database"
        manifest = read_backup(source, staged)
        if manifest.dialect != engine.dialect.name:
            raise OtherDatabase(str(source), manifest.dialect, engine.dialect.name)
        if path is None:
            kept = _restore_postgres(engine, staged, manifest)
        else:
            kept = _restore_sqlite(path, staged, manifest, source)
    return Restored(manifest, kept)


def _copy_sqlite(engine: Engine, copy: Path) -> dict[str, str]:
    path = sqlite_path(engine.url)
    if path is None:
        raise NothingToBackUp(display_name(engine.url))
    backup_sqlite.snapshot(path, copy)
    # read from the copy: the original may have gone on
    return _facts_of(copy)


def _dump(engine: Engine, copy: Path) -> dict[str, str]:
    reading = engine.execution_options(isolation_level="REPEATABLE READ")
    with guarded(engine), reading.connect() as connection:
        backup_postgres.dump(connection, copy)
        return _facts(connection)


def _restore_sqlite(path: Path, staged: Path, manifest: Manifest, source: Path) -> str:
    fault = backup_sqlite.fault_of(staged)
    if fault is not None:
        raise BackupDamaged(str(source), fault, fault)
    engine = make_engine(URL.create("sqlite", database=str(staged)))
    upgrade(engine)
    # an idle connection would still hold the file in its journal mode
    engine.dispose()
    kept = path.with_name(f"{path.stem}.before-restore-{_stamp()}{path.suffix}")

    def prepare(old: Path | None) -> None:
        _move_on(engine, manifest, _facts_of(old) if old else dict(_FACTS), str(kept))

    try:
        backup_sqlite.replace_file(path, staged, kept, prepare=prepare)
    finally:
        engine.dispose()
    return str(kept) if kept.exists() else ""


def _restore_postgres(engine: Engine, staged: Path, manifest: Manifest) -> str:
    kept = f"before_restore_{_stamp().replace('-', '_')}"
    with guarded(engine), engine.connect() as connection:
        schema, old = backup_postgres.schema_of(connection), _facts(connection)
    backup_postgres.replace_schema(
        engine.url, staged, schema=schema, kept=kept, had_content=bool(old["database_id"])
    )
    upgrade(engine)
    _move_on(engine, manifest, old, kept)
    return kept


def _move_on(engine: Engine, manifest: Manifest, old: dict[str, str], kept: str) -> None:
    with session_scope(engine) as session:
        set_version(session, max(lock_version(session), int(old["data_version"]) + 1))
        trail = Trail(SYSTEM)
        trail.note(
            Operation.STORE_RESTORE,
            "store",
            "",
            made_at=manifest.made_at,
            replaced_head=old["audit_head"],
            kept=Path(kept).name,
        )
        trail.write(session)


def _facts_of(database: Path) -> dict[str, str]:
    engine = make_engine(URL.create("sqlite", database=str(database)))
    with guarded(engine), engine.connect() as connection:
        facts = _facts(connection)
    engine.dispose()
    return facts


def _facts(connection: Connection) -> dict[str, str]:
    """What the meta table says, and the schema revision; defaults where there is neither."""
    tables = set(inspect(connection).get_table_names())
    facts = dict(_FACTS) | {"revision": "0"}
    if "meta" in tables:
        found = connection.execute(text("SELECT key, value FROM meta"))
        facts |= {key: value for key, value in found if key in _FACTS}
    if "alembic_version" in tables:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        facts["revision"] = str(version or "0")
    return facts


def _beside(folder: Path | None) -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix=".yilian-", dir=folder)


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
