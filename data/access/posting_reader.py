"""Needs and achievements as one person may see them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from data.access.clause import NO_LONGER_IN_CHARGE, across
from data.access.masks import Mask, MaskStore, public_face
from data.access.remit import chains_of_each
from data.access.trail import Trail
from data.policy.actor import SIDES, Actor, Role
from data.policy.decide import decide, require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Party, Subject, View, parties, subject_of
from data.repositories import AchievementRepository, NeedRepository
from data.rows import digest
from data.tables import CaseRow
from matcher.types import Achievement, Need, Status, Visibility

Item = TypeVar("Item", bound=Need | Achievement)


@dataclass(frozen=True, slots=True)
class Seen(Generic[Item]):
    """A posting as one person may see it.

    Attributes:
        posting: The whole record, or its public face where only a summary may be seen.
        view: Which of the two.
        etag: Names the content that is seen; changes with it. Of a summary it tells nothing
            about the rest.
        owner: Whether the reader belongs to the organisation that posted it.
    """

    posting: Item
    view: View
    etag: str
    owner: bool


class PostingReader(Generic[Item]):
    """Reads one kind of posting for one actor in one transaction."""

    def __init__(self, kind: type[Item], session: Session, actor: Actor, trail: Trail) -> None:
        self.name = "need" if kind is Need else "achievement"
        self.kind = kind
        self._session = session
        self._actor = actor
        self._trail = trail
        self._masks = MaskStore(session, self.name)
        self._stored = cast(
            "Any", (NeedRepository if kind is Need else AchievementRepository)(session)
        )

    def get(self, posting_id: str) -> Seen[Item]:
        """The posting as far as the actor may see it.

        Raises:
            Unseen: there is none, or the actor may not see it.
        """
        posting, _ = self._known(posting_id)
        return self.seen([posting])[posting_id]

    def get_for(self, posting_id: str, operation: Operation) -> tuple[Seen[Item], Item]:
        """The posting as the actor sees it, and as it is stored, for something more than reading.

        Raises:
            Unseen: there is none, or the actor may not see it.
            Forbidden: he may see it, but not this.
        """
        posting, subject = self._known(posting_id)
        require(self._actor, operation, subject)
        return self.seen([posting])[posting_id], posting

    def get_many(self, posting_ids: Sequence[str]) -> dict[str, Seen[Item]]:
        """Those of these postings that the actor may see, in the order asked for."""
        found = self._stored.get_many(posting_ids)
        return self.seen(list(found.values()))

    def seen(self, postings: Sequence[Item]) -> dict[str, Seen[Item]]:
        """What the actor may see of stored postings."""
        told = {}
        for posting, subject, mask in self._readable(postings):
            told[posting.id] = self._faced(posting, subject, mask)
            if mask is None:
                self._note_read(posting, subject)
        return told

    def titles(self, posting_ids: Collection[str]) -> dict[str, str]:
        """Titles of those of these postings that the actor may see, as he sees them.

        No texts are fetched for it. A confidential title counts as read all the same, but
        for the broker in charge: that he knows it is on record since he took it up.
        """
        rows = self._stored.rows
        asked = (rows.id, rows.title, rows.organization, rows.visibility, rows.status, rows.county)
        named = select(*asked).where(rows.id.in_(posting_ids))
        found = self._session.execute(named).mappings()
        told = {}
        for posting, subject, mask in self._readable(list(map(self._without_text, found))):
            told[posting.id] = (mask or posting).title
            if mask is None and Party.HANDLER not in parties(self._actor, subject):
                self._note_read(posting, subject)
        return told

    def subject(self, posting: Item) -> Subject:
        """The posting as rules see it."""
        return self._subjects([posting])[0]

    def _without_text(self, row: RowMapping) -> Item:
        """As much of a posting as rules look at, and its title."""
        known = {"visibility": Visibility(row["visibility"]), "status": Status(row["status"])}
        return self.kind(**dict(row) | known, text="")

    def _known(self, posting_id: str) -> tuple[Item, Subject]:
        posting = self._stored.get(posting_id)
        if posting is None:
            raise Unseen(posting_id)
        for _, subject, _ in self._readable([posting]):
            return posting, subject
        raise Unseen(posting_id)

    def _readable(self, postings: Sequence[Item]) -> Iterator[tuple[Item, Subject, Mask | None]]:
        """What may be seen, with its mask where only that may be."""
        masks: dict[str, Mask] | None = None
        for posting, subject in zip(postings, self._subjects(postings), strict=True):
            view = decide(self._actor, self._operation("read"), subject)
            if view is View.FULL:
                yield posting, subject, None
            elif view is View.SUMMARY:
                if masks is None:
                    masks = self._masks.of([p.id for p in postings])
                mask = masks.get(posting.id)
                # otherwise nothing has been approved for others to see
                if mask is not None and mask.approved_at is not None:
                    yield posting, subject, mask

    def _subjects(self, postings: Sequence[Item]) -> list[Subject]:
        """The postings as rules see them; what rules ask of one role is looked up for that one."""
        ids = [posting.id for posting in postings]
        nobody: frozenset[str] = frozenset()
        chains: Mapping[str, frozenset[str]] = {}
        handlers: Mapping[str, frozenset[str]] = {}
        counterparties: Mapping[str, frozenset[str]] = {}
        if ids and self._actor.role is Role.BROKER:
            handlers = self._handlers(ids)
            if self._actor.chains:
                chains = chains_of_each(self._session, self._stored.rows, ids)
        elif ids and self._actor.role in SIDES:
            counterparties = self._counterparties(ids)
        return [
            subject_of(
                posting,
                chains=chains.get(posting.id, nobody),
                handlers=handlers.get(posting.id, nobody),
                counterparties=counterparties.get(posting.id, nobody),
            )
            for posting in postings
        ]

    def _handlers(self, posting_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """The brokers in charge of cases about postings."""
        column = CaseRow.need if self.kind is Need else CaseRow.achievement
        in_charge = select(column, CaseRow.broker).where(
            column.in_(posting_ids), CaseRow.stage != NO_LONGER_IN_CHARGE
        )
        found: dict[str, frozenset[str]] = {}
        for posting_id, broker in self._session.execute(in_charge):
            found[posting_id] = found.get(posting_id, frozenset()) | {broker}
        return found

    def _counterparties(self, posting_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """The actor's organisation, for postings on which it has a case from the other side."""
        rows, own = self._stored.rows, frozenset({str(self._actor.organization)})
        dealt_with = select(rows.id).where(rows.id.in_(posting_ids), across(self._actor, rows))
        return dict.fromkeys(self._session.scalars(dealt_with), own)

    def _faced(self, posting: Item, subject: Subject, mask: Mask | None) -> Seen[Item]:
        face = posting if mask is None else cast("Item", public_face(posting, mask))
        view = View.FULL if mask is None else View.SUMMARY
        owner = Party.OWNER in parties(self._actor, subject)
        return Seen(face, view, digest(face), owner)

    def _note_read(self, posting: Item, subject: Subject) -> None:
        """Notes who saw a confidential posting of somebody else in full."""
        known = posting.visibility is Visibility.PUBLIC or self._actor.role is Role.SYSTEM
        if not known and Party.OWNER not in parties(self._actor, subject):
            self._trail.note(self._operation("read"), self.name, posting.id)

    def _operation(self, verb: str) -> Operation:
        return Operation(f"{self.name}.{verb}")
