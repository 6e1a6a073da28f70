"""Which chains the city's items belong to: a person's word first, else an inference, once.

Inferences are stored with the fingerprint of what they depend on; only items that are new or
changed, or whose chains are defined otherwise since, are tagged again. What people said
teaches the tagger (``api.graph.tag_lessons``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import Lock
from typing import Any

from sqlalchemy import Engine

from api.graph.tag_lessons import TagLessons
from api.graph.tagging import Item, city_tagger, infer, searchable
from data import reference
from data.chains import ChainRepository
from data.definitions import Definitions
from data.errors import StoreError
from data.index_store import Freshness, IndexState, Notify
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.repository import ContentRepository
from data.rows import digest
from data.session import session_scope
from data.tags import Inference, Statement, TagRepository
from embeddings.encoder import Encoder
from matcher.graph.schema import NodeKind
from matcher.tag import ChainTagger, TagConfig
from matcher.tag_types import Learned, Tag
from matcher.types import Achievement, Document, Need, Query

_VERSION = "2"
"""Changes when the tagger's method does, so that everything is tagged again."""

_ALL_ABOVE = 1000

REPOSITORIES: Mapping[NodeKind, type[ContentRepository[Any]]] = {
    NodeKind.ORGANIZATION: OrganizationRepository,
    NodeKind.NEED: NeedRepository,
    NodeKind.ACHIEVEMENT: AchievementRepository,
}
"""Where the items of each kind are stored; organisations first, since postings name them."""


