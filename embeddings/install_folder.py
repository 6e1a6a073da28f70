"""Puts a finished folder in place at once, or not at all."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ABANDONED_AFTER_S = 3600


@contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A new empty folder on the target's disk, gone again when the block ends.

    What a killed process left there over an hour ago is swept away first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}.new-"
    for left in target.parent.glob(f"{prefix}*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
            shutil.rmtree(left, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def install(new: Path, target: Path) -> None:
    """Rename a folder to the target, in place of any folder there.

    Everything is flushed to disk before. A reader finds the old folder or the new one;
    between them lies one rename. Of two processes that install at once, the later wins.

    Args:
        new: A folder on the same disk, inside one from ``folder_beside``.
        target: Where it is wanted.
    """
    _flush(new)
    retired = new.parent / "retired"
    try:
        while True:
            try:
                new.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
                _move_away(target, retired)
            else:
                break
    except BaseException:
        # interrupted or refused between the two renames: the old folder goes back
        if retired.is_dir() and not target.exists():
            retired.rename(target)
        raise
    _flush_folder(target.parent)


def _move_away(target: Path, retired: Path) -> None:
    shutil.rmtree(retired, ignore_errors=True)
    try:
        target.rename(retired)
    except FileNotFoundError:
        return  # another process moved it first


def _flush(folder: Path) -> None:
    for root, _folders, files in os.walk(folder):
        for name in files:
            path = Path(root, name)
            path.chmod(0o644)
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        _flush_folder(Path(root))


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder for flushing
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
