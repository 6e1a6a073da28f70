"""Rows of a file that are needs or achievements."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import insert
from sqlalchemy.orm import Session

from data.access.fate import Fate, Sorted, weighed
from data.access.masks import MaskStore
from data.access.trail import Trail
from data.importers.absent import keep_absent
from data.importers.fields import label_of
from data.importers.organizations import look_up, resolve
from data.importers.problems import Advice
from data.importers.rows import Kind
from data.policy.actor import SIDES, Actor
from data.policy.decide import decide, require
from data.policy.operation import Operation
from data.policy.subject import discloses, subject_of
from data.repositories import AchievementRepository, NeedRepository
from data.tables import PostingEventRow
from matcher.types import OPEN, Achievement, Need, OrganizationKind, Status, Visibility

_BEGINNINGS = (Status.DRAFT, Status.SUBMITTED, Status.PUBLISHED)


class PostingRows:
    """What becomes of needs, or of achievements; see ``RowsOfKind``."""

    def __init__(
        self, kind: type[Need] | type[Achievement], session: Session, actor: Actor, trail: Trail
    ) -> None:
        asks = kind is Need
        self.name = "need" if asks else "achievement"
        self._kind = Kind.NEEDS if asks else Kind.ACHIEVEMENTS
        self._otherwise = OrganizationKind.ENTERPRISE if asks else OrganizationKind.UNIVERSITY
        self._repository = cast("Any", (NeedRepository if asks else AchievementRepository)(session))
        self._session = session
        self._actor = actor
        self._trail = trail

    def sort(self, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The fate of each; nothing is written."""
        stored = self._repository.get_many(item.id for item in items)
        kept = keep_absent(self._repository, items, absent)
        ids = self._ids_of(kept)
        masks = MaskStore(self._session, self.name).of(
            [item.id for item in items if item.visibility is Visibility.MASKED]
        )
        approved = {key for key, mask in masks.items() if mask.approved_at is not None}
        return [self._sorted(item, stored.get(item.id), ids, approved) for item in kept]

    def store(self, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The same, and the good ones stored."""
        if not self._is_staff:
            # whom the office names and nobody knows is stored first, as its own record
            self._registered([item.organization for item in items if item.organization])
        fates = self.sort(items, absent)
        written = [one for one in fates if one.written]
        self._repository.upsert_many(one.item for one in written)
        self._happened(written)
        return fates

    def organization_of(self, posting: Need | Achievement) -> str | None:
        """Whose it becomes: the actor's own organisation's; the office names one."""
        if self._is_staff or posting.organization is None:
            return self._actor.organization
        return self._registered([posting.organization])[posting.organization]

    def _sorted(
        self, item: Any, stored: Any, ids: dict[str, str], approved: set[str]
    ) -> Sorted[Any]:
        def refused(name: str, advice: Advice) -> Sorted[Any]:
            return Sorted(item, item.id, Fate.REFUSED, label_of(self._kind, name), advice)

        named = item.organization
        organization = ids.get(named, named) if named else self._actor.organization
        if stored is not None:
            if not self._may("update", stored):
                others = self._is_staff and not self._owns(stored)
                return refused("id", _TAKEN if others else _ENDED)
            # its life has steps of its own, and nobody gives a posting away by a file
            if named and organization != stored.organization and self._is_staff:
                return refused("organization", _NOT_YOURS)
            changed = replace(item, status=stored.status)
            if self._is_staff or not named:
                changed = replace(changed, organization=stored.organization)
            else:
                changed = replace(changed, organization=organization)
        else:
            if named and self._is_staff and organization != self._actor.organization:
                return refused("organization", _NOT_YOURS)
            changed = replace(item, organization=organization, status=self._beginning(item))
            if not self._may("create", changed):
                return refused("id", _NOT_ALLOWED)
            if changed.status not in _BEGINNINGS:
                return refused("status", _NO_BEGINNING)
        withheld = self._withheld(stored, changed, approved=item.id in approved)
        if withheld is not None:
            return refused("visibility", withheld)
        return weighed(self._kind, changed, item.id, stored)

    def _withheld(self, stored: Any, changed: Any, *, approved: bool) -> Advice | None:
        """Why it cannot be as visible as it would be."""
        masked = changed.visibility is Visibility.MASKED and changed.status in OPEN
        if masked and not approved:
            return _NO_MASK
        if stored is None or not discloses(stored, changed) or self._may("disclose", stored):
            return None
        return _NOT_DISCLOSED

    def _beginning(self, item: Any) -> Status:
        if self._is_staff:
            return Status.DRAFT if item.status is Status.DRAFT else Status.SUBMITTED
        return cast(Status, item.status)

    def _ids_of(self, items: Iterable[Any]) -> dict[str, str]:
        """Ids of organisations as written; an unknown one has the id that it would get."""
        found, _ = look_up(
            self._session,
            (item.organization for item in items if item.organization),
            otherwise=self._otherwise,
            own=self._actor.organization,
        )
        return {name: organization.id for name, organization in found.items()}

    def _registered(self, named: Sequence[str]) -> dict[str, str]:
        """Ids of organisations as written; those that nobody knows are stored."""
        ids, added = resolve(self._session, named, otherwise=self._otherwise)
        for organization in added:
            require(self._actor, Operation.ORGANIZATION_CREATE)
            self._trail.note(Operation.ORGANIZATION_CREATE, "organization", organization.id)
        return ids

    def _happened(self, written: Sequence[Sorted[Any]]) -> None:
        if not written:
            return
        now = datetime.now(UTC)
        self._session.execute(
            insert(PostingEventRow),
            [
                {
                    "kind": self.name,
                    "posting": one.item.id,
                    "at": now,
                    "who": self._actor.id,
                    "step": one.verb,
                    "status": one.item.status.value,
                    "reason": "",
                }
                for one in written
            ],
        )

    @property
    def _is_staff(self) -> bool:
        return self._actor.role in SIDES

    def _owns(self, posting: Any) -> bool:
        return self._is_staff and posting.organization == self._actor.organization

    def _may(self, verb: str, posting: Any) -> bool:
        operation = Operation(f"{self.name}.{verb}")
        return decide(self._actor, operation, subject_of(posting)) is not None


_TAKEN = Advice("此编号已被占用，请改用本单位自己的编号", "this id is taken; use an id of your own")
_ENDED = Advice(
    "该条目已结束（签约、关闭或撤回），不能再修改",
    "this posting has come to its end and cannot be changed any more",
)
_NOT_YOURS = Advice(
    "只能导入本单位的条目；请填写本单位名称，或留空",
    "only rows of your own organisation can be imported; write its name, or leave it empty",
)
_NOT_ALLOWED = Advice("当前账号不能发布这类条目", "this account may not post such rows")
_NO_BEGINNING = Advice(
    "新条目的状态只能是草稿、已提交或已发布；其余由流程产生",
    "a new row is a draft, submitted or published; later states come by themselves",
)
_NOT_DISCLOSED = Advice(
    "非公开条目只能由其所属单位改为公开",
    "only the organisation that a posting belongs to can make it public",
)
_NO_MASK = Advice(
    "脱敏发布需先确认脱敏摘要；请把状态写为草稿，导入后填写摘要再发布",
    "a masked posting needs an approved summary first; import it as a draft, then write one",
)