@dataclass(frozen=True, slots=True)
class ItemTags:
    """What is known of one item's chains.

    Attributes:
        said: A person's word; None when nobody said anything.
        inferred: What its declared chains and its wording tell, heaviest first.
    """

    said: Statement | None
    inferred: tuple[Tag, ...]

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags in force; where a person named a chain only, the wording adds the segment."""
        if self.said is None:
            return self.inferred
        segments = {tag.chain: tag.segment for tag in self.inferred}
        return tuple(
            tag if tag.segment is not None else replace(tag, segment=segments.get(tag.chain))
            for tag in self.said.tags
        )


@dataclass(frozen=True, slots=True)
class Review:
    """An item that somebody put into a chain or segment that no longer exists.

    Attributes:
        kind: ``need``, ``achievement`` or ``organization``.
        gone: Ids of the chains and segments.
        who: Who said so; None for what the record itself declares.
    """

    kind: NodeKind
    item_id: str
    title: str
    gone: tuple[str, ...]
    who: str | None


class CityTags:
    """The tags of one database.

    Args:
        engine: The database.
        recorder: The same database, for writes that nobody waits for.
        encoder: Gives the embedding model when it is first needed.
        lessons: What people's words teach; without, the definitions alone tell.
        notify: Told in a sentence when inferences could not be kept.
    """

    def __init__(
        self,
        engine: Engine,
        recorder: Engine,
        *,
        encoder: Callable[[], Encoder],
        lessons: TagLessons | None = None,
        notify: Notify = lambda message: None,
    ) -> None:
        self._engine = engine
        self._recorder = recorder
        self._encoder = encoder
        self._lessons = lessons
        self._notify = notify
        self._lock = Lock()
        self._taggers: dict[str, ChainTagger] = {}

    def definitions(self) -> Definitions:
        """The chains as they are stored now."""
        with session_scope(self._engine, write=False) as session:
            return ChainRepository(session).definitions()

    def tagger(self) -> ChainTagger:
        """Tells which of the city's chains a text belongs to, as defined and taught now."""
        definitions = self.definitions()
        return self._made(definitions, *self._taught(definitions))

    def fingerprint(self, definitions: Definitions) -> str:
        """32 hex digits over everything but the items that inferences depend on."""
        return self._taught(definitions)[0]

    def fingerprint_unless_learning(self, definitions: Definitions) -> str | None:
        """The same, None where the tagger would first have to learn; nothing is learnt."""
        if self.lesson_state(definitions).freshness is not Freshness.FRESH:
            return None
        return self.fingerprint(definitions)

    def lesson_state(self, definitions: Definitions) -> IndexState:
        """Whether the tagger is taught, by how much and with what success; nothing is learnt."""
        if self._lessons is None:
            return IndexState(Freshness.FRESH, "只按定义标注 / by definitions alone")
        return self._lessons.state(self._untaught(definitions), definitions)

    def of(self, items: Sequence[Item]) -> dict[str, ItemTags]:
        """What is known of items by id; what was not inferred yet is inferred and kept.

        Args:
            items: All needs, all achievements or all organisations: ids of two kinds may
                be alike.
        """
        if not items:
            return {}
        kind = kind_of(items[0])
        definitions = self.definitions()
        fingerprint, learned = self._taught(definitions)
        wanted = [item.id for item in items] if len(items) <= _ALL_ABOVE else None
        with session_scope(self._engine, write=False) as session:
            said = TagRepository(session).said(kind, wanted)
            stored = TagRepository(session).inferred(kind, wanted)
        digests = {item.id: digest(item) for item in items}
        stale = [i for i in items if not _is_fresh(stored.get(i.id), fingerprint, digests[i.id])]
        inferred = {item_id: inference.tags for item_id, inference in stored.items()}
        if stale:
            new = infer(
                stale,
                said,
                definitions,
                tagger=self._made(definitions, fingerprint, learned),
                encoder=self._encoder(),
            )
            self._keep(kind, new, digests, fingerprint)
            inferred |= new
        return {item.id: ItemTags(said.get(item.id), inferred[item.id]) for item in items}

    def in_force(self, items: Sequence[Item]) -> dict[str, tuple[Tag, ...]]:
        """The tags in force of items by id."""
        return {item_id: found.tags for item_id, found in self.of(items).items()}

    def for_review(self) -> list[Review]:
        """Everything that points at a chain or segment that is gone, by kind and id."""
        definitions = self.definitions()
        found: list[Review] = []
        with session_scope(self._engine, write=False) as session:
            for kind, repository in REPOSITORIES.items():
                said = TagRepository(session).said(kind)
                lost: dict[str, tuple[tuple[str, ...], str | None]] = {
                    i: (gone, word.who)
                    for i, word in said.items()
                    if (gone := definitions.gone(word.tags))
                }
                declared = repository(session).declared_outside(definitions.ids)
                for item_id, named in declared.items():
                    gone = tuple(c for c in named if definitions.today(c) not in definitions.ids)
                    if gone and item_id not in said:
                        lost[item_id] = gone, None
                records = repository(session).get_many(sorted(lost))
                found += [
                    Review(kind, i, searchable(record).title, *lost[i])
                    for i, record in records.items()
                ]
        return found

    def of_query(self, query: Query) -> tuple[Tag, ...]:
        """The tags in force of a posting that asks, or those of free text."""
        if isinstance(query.posting, Need | Achievement):
            return self.in_force([query.posting])[query.posting.id]
        document = Document(id=query.id, title=query.title, text=query.text)
        return self.tagger().tag([document])[0]

    def _untaught(self, definitions: Definitions) -> str:
        """Fingerprint of the tagger that knows the definitions alone."""
        return _digest(
            _VERSION,
            definitions.fingerprint,
            repr(reference.outside_fields()),
            repr(TagConfig()),
            self._encoder().fingerprint,
        )

    def _taught(self, definitions: Definitions) -> tuple[str, Learned | None]:
        """Fingerprint of the tagger in use, and what it has learned."""
        untaught = self._untaught(definitions)
        if self._lessons is None:
            return untaught, None
        saved = self._lessons.of(
            untaught, definitions, lambda: city_tagger(definitions.chains, self._encoder())
        )
        if saved is None or saved.lesson.learned is None:
            return untaught, None
        return _digest(untaught, saved.made_from), saved.lesson.learned

    def _made(
        self, definitions: Definitions, fingerprint: str, learned: Learned | None
    ) -> ChainTagger:
        with self._lock:
            if fingerprint not in self._taggers:
                made = city_tagger(definitions.chains, self._encoder()).with_learned(learned)
                # one is enough: chains have changed, or something was learnt
                self._taggers = {fingerprint: made}
            return self._taggers[fingerprint]

    def _keep(
        self,
        kind: NodeKind,
        tags: Mapping[str, Sequence[Tag]],
        digests: Mapping[str, str],
        tagger: str,
    ) -> None:
        """Store inferences; whoever asked never fails or waits long because of this."""
        try:
            with session_scope(self._recorder) as session:
                TagRepository(session).keep_inferred(kind, tags, digests=digests, tagger=tagger)
        except StoreError as problem:
            self._notify(f"产业链标注未留存 / chain tags were not kept: {problem}")


def kind_of(item: Item) -> NodeKind:
    """The kind under which an item's tags are stored."""
    kinds = {Need: NodeKind.NEED, Achievement: NodeKind.ACHIEVEMENT}
    return kinds.get(type(item), NodeKind.ORGANIZATION)


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _is_fresh(inference: Inference | None, tagger: str, made_of: str) -> bool:
    return inference is not None and (inference.tagger, inference.digest) == (tagger, made_of)
