"""What people said of chains teaches the tagger; learnt once, kept on disk.

A statement is what a person said of one stored need or achievement, "no chain" included
(``data.tags``). Chains that a record declares are none: whoever fills in a form names chains
but never "none", and so cannot teach where a chain ends. Neither are words on organisations,
whose texts are wider than one segment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.graph.tagging import searchable
from data.definitions import Definitions
from data.index_store import Freshness, IndexState, Notify, Repository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tag_lessons import SavedLesson, load_lesson, save_lesson
from data.tags import TagRepository
from data.versions import data_version, stamp
from embeddings.index_errors import IndexBroken, VectorIndexError
from matcher.graph.schema import NodeKind
from matcher.tag import ChainTagger
from matcher.tag_types import NONE, Lesson, Tag
from matcher.text import has_words
from matcher.types import Filter

LEAST = 50
"""Statements from which the tagger first learns; then from twice as many, and so on."""

MOST = 3_200
"""Statements beyond which it learns no more: to compare all with all for near-copies takes
memory that grows with their square."""

_METHOD = "1"
"""Changes with how is learnt, so that everybody learns anew."""

_TEACHING: Mapping[NodeKind, Repository] = {
    NodeKind.NEED: NeedRepository,
    NodeKind.ACHIEVEMENT: AchievementRepository,
}


@dataclass(frozen=True, slots=True)
class _Statements:
    """Those that count now.

    Attributes:
        total: How many there are on stored items.
        labels: Chain or ``none`` by kind and id, of the first ones; empty below ``LEAST``.
        made_from: Names the labels and the untaught tagger.
    """

    total: int
    labels: dict[tuple[NodeKind, str], str]
    made_from: str


class TagLessons:
    """The lesson of one database, learnt anew when enough has been said.

    It rests on the first 50, 100, 200, … statements by the time at which they were made: the
    items are tagged anew only when their number has doubled, or one of those was taken back
    or changed. Texts that were edited since a statement count at the next lesson.

    Args:
        engine: The database.
        folder: Where the lesson rests between processes; made when missing.
        notify: Told in a sentence when a lesson is learnt, replaced or cannot be written.
    """

    def __init__(
        self, engine: Engine, folder: Path, *, notify: Notify = lambda message: None
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._notify = notify
        self._lock = Lock()
        self._kept: SavedLesson | None = None
        self._seen: tuple[str, str] | None = None

    def of(
        self, untaught: str, definitions: Definitions, tagger: Callable[[], ChainTagger]
    ) -> SavedLesson | None:
        """The lesson as of now; None where people have said too little.

        Args:
            untaught: Fingerprint of the untaught tagger.
            definitions: The city's chains.
            tagger: Makes the untaught tagger, when there is something to learn.
        """
        with self._lock:
            with session_scope(self._engine, write=False) as session:
                seen = untaught, stamp(session, data_version(session))
                if seen == self._seen:
                    return self._kept
                said = _statements(session, untaught, definitions)
            if not said.labels:
                self._kept = None
            elif self._kept is None or self._kept.made_from != said.made_from:
                self._kept = self._saved(said) or self._learnt(said, tagger())
            self._seen = seen
            return self._kept

    def state(self, untaught: str, definitions: Definitions) -> IndexState:
        """What ``of`` would find, in words; nothing is learnt."""
        with session_scope(self._engine, write=False) as session:
            said = _statements(session, untaught, definitions)
        if not said.labels:
            return IndexState(
                Freshness.FRESH,
                f"只按定义标注；已有 {said.total} 条人工标注，满 {LEAST} 条后从中学习"
                f" / by definitions alone; {said.total} statements of people, learns from {LEAST}",
            )
        try:
            saved = load_lesson(self._folder) if self._folder.exists() else None
        except (IndexBroken, OSError) as problem:
            return IndexState(Freshness.UNUSABLE, str(problem))
        if saved is None or saved.made_from != said.made_from:
            n = len(said.labels)
            words = f"待从 {n} 条人工标注学习 / about to learn from {n} statements of people"
            return IndexState(Freshness.BEHIND, words)
        return IndexState(Freshness.FRESH, _words(saved.lesson))

    def _saved(self, said: _Statements) -> SavedLesson | None:
        """What this or another process learnt from the same statements."""
        if not self._folder.exists():
            return None
        try:
            saved = load_lesson(self._folder)
        except (IndexBroken, OSError) as problem:
            self._notify(f"标注学习结果不可用，正在重新学习 / learning to tag anew: {problem}")
            return None
        return saved if saved.made_from == said.made_from else None

    def _learnt(self, said: _Statements, tagger: ChainTagger) -> SavedLesson:
        # scikit-learn would slow down every command where nobody has said anything new
        from evaluation.chains import near_copies
        from matcher.tag_training import lesson_from

        documents, labels = [], []
        with session_scope(self._engine, write=False) as session:
            for kind, repository in _TEACHING.items():
                ids = sorted(item_id for of_kind, item_id in said.labels if of_kind == kind)
                for item_id, record in repository(session).get_many(ids).items():
                    document = searchable(record)
                    if has_words(document.title + document.text):
                        documents.append(document)
                        labels.append(said.labels[kind, item_id])
        groups = near_copies(documents).tolist() if documents else []
        lesson = lesson_from(tagger, documents, labels, groups=groups)
        self._notify(f"产业链标注 / chain tags：{_words(lesson)}")
        saved = SavedLesson(said.made_from, lesson)
        try:
            save_lesson(saved, self._folder)
        except (OSError, VectorIndexError) as problem:
            self._notify(f"标注学习结果未能保存 / what was learnt was not saved: {problem}")
        return saved


def _statements(session: Session, untaught: str, definitions: Definitions) -> _Statements:
    spoken = []
    for kind, repository in _TEACHING.items():
        moments = TagRepository(session).said_at(kind)
        if moments:
            stored = repository(session).ids(Filter(statuses=()))
            spoken += [(at, kind, i) for i, at in moments.items() if i in stored]
    counted = _counted(len(spoken))
    labels: dict[tuple[NodeKind, str], str] = {}
    first = sorted(spoken)[:counted]
    for kind in _TEACHING if first else ():
        said = TagRepository(session).said(kind, [i for _, k, i in first if k == kind])
        for item_id, statement in said.items():
            label = _label(statement.tags, definitions)
            if label is not None:
                labels[kind, item_id] = label
    parts = (_METHOD, untaught, sorted(labels.items()))
    made_from = blake2b(repr(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
    return _Statements(len(spoken), labels, made_from)


def _counted(spoken: int) -> int:
    """How many of these statements are learnt from: 0, 50, 100, 200 and so on."""
    if spoken < LEAST:
        return 0
    counted = LEAST
    while counted * 2 <= min(spoken, MOST):
        counted *= 2
    return counted


def _label(tags: tuple[Tag, ...], definitions: Definitions) -> str | None:
    """The heaviest chain, or ``none``; None for a chain that is gone."""
    belonging = [tag for tag in tags if tag.weight > 0]
    if not belonging:
        return NONE
    chain = max(belonging, key=lambda tag: tag.weight).chain
    return chain if chain in definitions.ids else None


def _words(lesson: Lesson) -> str:
    n = lesson.labels
    if lesson.taught is None or lesson.untaught is None:
        return (
            f"{n} 条人工标注彼此太相似，或大多是更正，不能从中学习，只按定义标注；"
            "请也确认一些标对的条目"
            f" / {n} statements are too much alike, or mostly corrections: not learnt from;"
            " by definitions alone. Confirm some that are right as well"
        )
    figures_zh = f"交叉验证正确率 {lesson.taught:.1%}，仅按定义 {lesson.untaught:.1%}"
    figures_en = f"right out of fold {lesson.taught:.1%}, by definitions {lesson.untaught:.1%}"
    if lesson.learned is None:
        return (
            f"从 {n} 条人工标注学习未见明显改进（{figures_zh}），只按定义标注"
            f" / {n} statements teach no clear gain ({figures_en}); by definitions alone"
        )
    return (
        f"已从 {n} 条人工标注学习（{figures_zh}）"
        f" / taught by {n} statements of people ({figures_en})"
    )
