"""Data sets in the BEIR layout: documents, queries and graded judgements in one folder."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from evaluation.errors import EmptyFile, MalformedLine, MissingFile, UnknownIds, UnknownSplit
from evaluation.lines import numbered_lines
from matcher.types import Document, Query

Qrels = Mapping[str, Mapping[str, int]]
"""Query id to its judged documents with their scores, 0 unrelated and upwards."""

HIGHEST_SCORE = 10
"""Gains double with every level; beyond this a file holds percentages, not levels."""

_LONGEST_TITLE = 80
_SENTENCE_END = re.compile(r"[。！？!?]|(?<=\w\w)\.(?=\s)")
# JSON can spell one half of a surrogate pair, which no tokenizer accepts.
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_SCORE_HEADERS = {"score", "rel", "relevance", "label"}

Item = TypeVar("Item", Query, Document)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a system is measured on.

    Attributes:
        name: The folder's name.
        split: Which judgements of the folder these are.
        queries: All queries, judged or not, in file order.
        qrels: Judgements; a document that is not judged is unknown, not irrelevant.
        groups: Query id to group; queries that are near-copies share one.
            A query without an entry is its own group.
    """

    name: str
    split: str
    queries: tuple[Query, ...]
    documents: tuple[Document, ...]
    qrels: Qrels
    groups: Mapping[str, str] = field(default_factory=dict)


def load_dataset(folder: Path, split: str) -> Dataset:
    """A data set read whole and checked, before anything is computed on it.

    Reads ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/SPLIT.tsv`` (BEIR's three
    columns, or the four of a TREC qrels file), and ``groups.csv`` where there is one.
    A record without a title gets the first line of its text, or the first sentence of
    a long line; its text stays whole.

    Raises:
        MissingFile: the folder or one of the three files is not there.
        EmptyFile: one of the three holds no rows.
        UnknownSplit: ``qrels`` has no such file; the error lists those it has.
        MalformedLine: a line cannot be read, repeats an id, or scores outside
            0 … ``HIGHEST_SCORE``.
        UnknownIds: judgements name queries or documents that are not in the folder.
    """
    if not (folder / "qrels").is_dir():
        raise MissingFile(folder if not folder.is_dir() else folder / "qrels")
    qrels_path = _qrels_path(folder, split)
    queries = _read_items(folder / "queries.jsonl", Query)
    documents = _read_items(folder / "corpus.jsonl", Document)
    qrels = _read_qrels(qrels_path)

    query_ids = {query.id for query in queries}
    judged = {document_id for pool in qrels.values() for document_id in pool}
    if unknown := qrels.keys() - query_ids:
        raise UnknownIds(qrels_path, "query", unknown)
    if unknown := judged - {document.id for document in documents}:
        raise UnknownIds(qrels_path, "document", unknown)
    return Dataset(
        name=folder.resolve().name,
        split=split,
        queries=queries,
        documents=documents,
        qrels=qrels,
        groups=_read_groups(folder / "groups.csv", queries),
    )


def load_unjudged(folder: Path) -> Dataset:
    """Queries, documents and groups of a folder, whether or not it has judgements.

    For judgements that come from elsewhere, such as a file of levels; ``split`` is empty
    and ``qrels`` holds nothing.

    Raises:
        MissingFile: the folder, ``queries.jsonl`` or ``corpus.jsonl`` is not there.
        EmptyFile: one of the two holds no rows.
        MalformedLine: a line cannot be read or repeats an id.
    """
    if not folder.is_dir():
        raise MissingFile(folder)
    queries = _read_items(folder / "queries.jsonl", Query)
    return Dataset(
        name=folder.resolve().name,
        split="",
        queries=queries,
        documents=_read_items(folder / "corpus.jsonl", Document),
        qrels={},
        groups=_read_groups(folder / "groups.csv", queries),
    )


def _qrels_path(folder: Path, split: str) -> Path:
    available = sorted(path.stem for path in (folder / "qrels").glob("*.tsv"))
    if split not in available:
        raise UnknownSplit(folder, split, available)
    return folder / "qrels" / f"{split}.tsv"


