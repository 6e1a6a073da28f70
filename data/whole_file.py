"""Files for people: written whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import CannotWriteFile


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place beside a file to write to; it becomes the file when the block ends well.

    Until then a file that is there stays, and after an error nothing is left over.

    Args:
        path: The file; one that is there is replaced.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield unfinished
        os.replace(unfinished, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotWriteFile(str(path), f"{reason}，请检查文件夹和权限", reason) from error
    finally:
        unfinished.unlink(missing_ok=True)
