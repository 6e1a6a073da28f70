"""Backups under the home's own folder, for the command line and for background jobs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from data.backup import back_up


def backup_file(home: Path) -> Path:
    """Where a backup made now goes unless somebody says otherwise."""
    return home / "backups" / f"yilian-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"


def make_backup(engine: Engine, home: Path) -> Mapping[str, str | int]:
    """Makes one while the service runs, and tells of it as JSON values.

    Raises:
        BackupError: there is nothing to back up, or a tool is missing or failed.
        StoreError: the database cannot be read.
        CannotWriteFile: the backup cannot be written.
    """
    target = backup_file(home)
    manifest = back_up(engine, target)
    return {
        "file": target.name,
        "bytes": target.stat().st_size,
        "data_version": manifest.data_version,
        "audit_head": manifest.audit_head,
    }
