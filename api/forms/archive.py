"""Refuses archives that would unpack to far more than they are, before anything is unpacked.

Excel and Word files are zip archives of XML. The sizes that an archive declares are the
ones that ``zipfile`` unpacks at most, so looking at its directory is enough.
"""

import zipfile
from io import BytesIO

from data.importers.problems import UnreadableFile

MOST_ENTRIES = 2_000
MOST_XML = 96 << 20
"""Bytes of XML: about two million filled cells."""

MOST_BYTES = 192 << 20
MOST_RATIO = 150
"""How much smaller packing makes a real workbook at most; bombs reach a thousand and more."""

_SMALL = 8 << 20  # below this the ratio does not matter
_HEAD = 4096
# a document type is where entities are defined; the format has none
_DOCTYPE = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))


def require_sound_archive(content: bytes) -> None:
    """Accepts a zip archive of reasonable size whose XML defines no entities.

    What is no zip archive at all is left to whoever reads the file.

    Raises:
        UnreadableFile: it is a bomb, or cut short.
    """
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, len(content))
            if any(_has_doctype(archive, entry) for entry in entries if _is_xml(entry)):
                raise UnreadableFile(
                    "文件的 XML 含有 DOCTYPE，不予读取；请在 Office 或 WPS 中另存一份",
                    "the file's XML holds a DOCTYPE and is not read; save it anew in Office or WPS",
                )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableFile(
            "文件不完整、已损坏或已加密，请重新保存后上传",
            "the file is cut short, damaged or encrypted; save it anew and upload it again",
        ) from error


def _check_sizes(entries: list[zipfile.ZipInfo], packed: int) -> None:
    total = sum(entry.file_size for entry in entries)
    xml = sum(entry.file_size for entry in entries if _is_xml(entry))
    bomb = total > _SMALL and total > MOST_RATIO * packed
    if len(entries) > MOST_ENTRIES or total > MOST_BYTES or xml > MOST_XML or bomb:
        raise UnreadableFile(
            f"解压后过大（{total >> 20} MB，{len(entries)} 个部分），请拆分或清理后再上传",
            f"too large when unpacked ({total >> 20} MB in {len(entries)} parts);"
            " split or tidy the file, then upload it again",
        )


def _has_doctype(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    with archive.open(entry) as file:
        head = file.read(_HEAD)
    return any(mark in head for mark in _DOCTYPE)


def _is_xml(entry: zipfile.ZipInfo) -> bool:
    return entry.filename.casefold().endswith((".xml", ".rels", ".vml"))
