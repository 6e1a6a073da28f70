"""Who could be asked to a panel: the people and organisations behind a match list."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import networkx as nx

from matcher.match import Match, MatchList
from matcher.pairing.panel_types import Candidate, Proof
from matcher.types import Achievement

RELATED = 0.25
"""P(level ≥ 3) from which what an achievement says counts: in the sample city those below share
a figure or a word with the need (“thickness”, “ternary cell”) and are about something else."""


class Unit(StrEnum):
    """What has one seat in a panel.

    ``GROUP``: people of one organisation who share achievements; an organisation's achievements
    without names are one group. ``EXPERT``: every named person.
    """

    ORGANIZATION = "organization"
    GROUP = "group"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A unit before what it can do is known.

    Attributes:
        people: Named on its achievements; none for an organisation as such.
        achievements: Ids, in the order given.
    """

    id: str
    organization: str | None
    people: tuple[str, ...]
    achievements: tuple[str, ...]


def units(achievements: Iterable[Achievement], by: Unit) -> list[Unnamed]:
    """Everybody behind some achievements, in their order.

    An achievement of no organisation stands for itself.
    """
    found: dict[tuple[str, str], list[Achievement]] = {}
    listed = list(achievements)
    key = _keys(listed, by)
    for achievement in listed:
        for unit in key(achievement):
            found.setdefault(unit, []).append(achievement)
    return [_unit(name, theirs, by) for name, theirs in found.items()]


def candidates(
    matches: MatchList,
    found: Sequence[Unnamed],
    *,
    name: Callable[[Unnamed], str],
    load: Mapping[str, int],
    barred: Mapping[str, str],
) -> list[Candidate]:
    """The units with what their achievements answer, in the order of the match list.

    Args:
        matches: A need's match list; what is hardly related counts as no match (``RELATED``).
        found: Everybody who could be asked; those without a match are left out.
        name: What people call a unit.
        load: Needs that units work on already, by unit id; 0 for others.
        barred: Why units must not be asked, by unit id.
    """
    related = (m for m in matches.matches if m.fair is None or m.fair >= RELATED)
    by_id = {match.document_id: match for match in related}
    matched = [
        (unit, sorted((by_id[a] for a in unit.achievements if a in by_id), key=lambda m: m.rank))
        for unit in found
    ]
    matched = [(unit, theirs) for unit, theirs in matched if theirs]
    matched.sort(key=lambda one: one[1][0].rank)
    return [
        Candidate(
            id=unit.id,
            name=name(unit),
            organization=unit.organization,
            fit=max(_fit(match, matches) for match in theirs),
            proofs=_proofs(theirs),
            load=load.get(unit.id, 0),
            barred=barred.get(unit.id, ""),
        )
        for unit, theirs in matched
    ]


def _fit(match: Match, matches: MatchList) -> float:
    """P(level ≥ 3), or without a ranker the place in the list."""
    return match.fair if match.fair is not None else 1 - (match.rank - 1) / len(matches.matches)


def _proofs(matches: Sequence[Match]) -> tuple[Proof, ...]:
    best: dict[int, Proof] = {}
    for match in matches:
        for answer in match.answers:
            if answer.sentence is None:
                continue
            proof = Proof(
                answer.requirement, match.document_id, answer.sentence, answer.met, answer.strength
            )
            known = best.get(proof.requirement)
            if known is None or (proof.met, proof.strength) > (known.met, known.strength):
                best[proof.requirement] = proof
    return tuple(best[requirement] for requirement in sorted(best))


def _keys(
    achievements: Sequence[Achievement], by: Unit
) -> Callable[[Achievement], Iterator[tuple[str, str]]]:
    """Of an achievement the (owner, name) of each unit behind it."""
    together = nx.Graph()
    if by is Unit.GROUP:
        for achievement in achievements:
            people = [(_owner(achievement), person) for person in achievement.team]
            nx.add_path(together, people)
    first = {person: min(group) for group in nx.connected_components(together) for person in group}

    def keys(achievement: Achievement) -> Iterator[tuple[str, str]]:
        owner = _owner(achievement)
        people = [] if by is Unit.ORGANIZATION else list(dict.fromkeys(achievement.team))
        if not people:
            yield owner, ""
        elif by is Unit.EXPERT:
            yield from ((owner, person) for person in people)
        else:
            yield first[owner, people[0]]

    return keys


def _owner(achievement: Achievement) -> str:
    return achievement.organization or achievement.id


def _unit(key: tuple[str, str], theirs: Sequence[Achievement], by: Unit) -> Unnamed:
    owner, person = key
    people = dict.fromkeys(p for a in theirs for p in a.team)
    return Unnamed(
        id=f"{owner}/{person}" if person else owner,
        organization=theirs[0].organization,
        people=() if not person else (person,) if by is Unit.EXPERT else tuple(people),
        achievements=tuple(a.id for a in theirs),
    )
