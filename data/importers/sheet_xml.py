"""What a worksheet's XML tells that the cell values do not: merged areas, bare formulas.

pandas and openpyxl's streaming reader, which alone copes with a million styled empty
rows, give neither. Only sheets that hold such a thing are parsed a second time.
"""

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath
from xml.etree.ElementTree import Element, iterparse

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_INTERESTING = re.compile(rb"<(?:\w+:)?(?:f[ >/]|mergeCell )")
_AREA = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Area:
    """A merged rectangle; rows and columns count from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int
    name: str


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Attributes: merged areas, and the (row, column) from 0 of formulas without a value."""

    merged: tuple[Area, ...] = ()
    bare_formulas: dict[tuple[int, int], str] = field(default_factory=dict)


def read_sheet_facts(path: Path) -> dict[str, SheetFacts]:
    """Facts of every worksheet, by the sheet's name."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: _facts(archive, part)
            for name, part in _sheets(archive).items()
            if part in archive.namelist()
        }


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name to the path of its XML inside the archive."""
    targets = {}
    for element in _elements(archive, "xl/_rels/workbook.xml.rels"):
        if element.tag.endswith("}Relationship"):
            target = element.get("Target", "")
            # an absolute target starts at the archive's root
            inside = target[1:] if target.startswith("/") else normpath(join("xl", target))
            targets[element.get("Id", "")] = inside
    return {
        element.get("name", ""): targets.get(element.get(_RELATION_ID, ""), "")
        for element in _elements(archive, "xl/workbook.xml")
        if element.tag == f"{_MAIN}sheet"
    }


def _elements(archive: zipfile.ZipFile, part: str) -> list[Element]:
    with archive.open(part) as file:
        return [element for _, element in iterparse(file)]


def _facts(archive: zipfile.ZipFile, part: str) -> SheetFacts:
    if not _is_interesting(archive, part):
        return SheetFacts()
    merged: list[Area] = []
    bare: dict[tuple[int, int], str] = {}
    with archive.open(part) as file:
        for _, element in iterparse(file):
            if element.tag == f"{_MAIN}c":
                formula = element.find(f"{_MAIN}f")
                # a formula whose saved result is an empty text says so by its type
                saved = element.findtext(f"{_MAIN}v") or element.get("t") == "str"
                if formula is not None and not saved:
                    bare[_position(element.get("r", "A1"))] = f"={formula.text or ''}"
            elif element.tag == f"{_MAIN}row":
                # what was read is dropped, or a large sheet would fill the memory
                element.clear()
            elif element.tag == f"{_MAIN}mergeCell":
                merged.extend(_area(element.get("ref", "")))
    return SheetFacts(tuple(merged), bare)


def _is_interesting(archive: zipfile.ZipFile, part: str) -> bool:
    with archive.open(part) as file:
        tail = b""
        while block := file.read(_BLOCK):
            if _INTERESTING.search(tail + block):
                return True
            # a tag may straddle two blocks
            tail = block[-64:]
    return False


def _area(reference: str) -> list[Area]:
    match = _AREA.fullmatch(reference)
    if match is None:
        return []
    left, top, right, bottom = match.groups()
    return [Area(int(top) - 1, _column(left), int(bottom) - 1, _column(right), reference)]


def _position(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, _column(letters)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
