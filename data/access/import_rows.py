"""What becomes of each row of a file, for one actor: the same for a dry run and in earnest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import insert
from sqlalchemy.orm import Session

from data.access.masks import MaskStore
from data.access.trail import Trail
from data.importers.absent import keep_absent
from data.importers.fields import FIELDS
from data.importers.names import organization_from_name
from data.importers.organizations import resolve, take_over, under_stored_ids
from data.importers.problems import Advice
from data.importers.rows import Kind
from data.policy.actor import Actor, Role
from data.policy.decide import decide, require
from data.policy.operation import Operation
from data.policy.subject import Subject, subject_of
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.rows import digest
from data.tables import PostingEventRow
from matcher.types import (
    OPEN,
    Achievement,
    Need,
    Organization,
    OrganizationKind,
    Status,
    Visibility,
)

Row = TypeVar("Row", bound=Need | Achievement | Organization)

_STAFF = (Role.ENTERPRISE, Role.UNIVERSITY)
_BEGINNINGS = (Status.DRAFT, Status.SUBMITTED, Status.PUBLISHED)
_LINE, _PROSE, _LIST = 500, 100_000, 100  # as long as the same fields of the REST interface


class Fate(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sorted(Generic[Row]):
    """One row with its fate.

    Attributes:
        item: As it would be stored.
        id: The id that the row gives.
        column: Heading of the column at fault, for a refused row.
        advice: What would be right, for a refused row.
    """

    item: Row
    id: str
    fate: Fate
    column: str | None = None
    advice: Advice | None = None


class ImportRows:
    """Rows of one file for one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self._session = session
        self._actor = actor
        self._trail = trail

    def sort(self, kind: Kind, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The fate of each item; nothing is written.

        Args:
            kind: Needs, achievements or organisations.
            items: As read; a posting's organisation is an id, a name, or None.
            absent: Names of the fields that the file has no column for.
        """
        if kind is Kind.ORGANIZATIONS:
            return self._organizations(items, absent)
        return self._postings(kind, items, absent)

    def store(self, kind: Kind, items: Sequence[Any], absent: frozenset[str]) -> list[Sorted[Any]]:
        """The same, and the good ones stored."""
        if kind is not Kind.ORGANIZATIONS and self._actor.role not in _STAFF:
            # whom the office names and nobody knows is stored first, as its own record
            self._registered(kind, [item.organization for item in items if item.organization])
        fates = self.sort(kind, items, absent)
        written = [one for one in fates if one.fate in (Fate.ADDED, Fate.CHANGED)]
        self._repository(kind).upsert_many(one.item for one in written)
        if kind is Kind.ORGANIZATIONS:
            take_over(self._session, [one.item for one in written])
        else:
            self._happened(kind, written)
        for one in written:
            operation = Operation(f"{_name(kind)}.{_verb(one)}")
            self._trail.note(operation, _name(kind), one.item.id)
        return fates

    def organization_of(self, need: Need) -> str | None:
        """Whose need it becomes: the actor's own organisation's; the office names one."""
        if self._is_staff or need.organization is None:
            return self._actor.organization
        return self._registered(Kind.NEEDS, [need.organization])[need.organization]

    def _organizations(
        self, items: Sequence[Organization], absent: frozenset[str]
    ) -> list[Sorted[Organization]]:
        repository = OrganizationRepository(self._session)
        named = under_stored_ids(self._session, items)
        known = repository.get_many(item.id for item in named)
        found = []
        for row, item in zip(items, keep_absent(repository, named, absent), strict=True):
            stored = known.get(item.id)
            owners = Subject(owners=frozenset({item.id}))
            if stored is None:
                allowed = decide(self._actor, Operation.ORGANIZATION_CREATE)
            else:
                allowed = decide(self._actor, Operation.ORGANIZATION_UPDATE, owners)
            if allowed is None:
                column = _label(Kind.ORGANIZATIONS, "name")
                found.append(Sorted(item, row.id, Fate.REFUSED, column, _NOT_YOUR_ORGANIZATION))
            else:
                found.append(self._weighed(item, row.id, stored, Kind.ORGANIZATIONS))
        return found

    def _postings(
        self, kind: Kind, items: Sequence[Any], absent: frozenset[str]
    ) -> list[Sorted[Any]]:
        repository = self._repository(kind)
        stored = repository.get_many(item.id for item in items)
        kept = keep_absent(repository, items, absent)
        ids = self._ids_of(kept, _otherwise(kind))
        masks = MaskStore(self._session, _name(kind)).of(
            [item.id for item in items if item.visibility is Visibility.MASKED]
        )
        approved = {key for key, mask in masks.items() if mask.approved_at is not None}
        return [self._posting(kind, item, stored.get(item.id), ids, approved) for item in kept]

    def _posting(
        self, kind: Kind, item: Any, stored: Any, ids: dict[str, str], approved: set[str]
    ) -> Sorted[Any]:
        def refused(name: str, advice: Advice) -> Sorted[Any]:
            return Sorted(item, item.id, Fate.REFUSED, _label(kind, name), advice)

        named = item.organization
        organization = ids.get(named, named) if named else self._actor.organization
        if stored is not None:
            if not self._may(kind, "update", stored):
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
            if not self._may(kind, "create", changed):
                return refused("id", _NOT_ALLOWED)
            if changed.status not in _BEGINNINGS:
                return refused("status", _NO_BEGINNING)
        hidden = changed.visibility is Visibility.MASKED and changed.status in OPEN
        if hidden and item.id not in approved:
            return refused("visibility", _NO_MASK)
        return self._weighed(changed, item.id, stored, kind)

    @staticmethod
    def _weighed(item: Any, row_id: str, stored: Any, kind: Kind) -> Sorted[Any]:
        long = next((n for n in _texts(item) if _too_long(getattr(item, n), n)), None)
        if long is not None:
            return Sorted(item, row_id, Fate.REFUSED, _label(kind, long), _TOO_LONG)
        if stored is None:
            return Sorted(item, row_id, Fate.ADDED)
        same = digest(stored) == digest(item)
        return Sorted(item, row_id, Fate.UNCHANGED if same else Fate.CHANGED)

    def _beginning(self, item: Any) -> Status:
        if self._is_staff:
            return Status.DRAFT if item.status is Status.DRAFT else Status.SUBMITTED
        return cast(Status, item.status)

    def _ids_of(self, items: Iterable[Any], otherwise: OrganizationKind) -> dict[str, str]:
        """Ids of organisations as written; an unknown one has the id that it would get."""
        repository = OrganizationRepository(self._session)
        named = sorted({item.organization for item in items if item.organization})
        known = repository.get_many(named)
        by_name = repository.ids_by_name([name for name in named if name not in known])
        ids = {}
        for name in named:
            if name in known:
                ids[name] = name
            elif name in by_name:
                # of namesakes one's own is meant
                mine = self._actor.organization
                ids[name] = mine if mine in by_name[name] else by_name[name][0]
            else:
                ids[name] = organization_from_name(name, otherwise=otherwise).id
        return ids

    def _registered(self, kind: Kind, named: Sequence[str]) -> dict[str, str]:
        """Ids of organisations as written; those that nobody knows are stored."""
        ids, added = resolve(self._session, named, otherwise=_otherwise(kind))
        for organization in added:
            require(self._actor, Operation.ORGANIZATION_CREATE)
            self._trail.note(Operation.ORGANIZATION_CREATE, "organization", organization.id)
        return ids

    def _happened(self, kind: Kind, written: Sequence[Sorted[Any]]) -> None:
        if not written:
            return
        now = datetime.now(UTC)
        self._session.execute(
            insert(PostingEventRow),
            [
                {
                    "kind": _name(kind),
                    "posting": one.item.id,
                    "at": now,
                    "who": self._actor.id,
                    "step": _verb(one),
                    "status": one.item.status.value,
                    "reason": "",
                }
                for one in written
            ],
        )

    @property
    def _is_staff(self) -> bool:
        return self._actor.role in _STAFF

    def _owns(self, posting: Any) -> bool:
        return self._is_staff and posting.organization == self._actor.organization

    def _may(self, kind: Kind, verb: str, posting: Any) -> bool:
        operation = Operation(f"{_name(kind)}.{verb}")
        return decide(self._actor, operation, subject_of(posting)) is not None

    def _repository(self, kind: Kind) -> Any:
        return _REPOSITORIES[kind](self._session)


_REPOSITORIES: dict[Kind, Any] = {
    Kind.NEEDS: NeedRepository,
    Kind.ACHIEVEMENTS: AchievementRepository,
    Kind.ORGANIZATIONS: OrganizationRepository,
}
_TYPES = {Need: Kind.NEEDS, Achievement: Kind.ACHIEVEMENTS, Organization: Kind.ORGANIZATIONS}
_NAMES = {Kind.NEEDS: "need", Kind.ACHIEVEMENTS: "achievement", Kind.ORGANIZATIONS: "organization"}


def _name(kind: Kind) -> str:
    return _NAMES[kind]


def _verb(one: Sorted[Any]) -> str:
    return "create" if one.fate is Fate.ADDED else "update"


def _otherwise(kind: Kind) -> OrganizationKind:
    return OrganizationKind.ENTERPRISE if kind is Kind.NEEDS else OrganizationKind.UNIVERSITY


def _label(kind: Kind, name: str) -> str:
    return next(field.label for field in FIELDS[kind] if field.name == name)


def _texts(item: Any) -> list[str]:
    """Names of the fields that hold text, or lists of it."""
    names = [field.name for field in FIELDS[_TYPES[type(item)]]]
    return [name for name in names if isinstance(getattr(item, name), (str, tuple))]


def _too_long(value: str | tuple[str, ...], name: str) -> bool:
    if isinstance(value, str):
        return len(value) > (_PROSE if name == "text" else _LINE)
    return len(value) > _LIST or any(len(part) > _LINE for part in value)


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
_NO_MASK = Advice(
    "脱敏发布需先确认脱敏摘要；请把状态写为草稿，导入后填写摘要再发布",
    "a masked posting needs an approved summary first; import it as a draft, then write one",
)
_NOT_YOUR_ORGANIZATION = Advice(
    "只能更新本单位的资料", "only the record of your own organisation can be updated"
)
_TOO_LONG = Advice(
    f"过长：单行文字最多 {_LINE} 字，正文最多 {_PROSE} 字，每列最多 {_LIST} 项",
    f"too long: a line has at most {_LINE} characters, a text {_PROSE}, a list {_LIST} items",
)
