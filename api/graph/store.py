"""The city graph of one database, saved between processes and kept up to date.

Made from records, stored tags, cooperations and what brokers decided. The database is the
truth: a saved graph that cannot be trusted, or saw other definitions, is made anew; one that is
merely behind is brought up to date record by record.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.graph.making import GraphMaker
from api.graph.tags import REPOSITORIES, CityTags
from data import reference
from data.decisions import DecisionRepository
from data.graph_files import GraphMark, load_graph, load_mark, load_parts, save_graph
from data.index_store import Freshness, IndexState, Notify
from data.session import session_scope
from data.tags import TagRepository
from data.versions import data_version, stamp
from embeddings.index_errors import IndexBroken, VectorIndexError
from matcher.graph.prepared import Prepared, method, prepare
from matcher.graph.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class KeptGraph:
    """A graph with its parts, and what it was made from."""

    graph: "nx.MultiDiGraph"
    prepared: Prepared
    mark: GraphMark


@dataclass(frozen=True, slots=True)
class KeptParts:
    """What matching asks of a graph, and what the graph was made from."""

    prepared: Prepared
    mark: GraphMark


class GraphStore:
    """The graph of one database.

    Args:
        engine: The database.
        folder: Where the graph rests between processes; made when missing.
        tags: Which chains the items belong to.
        notify: Told in a sentence when a saved graph is replaced or cannot be written.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        tags: CityTags,
        *,
        notify: Notify = lambda message: None,
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._tags = tags
        self._maker = GraphMaker(engine, tags)
        self._notify = notify
        self._lock = Lock()
        self._kept: KeptGraph | None = None
        self._parts: KeptParts | None = None

    def current(self, *, today: date) -> "nx.MultiDiGraph":
        """The graph as the database stands: open needs, published achievements.

        The same object as before while nothing has changed; it is never altered later, and
        callers do not alter it.

        Args:
            today: The day on which needs are open.
        """
        return self.kept(today=today).graph

    def kept(self, *, today: date) -> KeptGraph:
        """The same with what was prepared of it."""
        with self._lock:
            self._kept = self._brought_up(self.now(today))
            return self._kept

    def parts(self, *, today: date) -> KeptParts:
        """What was prepared of it alone: the graph takes ten times that memory, and goes again."""
        with self._lock:
            now = self.now(today)
            known = self._parts or self._saved_parts()
            if known is None or known.mark != now:
                kept = self._brought_up(now)
                self._kept = None
                known = KeptParts(kept.prepared, kept.mark)
            self._parts = known
            return known

    def parts_at_hand(self) -> KeptParts | None:
        """What the last graph left, however far it is behind; None where there was none."""
        with self._lock:
            saved = self._saved_parts()
        if saved is None:
            return None
        with session_scope(self._engine, write=False) as session:
            ours = saved.mark.stamp == stamp(session, saved.mark.version)
        return saved if ours else None

    def now(self, today: date) -> GraphMark:
        """What a graph made now would be made from.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot be opened.
        """
        fingerprint = _fingerprint(self._tags.fingerprint(self._tags.definitions()))
        with session_scope(self._engine, write=False) as session:
            return _mark(session, fingerprint, today)

    def changes_since(self, mark: GraphMark) -> int:
        """How many records were changed, removed or put into chains since."""
        with session_scope(self._engine, write=False) as session:
            count = len(TagRepository(session).said_since(mark.version))
            for repository in REPOSITORIES.values():
                changes = repository(session).changed_since(mark.version)
                count += len(changes.changed) + len(changes.removed)
        return count

    def _brought_up(self, now: GraphMark) -> KeptGraph:
        with session_scope(self._engine, write=False) as session:
            kept = self._usable(session, now)
        if kept is None:
            return self._saved(self._maker.built(self._tags.definitions(), now), now)
        return (
            kept
            if kept.mark == now
            else self._saved(self._maker.updated(kept.graph, kept.mark, now), now)
        )

    def _saved_parts(self) -> KeptParts | None:
        """Those on the disk; what is wrong with them is said by whoever mends it."""
        try:
            return KeptParts(*load_parts(self._folder))
        except (IndexBroken, OSError):
            return None

    def state(self, *, today: date) -> IndexState:
        """What ``current`` would find saved; nothing is changed, and no graph is read.

        Raises:
            StoreError: the database cannot be read.
            EmbeddingError: the model cannot be opened.
        """
        if not self._folder.exists():
            return IndexState(Freshness.ABSENT, "尚未建立 / not built yet")
        try:
            mark, nodes = load_mark(self._folder)
        except (IndexBroken, OSError) as problem:
            return IndexState(Freshness.UNUSABLE, str(problem))
        tagging = self._tags.fingerprint_unless_learning(self._tags.definitions())
        if tagging is None:
            words = "将学习人工标注，可能重建 / tags are about to be learnt, which may rebuild it"
            return IndexState(Freshness.BEHIND, words)
        fingerprint = _fingerprint(tagging)
        with session_scope(self._engine, write=False) as session:
            now = _mark(session, fingerprint, today)
            follows = _can_follow(session, mark, now)
        if not follows:
            words = "由其他定义、模型或数据建成，将重建 / made from other chains, model or data"
            return IndexState(Freshness.UNUSABLE, words)
        if mark != now:
            return IndexState(Freshness.BEHIND, f"{nodes} 个节点，待更新 / nodes, behind the data")
        return IndexState(Freshness.FRESH, f"{nodes} 个节点 / nodes")

    def _usable(self, session: Session, now: GraphMark) -> KeptGraph | None:
        """What is in memory or saved, if it can be brought up to date."""
        kept = self._kept
        if kept is None and self._folder.exists():
            try:
                kept = KeptGraph(*load_graph(self._folder))
            except (IndexBroken, OSError) as problem:
                self._notify(f"产业链图谱不可用，正在重建 / rebuilding the chain graph: {problem}")
        if kept is None:
            return None
        return kept if _can_follow(session, kept.mark, now) else None

    def _saved(self, graph: "nx.MultiDiGraph", mark: GraphMark) -> KeptGraph:
        """Keep the graph for the next process; whoever asked does not fail because of this."""
        prepared = prepare(graph)
        try:
            save_graph(graph, prepared, self._folder, mark)
        except (OSError, VectorIndexError) as problem:
            self._notify(f"产业链图谱未能保存 / the chain graph was not saved: {problem}")
        return KeptGraph(graph, prepared, mark)


def _fingerprint(tagging: str) -> str:
    parts = (tagging, SCHEMA_VERSION, reference.counties(), method())
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _mark(session: Session, fingerprint: str, today: date) -> GraphMark:
    """What a graph made now would be made from."""
    return GraphMark(
        fingerprint=fingerprint,
        stamp=stamp(session, data_version(session)),
        decisions=DecisionRepository(session).count(),
        day=today,
    )


def _can_follow(session: Session, mark: GraphMark, now: GraphMark) -> bool:
    """Whether a graph of this mark can be brought up to date."""
    # a database restored from a backup, or another one, has another stamp
    same_past = mark.stamp == stamp(session, mark.version)
    return same_past and mark.fingerprint == now.fingerprint and mark.day <= now.day
