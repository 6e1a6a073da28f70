"""Plans as files: whole, or not at all."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from api.pictures.drawing import Drawing
from api.plans.as_json import explained_as_json
from api.plans.kept import ExplainedPlan
from api.plans.page import picture_page, plan_page
from api.plans.workbook import write_workbook
from data.whole_file import whole_file


def write_json(explained: ExplainedPlan, path: Path) -> None:
    """Write everything about a plan as one JSON document.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    _write(path, json.dumps(explained_as_json(explained), ensure_ascii=False, indent=2) + "\n")


def write_page(explained: ExplainedPlan, path: Path) -> None:
    """Write a plan as one HTML page with its pictures.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    _write(path, plan_page(explained))


def write_picture_page(drawing: Drawing, path: Path) -> None:
    """Write one drawing as an HTML page.

    Raises:
        CannotWriteFile: the folder is missing or closed to us, or the disk is full.
    """
    _write(path, picture_page(drawing))


WRITERS: Mapping[str, Callable[[ExplainedPlan, Path], None]] = {
    ".xlsx": write_workbook,
    ".json": write_json,
    ".html": write_page,
}
"""What writes a plan, by the ending of the file's name."""


def _write(path: Path, text: str) -> None:
    with whole_file(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
