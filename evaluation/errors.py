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


class ScoreNotANumber(EvaluationError):
    """A system scored a document NaN, so that its list has no order."""

    def __init__(self, system: str, query_id: str, document_id: str) -> None:
        super().__init__(
            f"系统 {system} 对查询 {query_id!r} 的文档 {document_id!r} 给出的分数不是数；"
            "请检查其中的除法与缺失信号。"
            f" / {system} scored document {document_id!r} of query {query_id!r} NaN;"
            " look for a division by zero or a missing signal"
        )
        self.system = system
        self.query_id = query_id
        self.document_id = document_id


class UnusableGrades(EvaluationError):
    """A grader's probabilities that are none, or that fall where they must not rise."""

    def __init__(self, system: str, query_id: str, zh: str, en: str) -> None:
        super().__init__(
            f"系统 {system} 对查询 {query_id!r} 的等级概率{zh}。"
            f" / {system}, query {query_id!r}: its level probabilities {en}"
        )
        self.system = system
        self.query_id = query_id
        self.problem = en


class UnknownLevel(EvaluationError):
    """A judgement that is on none of the four levels that graders know."""

    def __init__(self, query_id: str, document_id: str, level: int) -> None:
        super().__init__(
            f"{query_id!r} 与 {document_id!r} 的等级为 {level}，须在 1 至 4 之间"
            "（即评分 0 至 3）；请换算后再训练。"
            f" / {query_id!r} and {document_id!r} are on level {level}; levels are 1 to 4"
            " (scores 0 to 3), convert the scores before training"
        )
        self.query_id = query_id
        self.document_id = document_id
        self.level = level


class UnusableFolds(EvaluationError):
    """More folds than there is something to put into them, or fewer than two.

    Attributes:
        folds: Folds asked for.
        most: The most that can be filled.
    """

    def __init__(self, folds: int, most: int, *, zh: str, en: str) -> None:
        if most < 2:
            message = (
                f"只有 {most} {zh}，无法交叉验证；至少需要 2 {zh}。"
                f" / only {most} {en}, too few to cross-validate; it takes at least 2"
            )
        else:
            message = (
                f"折数须在 2 与 {most} 之间（共 {most} {zh}），得到 {folds}。"
                f" / folds must be between 2 and {most}, the number of {en}, not {folds}"
            )
        super().__init__(message)
        self.folds = folds
        self.most = most


class NotHeldOut(EvaluationError):
    """A query that belongs to none of the folds of a cross-validation."""

    def __init__(self, query_id: str) -> None:
        super().__init__(
            f"查询 {query_id!r} 没有标注，不属于任何一折；只能评测有标注的查询。"
            f" / query {query_id!r} is not judged and so in none of the folds;"
            " ask for judged queries only"
        )
        self.query_id = query_id


class UnreadableLevels(DatasetError):
    """A file of levels that cannot be opened."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"无法读取等级文件 {path}；请给出含 pair_id,need_id,achievement_id,level 的 CSV。"
            f" / cannot read the levels {path}; name a CSV file with the columns"
            " pair_id,need_id,achievement_id,level"
        )
        self.path = path


class OccupiedFolder(EvaluationError):
    """A folder meant for a report that holds other things, which must not be lost."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} 已存在且不是评测报告；为免覆盖，请换一个名称。"
            f" / {folder} exists and is no report; choose another name, it will not be replaced"
        )
        self.folder = folder


class ReportNotWritten(EvaluationError):
    """A report that could not be written; what was there before is untouched."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"无法写入报告 {folder}：{reason}；原有内容未变，请检查权限与磁盘空间。"
            f" / cannot write the report {folder}: {reason}; nothing was changed,"
            " check the rights and the disk space"
        )
        self.folder = folder
        self.reason = reason
