"""Both indexes of one corpus on disk, and whether they can be trusted."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from data.lexical_files import FINGERPRINT, load_lexical, save_lexical
from data.versions import database_id, stamp, version_of
from embeddings.index import VectorIndex
from embeddings.index_errors import IndexBroken
from embeddings.index_store import open_index
from matcher.lexical import LexicalRetriever


@dataclass(frozen=True, slots=True)
class SavedCorpus:
    """The indexes as they are saved, of one data version.

    Attributes:
        vectors: Belongs to whoever loaded it, and may be altered.
        stamp: State of the database that both saw (``data.versions.stamp``).
    """

    lexical: LexicalRetriever
    vectors: VectorIndex
    stamp: str

    @property
    def data_version(self) -> int:
        """The data version within the stamp."""
        return version_of(self.stamp)


class Unusable(Exception):
    """Saved files that cannot be brought up to date; the message says why."""


def load_corpus(folder: Path, session: Session, *, fingerprint: str) -> SavedCorpus:
    """The saved indexes, memory-mapped.

    Args:
        folder: Where they rest.
        session: Of the database that they should have seen.
        fingerprint: Of the encoder that should have made the vectors.

    Raises:
        Unusable: nothing there, or what cannot be trusted.
    """
    try:
        lexical, lexical_manifest = load_lexical(folder / "lexical")
        vectors, manifest = open_index(folder / "vectors")
    except IndexBroken as problem:
        raise Unusable(str(problem)) from problem
    if manifest.fingerprint != fingerprint:
        raise Unusable("索引属于另一向量模型 / the index is of another embedding model")
    if lexical_manifest.fingerprint != FINGERPRINT:
        raise Unusable("字面索引为旧格式 / the lexical index is of an older make")
    if manifest.data_version != lexical_manifest.data_version:
        raise Unusable("两个索引版本不一致 / the two indexes saw different versions")
    owner, version, _ = f"{manifest.data_version}//".split("/", 2)
    if owner != database_id(session):
        raise Unusable("索引属于另一数据库 / the index is of another database")
    if manifest.data_version != stamp(session, int(version)):
        raise Unusable("数据库曾恢复到较早状态 / the database went back to an earlier state")
    return SavedCorpus(lexical, vectors, manifest.data_version)


def save_corpus(corpus: SavedCorpus, folder: Path, *, fingerprint: str) -> None:
    """Write both; a kill between the two leaves what ``load_corpus`` refuses.

    Raises:
        IndexBusy: another process keeps saving into the folder.
        OSError: the disk is full or the folder cannot be written.
    """
    save_lexical(corpus.lexical, folder / "lexical", data_version=corpus.stamp)
    corpus.vectors.save(folder / "vectors", fingerprint=fingerprint, data_version=corpus.stamp)
