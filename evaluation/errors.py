"""Everything the evaluation can complain about; each message says what to do next."""

from collections.abc import Collection, Sequence
from pathlib import Path

_SHOWN = 5


class EvaluationError(Exception):
    """Base of the family; the edges turn it into an exit code or a status."""


class DatasetError(EvaluationError):
    """A data set that cannot be read as it stands."""


class MissingFile(DatasetError):
    """A folder or file that a BEIR data set needs is not there, or cannot be opened."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"无法打开 {path}；请给出含 corpus.jsonl、queries.jsonl 和 qrels/ 的文件夹。"
            f" / cannot open {path}; name a folder with corpus.jsonl, queries.jsonl and qrels/"
        )
        self.path = path


class EmptyFile(DatasetError):
    """A file of the data set without a single row."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} 没有任何数据行，请补齐后再评测。"
            f" / {path} holds no rows; fill it, then evaluate again"
        )
        self.path = path


class UnknownSplit(DatasetError):
    """No judgements are stored under this split's name."""

    def __init__(self, folder: Path, split: str, available: Sequence[str]) -> None:
        known = ", ".join(available)
        super().__init__(
            f"{folder} 中没有划分 {split!r}，可选：{known or '无'}。"
            f" / no split {split!r} in {folder}; choose one of: {known or 'none'}"
        )
        self.folder = folder
        self.split = split
        self.available = tuple(available)


class MalformedLine(DatasetError):
    """A line that does not say what its place in the file promises.

    Attributes:
        line: Counted from 1.
        problem: What is wrong and what would be right, in English.
    """

    def __init__(self, path: Path, line: int, zh: str, en: str) -> None:
        super().__init__(f"{path} 第 {line} 行：{zh}。 / {path}, line {line}: {en}")
        self.path = path
        self.line = line
        self.problem = en


class UnknownIds(DatasetError):
    """Judgements that name queries or documents which the data set does not hold.

    Attributes:
        kind: ``query`` or ``document``.
        ids: All of them, sorted; the message shows the first few.
    """

    def __init__(self, path: Path, kind: str, ids: Collection[str]) -> None:
        self.path = path
        self.kind = kind
        self.ids = tuple(sorted(ids))
        source = {"query": "queries.jsonl", "document": "corpus.jsonl"}[kind]
        word = {"query": "查询", "document": "文档"}[kind]
        shown = ", ".join(self.ids[:_SHOWN]) + (" …" if len(self.ids) > _SHOWN else "")
        super().__init__(
            f"{path} 引用了 {len(self.ids)} 个 {source} 中没有的{word}：{shown}；请补齐或删除。"
            f" / {path} names {len(self.ids)} ids that {source} lacks: {shown};"
            " add them there or remove these judgements"
        )
