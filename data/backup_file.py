"""The file of a backup: a gzipped tar with a manifest and one database.

It is written aside, flushed to the disk and renamed, so there is never half a backup under
the name that was asked for; reading trusts nothing before its checksum agrees.
"""

import gzip
import hashlib
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from data.backup_errors import BackupDamaged, BackupTooNew, NoBackup
from data.migrate import HEAD
from data.whole_file import whole_file

FORMAT = 1

_MANIFEST, _DATABASE = "manifest.json", "database"
_LONGEST_MANIFEST = 1 << 16
_CHUNK = 1 << 20
_CUT_SHORT = (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        format: 1; larger numbers are of later programs.
        made_at: ISO 8601, UTC.
        dialect: ``sqlite`` or ``postgresql``.
        revision: Schema revision.
        database_id: Names the database, see ``data.versions``.
        data_version: Likewise.
        audit_head: Head of the audit chain; empty before there was one.
        size: Bytes of the database in it.
        sha256: Of the database in it, hexadecimal.
    """

    format: int
    made_at: str
    dialect: str
    revision: str
    database_id: str
    data_version: int
    audit_head: str
    size: int
    sha256: str


def write_backup(database: Path, manifest: Manifest, target: Path) -> None:
    """Packs a database; a file that is there under this name stays until the end.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    with whole_file(target) as unfinished:
        # it holds every confidential text and every password's hash
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive:
                words = json.dumps(asdict(manifest), indent=2).encode()
                _add(archive, _MANIFEST, BytesIO(words), len(words))
                with database.open("rb") as content:
                    _add(archive, _DATABASE, content, manifest.size)
            file.flush()
            os.fsync(file.fileno())
    _flush_folder(target.parent)


def read_backup(source: Path, target: Path) -> Manifest:
    """Unpacks the database of a backup into ``target``.

    Raises:
        NoBackup: the file is something else.
        BackupTooNew: it was made by a later program.
        BackupDamaged: it was cut short or altered.
        OSError: it cannot be read, or there is no space to unpack it.
    """
    manifest = None
    try:
        with tarfile.open(source, mode="r|gz") as archive:
            manifest = _manifest(archive, source)
            _unpack(archive, manifest, source, target)
    except _CUT_SHORT as error:
        if manifest is None:
            raise NoBackup(str(source)) from error
        raise _damaged(source) from error
    return manifest


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(archive: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, content)


def _manifest(archive: tarfile.TarFile, source: Path) -> Manifest:
    member = archive.next()
    if member is None or member.name != _MANIFEST or member.size > _LONGEST_MANIFEST:
        raise NoBackup(str(source))
    content = archive.extractfile(member)
    try:
        facts: Any = json.loads(content.read()) if content else None
        if facts["format"] > FORMAT:
            raise BackupTooNew(str(source), str(facts.get("revision", "?")))
        manifest = Manifest(**facts)
        newer = int(manifest.revision) > int(HEAD)
    except (ValueError, TypeError, KeyError) as error:
        raise NoBackup(str(source)) from error
    if newer:
        raise BackupTooNew(str(source), manifest.revision)
    return manifest


def _unpack(archive: tarfile.TarFile, manifest: Manifest, source: Path, target: Path) -> None:
    member = archive.next()
    content = archive.extractfile(member) if member is not None else None
    if member is None or member.name != _DATABASE or content is None:
        raise _damaged(source)
    with target.open("wb") as file:
        for chunk in _limited(content, manifest.size, source):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if target.stat().st_size != manifest.size or digest_of(target) != manifest.sha256:
        raise _damaged(source)


def _limited(content: IO[bytes], size: int, source: Path) -> Iterator[bytes]:
    """The content, as long as it is no longer than promised: gzip can hide terabytes."""
    read = 0
    while chunk := content.read(_CHUNK):
        read += len(chunk)
        if read > size:
            raise _damaged(source)
        yield chunk


def _damaged(source: Path) -> BackupDamaged:
    return BackupDamaged(str(source), "不完整或校验和不符", "cut short, or its checksum differs")


def _flush_folder(folder: Path) -> None:
    """A rename is on the disk once its folder is."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
