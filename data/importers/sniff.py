"""What a file really is, whatever its name says."""

import zipfile
from pathlib import Path

from data.importers.problems import UnreadableFile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = {
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"SQLite format 3\0": "SQLite",
}
_SAVE_AS_XLSX = (
    "请在 Excel 或 WPS 中打开后另存为 .xlsx",
    "open it in Excel or WPS and save it as .xlsx",
)
# a workbook of 200 MB unpacks to about 2 GB; a bomb unpacks to far more
_MOST_UNPACKED = 4 << 30


def require_workbook(path: Path) -> None:
    """Accepts an ``.xlsx`` workbook by its content.

    Raises:
        UnreadableFile: it is something else; the message says what.
    """
    head = _head(path)
    if head.startswith(_OLE):
        raise _ole(path)
    if not head.startswith(b"PK"):
        raise _not_a_workbook(_what(head))
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableFile(
            "文件不完整或已损坏，请重新下载，或在 Excel 中打开后另存",
            "the file is cut short or damaged; fetch it again, or save it anew in Excel",
        ) from error
    if "xl/workbook.xml" not in names:
        raise _not_a_workbook(_what_zip(names))
    if unpacked > _MOST_UNPACKED:
        raise UnreadableFile(
            "解压后过大（超过 4 GB），请拆分后再导入",
            "larger than 4 GB when unpacked; split it before loading",
        )


def require_text(path: Path) -> None:
    """Accepts anything that may be a text file.

    Raises:
        UnreadableFile: it is a workbook or another kind of file under a text's name.
    """
    head = _head(path)
    if head.startswith(_OLE):
        raise _ole(path)
    if head.startswith(b"PK\3\4") and zipfile.is_zipfile(path):
        raise UnreadableFile(
            "内容是 Excel 工作簿或压缩包，不是文本；若是工作簿请把扩展名改为 .xlsx",
            "this is an Excel workbook or a zip archive, not text;"
            " if it is a workbook, rename it to .xlsx",
        )
    what = next((name for mark, name in _OTHERS.items() if head.startswith(mark)), None)
    if what is not None:
        raise UnreadableFile(
            f"内容是 {what} 文件，不是文本；请导出为 .csv、.jsonl 或 .xlsx",
            f"this is a {what} file, not text; export it as .csv, .jsonl or .xlsx",
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise UnreadableFile("文件是空的", "the file is empty")
    return head


def _ole(path: Path) -> UnreadableFile:
    if _ENCRYPTED in path.read_bytes():
        return UnreadableFile(
            "工作簿设有打开密码，请取消密码后另存为 .xlsx",
            "the workbook is protected by a password; remove it and save as .xlsx",
        )
    zh, en = _SAVE_AS_XLSX
    return UnreadableFile(f"这是旧版 .xls 文件，{zh}", f"this is an old .xls file; {en}")


def _not_a_workbook(what: str) -> UnreadableFile:
    zh, en = _SAVE_AS_XLSX
    return UnreadableFile(
        f"这不是 .xlsx 工作簿（{what}），{zh}", f"no .xlsx workbook ({what}); {en}"
    )


def _what(head: bytes) -> str:
    named = next((name for mark, name in _OTHERS.items() if head.startswith(mark)), None)
    return named or ("文本 text" if b"\0" not in head else "二进制 binary")


def _what_zip(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("word/") for name in names):
        return "Word"
    return "OpenDocument" if "content.xml" in names else "zip"