def _read_items(path: Path, kind: type[Item]) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    for number, line in numbered_lines(path):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise MalformedLine(
                path, number, "不是 JSON，应为一行一个对象", "not JSON; one object a line"
            ) from error
        if not isinstance(record, dict):
            raise MalformedLine(path, number, "应为 JSON 对象", "must be a JSON object")
        item_id = _id_of(record, path, number)
        if item_id in items:
            raise MalformedLine(path, number, f"编号 {item_id!r} 重复", f"repeats id {item_id!r}")
        title, text = (_words(record, key, path, number) for key in ("title", "text"))
        if _HALF_CHARACTER.search(f"{item_id}{title}{text}"):
            raise MalformedLine(path, number, "含有半个字符", "holds half a character, as \\ud800")
        items[item_id] = kind(id=item_id, title=title or _first_sentence(text), text=text)
    if not items:
        raise EmptyFile(path)
    return tuple(items.values())


def _id_of(record: Mapping[str, object], path: Path, number: int) -> str:
    item_id = record.get("_id")
    if isinstance(item_id, int) and not isinstance(item_id, bool):
        return str(item_id)
    if not isinstance(item_id, str) or not item_id.strip():
        raise MalformedLine(path, number, '缺少 "_id"', 'needs an "_id", a non-empty string')
    return item_id.strip()


def _words(record: Mapping[str, object], key: str, path: Path, number: int) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedLine(path, number, f'"{key}" 应为字符串', f'"{key}" must be a string')
    return value if value.strip() else ""


def _first_sentence(text: str) -> str:
    line = text.strip().partition("\n")[0].strip()
    if len(line) <= _LONGEST_TITLE:
        return line
    end = _SENTENCE_END.search(line)
    return line[: min(end.end(), _LONGEST_TITLE) if end else _LONGEST_TITLE]


def _read_qrels(path: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for position, (number, line) in enumerate(numbered_lines(path)):
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) == 1:
            columns = line.split()
        if position == 0 and columns[-1].casefold() in _SCORE_HEADERS:
            continue
        if len(columns) == 4:
            # TREC: query, iteration, document, score.
            del columns[1]
        if len(columns) != 3 or not all(columns):
            raise MalformedLine(
                path,
                number,
                "应为三列 query-id、corpus-id、score，以制表符分隔",
                "needs three tab-separated columns: query-id, corpus-id, score",
            )
        query_id, document_id, score = columns
        pool = qrels.setdefault(query_id, {})
        if document_id in pool:
            raise MalformedLine(
                path,
                number,
                f"{query_id!r} 与 {document_id!r} 已评过",
                f"{query_id!r} and {document_id!r} were judged before; keep one judgement",
            )
        pool[document_id] = _score(score, path, number)
    if not qrels:
        raise EmptyFile(path)
    return qrels


def _score(word: str, path: Path, number: int) -> int:
    # Longer words are not levels, and huge ones would make int() itself complain.
    if not re.fullmatch(r"[0-9]{1,4}", word) or int(word) > HIGHEST_SCORE:
        raise MalformedLine(
            path,
            number,
            f"评分 {word!r} 应为 0 至 {HIGHEST_SCORE} 的整数",
            f"score {word!r} must be a whole number from 0 to {HIGHEST_SCORE}",
        )
    return int(word)


def _read_groups(path: Path, queries: Sequence[Query]) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = list(numbered_lines(path))
    rows = csv.DictReader(line for _, line in lines)
    if not {"need_id", "group"} <= set(rows.fieldnames or ()):
        raise MalformedLine(path, 1, "表头应为 need_id,group", "needs the header need_id,group")
    groups: dict[str, str] = {}
    for (number, _), row in zip(lines[1:], rows, strict=False):
        need_id, group = ((row[key] or "").strip() for key in ("need_id", "group"))
        if not need_id or not group:
            raise MalformedLine(
                path, number, "need_id 和 group 都要填写", "needs both need_id and group"
            )
        if groups.setdefault(need_id, group) != group:
            raise MalformedLine(
                path,
                number,
                f"{need_id!r} 已属于另一组",
                f"{need_id!r} is in another group already",
            )
    return {query.id: groups[query.id] for query in queries if query.id in groups}
