"""What a vector index can complain about.

VectorIndexError
├── DuplicateId          an id given twice, or added although it is stored
├── UnknownId            an id that is not stored
├── DimensionMismatch    vectors of another width than the index
├── CountMismatch        not one vector per id
├── NotUnitLength        a row with NaN, or not of length 1
├── IndexBroken          saved files that cannot be trusted
└── IndexBusy            another process has been saving for too long
"""

from collections.abc import Sequence
from pathlib import Path

from embeddings.errors import EmbeddingError

_SHOWN = 5


class VectorIndexError(EmbeddingError):
    """Base of the family; the edges turn it into an exit code or a status."""


class DuplicateId(VectorIndexError):
    """An id came twice; nothing was changed.

    Attributes:
        ids: Every id concerned.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        shown = _listed(ids)
        super().__init__(
            f"编号重复：{shown}。每个编号只给一次；要覆盖已有向量请用 replace。"
            f" / duplicate ids: {shown}; give each id once, and use replace to overwrite"
        )
        self.ids = tuple(ids)


class UnknownId(VectorIndexError):
    """An id that the index does not hold; nothing was changed.

    Attributes:
        ids: Every id concerned.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        shown = _listed(ids)
        super().__init__(
            f"索引中没有编号 {shown}，请先添加，或用 ids() 查看已有编号。"
            f" / no such ids in the index: {shown}; add them first, or see ids()"
        )
        self.ids = tuple(ids)


class DimensionMismatch(VectorIndexError):
    """Vectors that are not as wide as the index.

    Attributes:
        expected: Width of the index.
        shape: Shape of the array given.
    """

    def __init__(self, expected: int, shape: tuple[int, ...]) -> None:
        super().__init__(
            f"向量形状 {shape} 与索引宽度 {expected} 不符，请用同一模型重新编码。"
            f" / vectors of shape {shape} do not fit an index of width {expected};"
            f" encode them with the index's model, one row per vector"
        )
        self.expected = expected
        self.shape = shape


class CountMismatch(VectorIndexError):
    """Not one vector per id.

    Attributes:
        ids: Number of ids given.
        vectors: Number of vectors given.
    """

    def __init__(self, ids: int, vectors: int) -> None:
        super().__init__(
            f"编号 {ids} 个，向量 {vectors} 个，数量必须相同。"
            f" / {ids} ids for {vectors} vectors; give one vector per id"
        )
        self.ids = ids
        self.vectors = vectors


class NotUnitLength(VectorIndexError):
    """A row that holds NaN or infinity, or is not of length 1.

    Attributes:
        position: Place of the first such row, from 0.
        length: Its Euclidean length.
    """

    def __init__(self, position: int, length: float) -> None:
        super().__init__(
            f"第 {position + 1} 个向量长度为 {length:.6g}，应为 1，请先归一化并排除 NaN。"
            f" / row {position} has length {length:.6g} instead of 1;"
            f" normalise the vectors and leave out NaN"
        )
        self.position = position
        self.length = length


class IndexBroken(VectorIndexError):
    """A saved index that cannot be trusted; it is derived data and can be rebuilt.

    Attributes:
        folder: Where the index was looked for.
        reason: What was wrong.
    """

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"索引 {folder} 无法使用（{reason}）。索引可由数据库重新生成，请重建。"
            f" / the index in {folder} cannot be used ({reason});"
            f" it is derived from the database: rebuild it"
        )
        self.folder = folder
        self.reason = reason


class IndexBusy(VectorIndexError):
    """Another process has been saving into the same folder for too long.

    Attributes:
        folder: The folder.
        waited_s: How long this process waited.
    """

    def __init__(self, folder: Path, waited_s: float) -> None:
        super().__init__(
            f"等待 {waited_s:.0f} 秒后，另一进程仍在保存 {folder}，请稍后再试。"
            f" / another process is still saving {folder} after {waited_s:.0f} s; try again later"
        )
        self.folder = folder
        self.waited_s = waited_s


def _listed(ids: Sequence[str]) -> str:
    more = "" if len(ids) <= _SHOWN else f", … ({len(ids)})"
    return ", ".join(repr(id_) for id_ in ids[:_SHOWN]) + more
