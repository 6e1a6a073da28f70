"""Files of single judgements: ``pair_id,need_id,achievement_id,level``, one a line."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import EmptyFile, MalformedLine, MissingFile, UnreadableLevels
from evaluation.grader import LEVELS, Judged
from evaluation.lines import numbered_lines

COLUMNS = ("pair_id", "need_id", "achievement_id", "level")


@dataclass(frozen=True, slots=True)
class LevelPair:
    """One row: a judgement with its own id, since a pair may be judged more than once."""

    id: str
    judged: Judged


def read_levels(path: Path) -> tuple[LevelPair, ...]:
    """All judgements of a CSV file in UTF-8, in file order; further columns are not read.

    Raises:
        UnreadableLevels: the file cannot be opened.
        EmptyFile: it holds no row below the header.
        MalformedLine: the header lacks a column, or a row lacks a value, has too many,
            repeats a pair id, or names a level other than 1, 2, 3 or 4.
    """
    try:
        lines = list(numbered_lines(path))
    except MissingFile as error:
        raise UnreadableLevels(path) from error
    if not lines:
        raise EmptyFile(path)
    header = [name.casefold() for name in _cells(path, *lines[0])]
    if missing := [name for name in COLUMNS if name not in header]:
        listed = ", ".join(missing)
        raise MalformedLine(
            path,
            lines[0][0],
            f"表头缺少 {listed}；没有已知等级就无法评分",
            f"the header lacks {listed}; without the known levels there is nothing to score",
        )
    pairs: dict[str, LevelPair] = {}
    for number, line in lines[1:]:
        pair = _pair(path, number, header, _cells(path, number, line))
        if pair.id in pairs:
            raise MalformedLine(
                path, number, f"pair_id {pair.id!r} 重复", f"repeats pair_id {pair.id!r}"
            )
        pairs[pair.id] = pair
    if not pairs:
        raise EmptyFile(path)
    return tuple(pairs.values())


def _cells(path: Path, number: int, line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], strict=True))]
    except csv.Error as error:
        raise MalformedLine(path, number, "引号不成对", "stray double quote") from error


def _pair(path: Path, number: int, header: Sequence[str], cells: Sequence[str]) -> LevelPair:
    if len(cells) != len(header):
        raise MalformedLine(
            path,
            number,
            f"有 {len(cells)} 列，表头有 {len(header)} 列",
            f"has {len(cells)} cells under {len(header)} headers",
        )
    row: Mapping[str, str] = dict(zip(header, cells, strict=True))
    for name in COLUMNS:
        if not row[name]:
            raise MalformedLine(path, number, f"{name} 未填写", f"{name} is empty")
    if row["level"] not in map(str, LEVELS):
        raise MalformedLine(
            path,
            number,
            f"等级 {row['level']!r} 应为 1、2、3 或 4",
            f"level {row['level']!r} must be 1, 2, 3 or 4",
        )
    return LevelPair(
        row["pair_id"], Judged(row["need_id"], row["achievement_id"], int(row["level"]))
    )
