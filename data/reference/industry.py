"""The national industrial classification, GB/T 4754-2017."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class IndustryClass:
    """One entry of GB/T 4754-2017.

    Attributes:
        code: A letter, or two to four digits as text: ``C``, ``38``, ``382``, ``3829``.
        level: ``section``, ``division``, ``group`` or ``class``, from broad to narrow.
        parent: Code of the broader entry; None for a section.
    """

    code: str
    name_zh: str
    level: str
    parent: str | None


def industry_class(code: str) -> IndustryClass | None:
    """The entry with this code, or None when the standard has no such code."""
    return _classes().get(code)


def industry_classes() -> tuple[IndustryClass, ...]:
    """Every entry of the standard."""
    return tuple(_classes().values())


@cache
def _classes() -> dict[str, IndustryClass]:
    text = files("data.reference").joinpath("gbt4754.csv").read_text(encoding="utf-8")
    return {
        row["code"]: IndustryClass(
            code=row["code"],
            name_zh=row["name"],
            level=row["level"],
            parent=row["parent"] or None,
        )
        for row in csv.DictReader(text.splitlines())
    }
