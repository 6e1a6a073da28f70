"""Taking out of a cell what no text holds, before anything is read from it."""

import re

from data.importers.encoding import is_damaged

# tab and line feed stay; lone surrogates and noncharacters fit in no database
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
# how workbooks write a carriage return that XML would lose
_EXCEL_RETURN = re.compile(r"_x000[Dd]_")
_LINE_END = re.compile(r"\r\n?")


def cleaned(value: object) -> tuple[object, bool]:
    """The value with line feeds as its only line ends and no control characters.

    Returns:
        The clean value, and whether control characters were taken out. Lists are cleaned
        item by item; what is neither text nor list passes as it is.
    """
    if isinstance(value, str):
        text = _LINE_END.sub("\n", _EXCEL_RETURN.sub("\r", value))
        clean = _CONTROL.sub("", text)
        return clean, clean != text
    if isinstance(value, (list, tuple)):
        parts = [cleaned(part) for part in value]
        return [part for part, _ in parts], any(stripped for _, stripped in parts)
    return value, False


def is_damaged_value(value: object) -> bool:
    """Whether the value holds bytes that its file's encoding could not read."""
    return isinstance(value, str) and is_damaged(value)
