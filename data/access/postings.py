"""Needs and achievements as one person may change them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select

from data.access.errors import Changed, NeedsMask, NotAcceptable, ReasonMissing
from data.access.masks import Mask
from data.access.places import check_places
from data.access.posting_news import tell
from data.access.posting_reader import Item, PostingReader, Seen
from data.match_lists import MatchListStore
from data.policy.actor import Role
from data.policy.decide import require
from data.policy.errors import Forbidden, Unseen
from data.policy.lifecycle import transition
from data.policy.operation import Operation
from data.policy.subject import discloses, parties, subject_of
from data.rows import digest
from data.tables import OrganizationRow, PostingEventRow
from data.versions import lock_version
from matcher.masking import Leak, leaks
from matcher.types import OPEN, Achievement, Status, Visibility

_OFFICE = (Role.OFFICE, Role.ADMINISTRATOR)
_EVENTS = cast(Table, PostingEventRow.__table__)


@dataclass(frozen=True, slots=True)
class PostingEvent:
    """One step in the life of a posting."""

    at: datetime
    who: str
    step: str
    status: Status
    reason: str


class Postings(PostingReader[Item]):
    """One kind of posting for one actor in one transaction.

    Writers queue for the data version before they look, so that of two who change a
    posting at once the second sees what the first has done.
    """

    def create(self, posting: Item) -> Seen[Item]:
        """Stores a new posting under a new id.

        Args:
            posting: Its id is not looked at. People of an organisation post for that one
                and start with a draft or by submitting it; the office may publish at once.

        Raises:
            Forbidden: the actor may not post this.
            NotAcceptable: it names an unknown chain, county or organisation.
            NeedsMask: it would be published masked without a summary.
        """
        subject = subject_of(posting)
        require(self._actor, self._operation("create"), subject)
        first = (Status.DRAFT, Status.SUBMITTED)
        if posting.status not in first and self._actor.role not in _OFFICE:
            raise Forbidden(Operation.STEP_PUBLISH)
        if posting.status not in (*first, Status.PUBLISHED):
            raise NotAcceptable(
                "status",
                f"新建时不能为 {posting.status}；请用 draft、submitted 或 published。"
                f" / a new posting cannot be {posting.status}; use draft, submitted or published",
            )
        fresh = replace(posting, id=f"{self.name[0]}-{uuid.uuid4().hex}")
        check_places(self._session, fresh)
        self._check_mask(fresh)
        self._store(fresh, "create")
        stored = self._stored.get(fresh.id)
        # whoever wrote every word of it may have a key that reads nothing
        return self._faced(stored, self.subject(stored), None)

    def update(self, posting_id: str, changes: Mapping[str, Any], *, expected: str) -> Seen[Item]:
        """Changes fields of a posting; its status has steps of its own.

        Args:
            posting_id: Which one.
            changes: New values by field name.
            expected: The etag that the actor read.

        Raises:
            Unseen: the actor may not see it.
            Forbidden: the actor may not change it, or give it to the public, or it has come to
                its end.
            Changed: somebody changed it in the meantime.
            NeedsMask: it is public now and would be masked without a summary.
        """
        lock_version(self._session)
        posting, subject = self._known(posting_id)
        require(self._actor, self._operation("update"), subject)
        if digest(posting) != expected:
            raise Changed(posting_id)
        changed = replace(posting, **{**changes, "updated_at": None})
        # nobody gives a posting away, or takes one
        if changed.organization != posting.organization:
            require(self._actor, self._operation("create"), subject_of(changed))
        if discloses(posting, changed):
            require(self._actor, self._operation("disclose"), subject)
        check_places(self._session, changed)
        self._check_mask(changed)
        self._store(changed, "update")
        return self.get(posting_id)

    def step(self, posting_id: str, step: Operation, reason: str = "") -> Seen[Item]:
        """Takes a step of the lifecycle.

        Raises:
            Unseen: the actor may not see the posting.
            Forbidden: the actor may not take this step.
            IllegalStep: it cannot be taken from where the posting stands.
            ReasonMissing: it asks for a reason, and none is given.
            NeedsMask: it would be published masked without a summary.
        """
        lock_version(self._session)
        posting, subject = self._known(posting_id)
        require(self._actor, step, subject)
        row = transition(posting, step)
        if not parties(self._actor, subject) & set(row.by):
            raise Forbidden(step)
        if row.reasoned and not reason.strip():
            raise ReasonMissing(step.removeprefix("step."))
        moved = replace(posting, status=row.target, updated_at=None)
        self._check_mask(moved)
        self._store(moved, step, reason)
        return self.get(posting_id)

    def events(self, posting_id: str) -> list[PostingEvent]:
        """The history of a posting, oldest first.

        Raises:
            Unseen: the actor may not see it.
            Forbidden: the actor sees no more than others do.
        """
        _, subject = self._known(posting_id)
        require(self._actor, self._operation("background"), subject)
        row = PostingEventRow
        statement = (
            select(row).where(row.kind == self.name, row.posting == posting_id).order_by(row.id)
        )
        return [
            PostingEvent(e.at, e.who, e.step, Status(e.status), e.reason)
            for e in self._session.scalars(statement)
        ]

    def mask(self, posting_id: str) -> tuple[Mask, tuple[Leak, ...]]:
        """The disguised face, and what it still gives away.

        Raises:
            Unseen: the actor may not see the posting, or none has been written.
            Forbidden: the actor sees no more than others do.
        """
        posting, subject = self._known(posting_id)
        require(self._actor, self._operation("background"), subject)
        mask = self._masks.of([posting.id]).get(posting.id)
        if mask is None:
            raise Unseen(f"{posting_id}/mask")
        return mask, self._leaks(posting, mask)

    def write_mask(
        self, posting_id: str, mask: Mask, *, approve: bool
    ) -> tuple[Mask, tuple[Leak, ...]]:
        """Stores the disguised face; others see it only once it is approved.

        What the check finds is told, not refused: the owner knows what may be known.

        Raises:
            Unseen: the actor may not see the posting.
            Forbidden: it is not the actor's.
            NeedsMask: the face of a published posting cannot go back to a draft.
        """
        lock_version(self._session)
        posting, subject = self._known(posting_id)
        require(self._actor, self._operation("mask"), subject)
        written = mask.approved(self._actor.id) if approve else mask
        shown = posting.visibility is Visibility.MASKED and posting.status in OPEN
        if shown and not approve:
            raise NeedsMask(posting_id)
        self._masks.put(posting_id, written)
        self._trail.note(self._operation("mask"), self.name, posting_id, approved=approve)
        return written, self._leaks(posting, written)

    def purge(self, posting_id: str) -> None:
        """Deletes a withdrawn posting with its history, for good; the audit remembers it.

        Raises:
            Unseen: the actor may not see it.
            Forbidden: the actor may not purge, or it is not withdrawn.
        """
        lock_version(self._session)
        _, subject = self._known(posting_id)
        require(self._actor, Operation.POSTING_PURGE, subject)
        self._stored.remove_many([posting_id])
        event = PostingEventRow
        self._session.execute(
            delete(event).where(event.kind == self.name, event.posting == posting_id)
        )
        MatchListStore(self._session).forget(posting_id)
        self._masks.remove(posting_id)
        self._trail.note(Operation.POSTING_PURGE, self.name, posting_id)

    def _store(self, posting: Item, step: str, reason: str = "") -> None:
        self._stored.upsert_many([posting])
        event = {
            "kind": self.name,
            "posting": posting.id,
            "at": datetime.now(UTC),
            "who": self._actor.id,
            "step": step,
            "status": posting.status.value,
            "reason": reason,
        }
        self._session.connection().execute(insert(_EVENTS), event)
        operation = Operation(step) if "." in step else self._operation(step)
        self._trail.note(operation, self.name, posting.id, status=posting.status.value)
        tell(self._session, self._stored.rows, posting, step)

    def _leaks(self, posting: Item, mask: Mask) -> tuple[Leak, ...]:
        firm = posting.organization and self._session.get(OrganizationRow, posting.organization)
        people = posting.team if isinstance(posting, Achievement) else ()
        return leaks(
            mask.title,
            mask.summary,
            organizations=[firm.name] if firm else [],
            persons=people,
            terms=mask.terms,
        )

    def _check_mask(self, posting: Item) -> None:
        if posting.visibility is not Visibility.MASKED or posting.status not in OPEN:
            return
        mask = self._masks.of([posting.id]).get(posting.id)
        if mask is None or mask.approved_at is None:
            raise NeedsMask(posting.id)
