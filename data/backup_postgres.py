"""PostgreSQL's own programs for a dump, and for the way back in one transaction."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, Connection, text

from data.backup_errors import ToolFailed, ToolMissing
from data.session import LOCK_TIMEOUT_S

# LOCK comes first: who is writing finishes, and goes on in the new tables
_PROLOGUE = """
SET lock_timeout = '{lock_s}s';
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = '{schema}' ORDER BY 1
  LOOP EXECUTE format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', '{schema}', t); END LOOP;
END $$;
ALTER SCHEMA "{schema}" RENAME TO "{kept}";
"""
# an index that saw the old content may know any version up to its last
_NEXT_VERSION = """
UPDATE "{schema}".meta SET value = (1 + greatest(value::bigint, coalesce(
  (SELECT value::bigint FROM "{kept}".meta WHERE key = 'data_version'), 0)))::text
  WHERE key = 'data_version';
INSERT INTO "{schema}".meta SELECT 'token:' || value, replace(gen_random_uuid()::text, '-', '')
  FROM "{schema}".meta WHERE key = 'data_version';
"""


def dump(connection: Connection, target: Path) -> None:
    """Writes the schema in use as SQL, as this transaction sees it.

    Args:
        connection: In a REPEATABLE READ transaction, which lends ``pg_dump`` its snapshot.
        target: The file to write.

    Raises:
        ToolMissing: there is no ``pg_dump``.
        ToolFailed: it ended with an error.
    """
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    arguments = (
        "--format=plain",
        "--no-owner",
        "--no-privileges",
        f"--schema={schema_of(connection)}",
        f"--snapshot={snapshot}",
        f"--file={target}",
    )
    _run("pg_dump", connection.engine.url, arguments)


def replace_schema(url: URL, script: Path, *, schema: str, kept: str, had_content: bool) -> None:
    """Runs a dump in one transaction; the old tables stay in a schema of their own.

    Args:
        url: The database.
        script: From ``dump``.
        schema: The schema in use.
        kept: Name that the old schema takes.
        had_content: Whether there is old content whose version counts.

    Raises:
        ToolMissing: there is no ``psql``.
        ToolFailed: it ended with an error; nothing was changed.
    """
    names = {"schema": schema, "kept": kept, "lock_s": int(LOCK_TIMEOUT_S)}
    arguments = [
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--output=/dev/null",
        f"--command={_PROLOGUE.format(**names)}",
        f"--file={script}",
    ]
    if had_content:
        arguments.append(f"--command={_NEXT_VERSION.format(**names)}")
    _run("psql", url, arguments)


def schema_of(connection: Connection) -> str:
    """The schema in which tables without a prefix are."""
    return str(connection.execute(text("SELECT current_schema()")).scalar_one())


def _run(tool: str, url: URL, arguments: Sequence[str]) -> None:
    found = shutil.which(tool)
    if found is None:
        raise ToolMissing(tool)
    # anybody on the machine can read a command line, so the password goes another way
    plain = url.set(drivername="postgresql", password=None)
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    command = [found, f"--dbname={plain.render_as_string(hide_password=False)}", "--no-password"]
    done = subprocess.run(
        [*command, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        # what follows the error quotes the line at fault
        raise ToolFailed(tool, next((line for line in said if "error" in line.lower()), said[-1]))
