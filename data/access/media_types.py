"""Which files may be filed: the name says what it is, and the content has to agree."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePath

from data.access.case_errors import UnsupportedFile

_OFFICE = "application/vnd.openxmlformats-officedocument."
_LONGEST_NAME = 200


def safe_name(name: str) -> str:
    """The name without folders and characters that no file name should have.

    Raises:
        UnsupportedFile: nothing is left of it, or it is too long.
    """
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    if not clean or len(clean) > _LONGEST_NAME:
        raise UnsupportedFile(clean[:40] or "?", KNOWN)
    return clean


def media_type(name: str, content: bytes) -> str:
    """The media type of a file whose content is what its name says.

    Raises:
        UnsupportedFile: the kind is not on the list, or the content is something else.
    """
    found = _TYPES.get(PurePath(name).suffix.lower())
    if found is None or not found[1](content):
        raise UnsupportedFile(name, KNOWN)
    return found[0]


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _package(folder: str) -> Callable[[bytes], bool]:
    """An Office document without macros; only its table of contents is read."""

    def holds(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        inside = any(name.startswith(f"{folder}/") for name in names)
        macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return "[Content_Types].xml" in names and inside and not macros

    return holds


def _text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


_TYPES: Mapping[str, tuple[str, Callable[[bytes], bool]]] = {
    ".pdf": ("application/pdf", _begins(b"%PDF-")),
    ".png": ("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".jpeg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".docx": (f"{_OFFICE}wordprocessingml.document", _package("word")),
    ".xlsx": (f"{_OFFICE}spreadsheetml.sheet", _package("xl")),
    ".pptx": (f"{_OFFICE}presentationml.presentation", _package("ppt")),
    ".txt": ("text/plain", _text),
}

KNOWN = " ".join(sorted(_TYPES))
"""Endings of the files that may be filed."""

MEDIA_TYPES = tuple(sorted({kind for kind, _ in _TYPES.values()}))
"""What they are."""
