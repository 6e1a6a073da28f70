"""Which encoding a text file is in: UTF-8, GB18030 or UTF-16, told from its bytes."""

import codecs
import re
from pathlib import Path

from data.importers.problems import UnreadableFile

_BLOCK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ERRORS = {
    "utf-8": "surrogateescape",
    "utf-8-sig": "surrogateescape",
    "gb18030": "surrogateescape",
    "utf-16": "strict",
    "utf-16-le": "strict",
    "utf-16-be": "strict",
}
"""How to open a file of each codec; UTF-16 cannot carry damaged bytes along."""

# what "surrogateescape" makes of a byte that does not fit
_DAMAGED = re.compile("[\udc80-\udcff]")
# of the characters beyond ASCII, so many may be damaged before the guess is wrong
_MOST_DAMAGED = 0.05
# strays that say nothing about the encoding, in a file of many more characters
_FEW_DAMAGED = 3


def encoding_of(path: Path) -> str:
    """The codec that reads the file, to be used with its entry in ``ERRORS``.

    A file with a few damaged bytes still gets its codec; the readers report the rows
    in which the damage shows as lone surrogates.

    Raises:
        UnreadableFile: no encoding fits, or the file is no text.
    """
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return _readable(path, codec) if codec == "utf-16" else codec
    if _looks_like_utf16(head[:4096]):
        return _readable(path, _utf16_without_mark(head))
    damage = {}
    for codec in ("utf-8", "gb18030"):
        damage[codec] = _damage(path, codec)
        if not damage[codec]:
            return codec
    best = min(damage, key=lambda codec: damage[codec])
    if damage[best] > _MOST_DAMAGED:
        raise _unknown()
    return best


def _readable(path: Path, codec: str) -> str:
    try:
        with path.open(encoding=codec) as file:
            while file.read(_BLOCK):
                pass
    except UnicodeDecodeError as error:
        raise _unknown() from error
    return codec


def is_damaged(text: str) -> bool:
    """Whether bytes that do not belong to the encoding were met in this text."""
    return _DAMAGED.search(text) is not None


def _damage(path: Path, codec: str) -> float:
    """Share of undecodable bytes among all characters beyond ASCII; 0 for a clean file.

    A few in a file of hardly anything but ASCII are taken as a share of all characters.
    """
    decoder = codecs.getincrementaldecoder(codec)(errors="surrogateescape")
    characters = beyond_ascii = damaged = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            text = decoder.decode(block)
            characters += len(text)
            beyond_ascii += len(text) - len(text.encode("ascii", "ignore"))
            damaged += len(_DAMAGED.findall(text))
            if damaged > max(_MOST_DAMAGED * beyond_ascii, _FEW_DAMAGED):
                # the first megabyte settles it; a stray byte lies far below this
                break
        # a character cut off by the end of the file
        damaged += len(decoder.getstate()[0])
    among = characters if damaged <= _FEW_DAMAGED else beyond_ascii
    return damaged / max(among, 1)


def _looks_like_utf16(sample: bytes) -> bool:
    """Whether the NULs in the bytes are halves of characters rather than strays."""
    if b"\0" not in sample:
        return False
    if sample.count(b"\0") > len(sample) // 5:
        return True
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return True
    return False


def _utf16_without_mark(head: bytes) -> str:
    sample = head[: 4096 // 2 * 2]
    for codec in ("utf-16-le", "utf-16-be"):
        text = sample.decode(codec, "replace")
        # read the wrong way round, a line end becomes a letter
        if "\0" not in text and "\n" in text:
            return codec
    raise UnreadableFile(
        "这不是文本文件，请用 .xlsx、.csv 或 .jsonl",
        "this is no text file; use .xlsx, .csv or .jsonl",
    )


def _unknown() -> UnreadableFile:
    return UnreadableFile(
        "无法识别文字编码，请另存为 UTF-8 编码的 CSV",
        "unknown text encoding; save the file as CSV UTF-8",
    )
