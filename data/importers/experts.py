"""Joins the experts of a file with those who are listed.

A row is about the expert of its id; a row without an id, about the one of that name at its
organisation. A number that somebody gives an expert takes the place of an id that the program
had made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from data.expert import EMPLOYERS, Expert
from data.experts import ExpertRepository
from data.importers.expert_fields import expert_id, is_made_up, is_numbered
from data.importers.organizations import look_up
from data.importers.problems import Advice
from data.repositories import OrganizationRepository
from matcher.types import Organization, OrganizationKind

_SHOWN = 3


class Unplaced(Exception):
    """A row that cannot be said to be about any one expert.

    Attributes:
        field: Name of the field at fault.
        advice: What would be right.
    """

    def __init__(self, field: str, advice: Advice) -> None:
        super().__init__(advice.en)
        self.field = field
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Placed:
    """Whom a row is about.

    Attributes:
        expert: As the row would have the expert stored.
        listed: As the expert stands now; None for somebody new.
    """

    expert: Expert
    listed: Expert | None

    @property
    def changes(self) -> bool:
        """Whether storing it would alter anything."""
        return self.listed is None or self.listed.etag != self.expert.etag


class Roster:
    """Experts as they stand while rows of a file are gone through, one after the other.

    Args:
        session: The transaction.
        rows: As read; an organisation is an id, a name, or empty.
        absent: Names of the fields that the file has no column for; they stay as stored.
        own: Id of the organisation that is meant where a row names none, if any.
    """

    def __init__(
        self,
        session: Session,
        rows: Sequence[Expert],
        absent: frozenset[str],
        *,
        own: str | None = None,
    ) -> None:
        self._organizations = OrganizationRepository(session)
        self._experts = ExpertRepository(session)
        self._absent = absent - {"id", "organization"}
        self._own = own
        named = {row.organization or own for row in rows} - {None, ""}
        self._homes, self._unknown = look_up(
            session, map(str, named), otherwise=OrganizationKind.UNIVERSITY, own=own
        )
        self._listed: dict[str, Expert] = {}
        self._namesakes: dict[tuple[str, str], dict[str, Expert]] = {}
        self._stored_as: dict[str, str] = {}
        self._touched: dict[str, Expert] = {}
        for expert in self._read(rows):
            self._put(expert)
            self._stored_as[expert.id] = expert.id

    def place(self, row: Expert) -> Placed:
        """Whom a row is about; nothing is altered.

        Raises:
            Unplaced: no university or institute is named, the id is of an expert elsewhere,
                or there are several of this name.
        """
        home = self._home(row)
        listed = self._find(row, home)
        numbered = is_numbered(row)
        if listed is not None:
            if home is not None and home.id != listed.organization:
                raise Unplaced("id", _ELSEWHERE)
            kept = {name: getattr(listed, name) for name in self._absent}
            own_id = row.id if numbered else listed.id
            return Placed(replace(row, **kept, id=own_id, organization=listed.organization), listed)
        if home is None:
            raise Unplaced("organization", _NO_ORGANIZATION)
        if home.kind not in EMPLOYERS:
            raise Unplaced("organization", _NO_EMPLOYER)
        own_id = row.id if numbered else expert_id(home.id, row.name)
        return Placed(replace(row, id=own_id, organization=home.id), None)

    def take(self, placed: Placed) -> None:
        """Goes on as if this were stored."""
        expert, listed = placed.expert, placed.listed
        if listed is not None:
            del self._listed[listed.id], self._namesakes[_pair(listed)][listed.id]
            self._touched.pop(listed.id, None)
            if listed.id in self._stored_as:
                self._stored_as[expert.id] = self._stored_as.pop(listed.id)
        self._put(expert)
        self._touched[expert.id] = expert

    def new_organizations(self) -> list[Organization]:
        """Those that nobody knew and that somebody taken is at."""
        homes = {expert.organization for expert in self._touched.values()}
        return [organization for organization in self._unknown if organization.id in homes]

    def store(self) -> None:
        """Writes what was taken, and the organisations that are new with it."""
        self._organizations.upsert_many(self.new_organizations())
        before = self._stored_as
        self._experts.change_many({before[i]: e for i, e in self._touched.items() if i in before})
        self._experts.add_many(e for i, e in self._touched.items() if i not in before)

    def _read(self, rows: Sequence[Expert]) -> list[Expert]:
        made_up = [
            expert_id(home.id, row.name) for row in rows if (home := self._home(row)) is not None
        ]
        homes = sorted({home.id for home in self._homes.values()})
        found = self._experts.get_many(sorted({*(row.id for row in rows), *made_up}))
        namesakes = self._experts.named(sorted({row.name for row in rows}), at=homes)
        return list((found | {expert.id: expert for expert in namesakes}).values())

    def _put(self, expert: Expert) -> None:
        self._listed[expert.id] = expert
        self._namesakes.setdefault(_pair(expert), {})[expert.id] = expert

    def _home(self, row: Expert) -> Organization | None:
        return self._homes.get(row.organization or self._own or "")

    def _find(self, row: Expert, home: Organization | None) -> Expert | None:
        numbered = is_numbered(row)
        if numbered and row.id in self._listed:
            return self._listed[row.id]
        if home is None:
            return None
        namesakes = self._namesakes.get((home.id, row.name), {})
        # somebody who has another number is another person
        same = [one for one in namesakes.values() if not numbered or is_made_up(one.id)]
        if len(same) > 1:
            raise Unplaced("name", _several(sorted(one.id for one in same)))
        if same:
            return same[0]
        return None if numbered else self._listed.get(expert_id(home.id, row.name))


def _pair(expert: Expert) -> tuple[str, str]:
    return expert.organization, expert.name


def _several(ids: Sequence[str]) -> Advice:
    more = "…" if len(ids) > _SHOWN else ""
    shown = f"{'、'.join(ids[:_SHOWN])}{more}"
    return Advice(
        f"该单位有多位同名专家，请在“专家编号”列写明是哪一位：{shown}",
        f"several experts there bear this name; say which by the id: {shown}",
    )


_ELSEWHERE = Advice(
    "此编号是另一单位的专家；请改用自己的编号，或改正单位",
    "this id is an expert's of another organisation; use an id of your own, or name that one",
)
_NO_ORGANIZATION = Advice("请填写专家所在单位", "name the expert's organisation")
_NO_EMPLOYER = Advice(
    "只有高校和科研院所登记专家；请填写其名称或编号",
    "experts are at universities and institutes; write the name or id of one",
)
