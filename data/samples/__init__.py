"""Invented needs, achievements, organisations and their cooperations, to try the program with.

Every organisation bears 示例 in its name and does not exist.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

FILES = (
    "organizations.jsonl",
    "needs.jsonl",
    "achievements.jsonl",
    "cooperations.jsonl",
)


@contextmanager
def sample_files() -> Iterator[list[Path]]:
    """The sample files as paths, organisations first."""
    with as_file(files(__package__)) as folder:
        yield [folder / name for name in FILES]


def sample_texts() -> tuple[list[str], list[str]]:
    """Titles and texts of the achievements, pair by pair: technical Chinese to check a model on."""
    lines = (files(__package__) / "achievements.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row["title"] for row in rows], [row["text"] for row in rows]
