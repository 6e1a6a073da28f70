"""A panel for one need: who is behind its match list, who must not be asked, who is busy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import product

from api.errors import ApiError
from api.service import MatchService
from data.decisions import DecisionRepository
from data.repositories import AchievementRepository
from data.session import session_scope
from matcher.decision import Verdict
from matcher.pairing.panel_types import Candidate, Conflict, Panel, TeamConfig
from matcher.pairing.panel_units import Unit, Unnamed, candidates, units
from matcher.pairing.team import choose_team
from matcher.types import OPEN, Achievement, Need

DEPTH = 60
"""Matches whose people are considered."""

PEOPLE_NAMED = 3
"""People named in the name of a group."""


class UnknownCandidate(ApiError):
    """A name that nobody behind the match list bears.

    Attributes:
        name: As given.
        nearest: Names that may have been meant.
    """

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        hint_zh = f"，是否指 {'、'.join(nearest)}" if nearest else ""
        hint_en = f"; did you mean {', '.join(nearest)}" if nearest else ""
        super().__init__(
            f"候选中没有 {name}{hint_zh}；可用单位、团队或专家的名称或编号。"
            f" / nobody among the candidates is called {name}{hint_en};"
            " name an organisation, a group or an expert, or give an id"
        )
        self.name = name
        self.nearest = tuple(nearest)


class LeadNotAvailable(ApiError):
    """Who is asked for as lead has nothing for the need, is excluded, or is too busy.

    Attributes:
        name: As given.
    """

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} 不能牵头：未出现在匹配清单中、已被排除或任务已满；请另选，或去掉 --lead。"
            f" / {name} cannot lead: not in the match list, excluded, or too busy;"
            " name somebody else, or leave --lead out"
        )
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamOptions:
    """What is decided before a panel is chosen.

    Attributes:
        by: What has a seat.
        exclude: Names or ids of those not to be asked.
        apart: Pairs of names or ids that must not meet.
        lead: Name or id of who must lead.
        config: How panels are weighed.
    """

    by: Unit = Unit.GROUP
    exclude: tuple[str, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    lead: str | None = None
    config: TeamConfig = field(default_factory=TeamConfig)


@dataclass(frozen=True, slots=True)
class TeamAnswer:
    """A panel for a need.

    Attributes:
        titles: Of the achievements that the panel's proofs come from, by id.
    """

    need: Need
    panel: Panel
    titles: Mapping[str, str]


def team_for(service: MatchService, need: Need, options: TeamOptions) -> TeamAnswer:
    """The panel that answers most of a need.

    Achievements that a broker rejected for this need do not count, and its own organisation is
    not asked. A candidate is busy with every other published need for which a broker accepted
    one of its achievements.

    Raises:
        EmptyQuery: the need has no words.
        LeadNotAvailable: the lead that is asked for cannot be.
        UnknownCandidate: a name in the options is nobody's.
    """
    matches = service.unshown(need, k=DEPTH)
    verdicts = _verdicts(service)
    kept = tuple(
        match
        for match in matches.matches
        if verdicts.get((need.id, match.document_id)) is not Verdict.REJECT
    )
    known = _of_their_organizations(service, [match.document_id for match in kept])
    everybody = units(known.values(), options.by)
    names = _Names(everybody, service.records.organization_names())
    barred = {
        unit.id: "需求方本单位 / the need's own organisation"
        for unit in everybody
        if unit.organization is not None and unit.organization == need.organization
    }
    for name in options.exclude:
        barred |= dict.fromkeys(names.ids(name), "按要求排除 / excluded as asked")
    able = candidates(
        replace(matches, matches=kept),
        everybody,
        name=names.label,
        load=_load(everybody, verdicts, service, need.id),
        barred=barred,
    )
    panel = choose_team(
        matches.requirements,
        able,
        conflicts=[
            Conflict(one, other)
            for first, second in options.apart
            for one, other in product(names.ids(first), names.ids(second))
        ],
        lead=None if options.lead is None else _lead(options, names, able),
        config=options.config,
    )
    used = {proof.achievement for member in panel.members for proof in member.proofs}
    return TeamAnswer(need, panel, {i: known[i].title for i in sorted(used)})


class _Names:
    """Finds units by what people call them."""

    def __init__(self, found: Sequence[Unnamed], organizations: Mapping[str, str]) -> None:
        self._organizations = organizations
        self._known: dict[str, list[str]] = {}
        for unit in found:
            organization = unit.organization or ""
            own = (unit.id, self.label(unit), *unit.people)
            for name in (*own, organization, organizations.get(organization, "")):
                self._known.setdefault(name, []).append(unit.id)

    def label(self, unit: Unnamed) -> str:
        """What people call a unit."""
        owner = self._organizations.get(unit.organization or "", unit.organization or unit.id)
        people = "、".join(unit.people[:PEOPLE_NAMED])
        more = "等" if len(unit.people) > PEOPLE_NAMED else ""
        return f"{owner} {people}{more}" if people else owner

    def ids(self, name: str) -> list[str]:
        """Units of this name; none for an organisation that is in no match.

        Raises:
            UnknownCandidate: nobody bears it.
        """
        if name in self._known:
            return self._known[name]
        if name in self._organizations or name in self._organizations.values():
            return []
        known = [known for known in self._known if known]
        within = [known_name for known_name in known if name and name in known_name]
        near = [*within, *get_close_matches(name, known, n=3)]
        raise UnknownCandidate(name, list(dict.fromkeys(near))[:3])


def _lead(options: TeamOptions, names: _Names, able: Sequence[Candidate]) -> str:
    """Of the units that are meant the one that stands first in the match list."""
    name = str(options.lead)
    meant, limit = names.ids(name), options.config.max_load
    for candidate in able:
        if candidate.id in meant and not candidate.barred and candidate.load < limit:
            return candidate.id
    raise LeadNotAvailable(name)


def _of_their_organizations(
    service: MatchService, achievement_ids: Sequence[str]
) -> dict[str, Achievement]:
    """Everything published by whoever stands behind some achievements, these first.

    People who share an achievement that is not in the list are one group all the same.
    """
    with session_scope(service.engine, write=False) as session:
        stored = AchievementRepository(session)
        found = stored.get_many(achievement_ids)
        owners = sorted({a.organization for a in found.values() if a.organization})
        theirs = stored.get_many([i for owner in owners for i in stored.of_organization(owner)])
    published = {i: a for i, a in theirs.items() if a.status in OPEN}
    return {i: found[i] for i in achievement_ids if i in found} | published


def _verdicts(service: MatchService) -> dict[tuple[str, str], Verdict]:
    """By need and achievement the last verdict."""
    with session_scope(service.engine, write=False) as session:
        decisions = DecisionRepository(session).all()
    return {(d.query_id, d.document_id): d.verdict for d in decisions if d.verdict is not None}


def _load(
    found: Sequence[Unnamed],
    verdicts: Mapping[tuple[str, str], Verdict],
    service: MatchService,
    need_id: str,
) -> dict[str, int]:
    """By unit the other published needs that it was accepted for."""
    published = {need.id for need in service.records.published_needs()} - {need_id}
    needs_of: dict[str, set[str]] = {}
    for (need, achievement), verdict in verdicts.items():
        if verdict is Verdict.ACCEPT and need in published:
            needs_of.setdefault(achievement, set()).add(need)
    return {
        unit.id: len(set().union(*(needs_of.get(a, ()) for a in unit.achievements)))
        for unit in found
    }
