"""Precedents in words: when a match like this one was judged, on what, and which level."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from data.decisions import DecisionRepository
from data.repositories import AchievementRepository, NeedRepository
from matcher.judgement import judgements
from matcher.match import Match
from matcher.measured_pairs import PairId
from matcher.precedents import Cited
from matcher.types import Filter, Posting, Visibility

CLOSE_PRECEDENT: Final = 0.25
"""Likeness from which a judged match is named as a reason; 1 is the very match."""

TITLE_CHARS: Final = 40
"""Of a title that is quoted within a line."""

_SHOWN = Filter(visibilities=(Visibility.PUBLIC,))
"""Whose titles may stand in any list: published and public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedItem:
    """One side of a judged match.

    Attributes:
        same: Whether it is the very item that asks, or is listed.
        id: None where it is another one that is not public, or gone.
        title: The same.
    """

    same: bool
    id: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedMatch:
    """A judged match that a listed one resembles, as far as everybody may see it.

    Attributes:
        level: From 1 to 4; 2.5 where brokers differ.
        judged_on: Day of the last decision that it rests on, in this machine's time zone;
            None where the decisions are gone.
        likeness: In (0, 1]; 1 for the very match.
    """

    need: CitedItem
    achievement: CitedItem
    level: float
    judged_on: date | None
    likeness: float

    @property
    def close(self) -> bool:
        """Whether it is alike enough to be a reason."""
        return self.likeness >= CLOSE_PRECEDENT

    @property
    def zh(self) -> str:
        """One line in Chinese."""
        day = f"{self.judged_on} " if self.judged_on else ""
        if self.need.same and self.achievement.same:
            return f"先例：{day}此匹配已判为 {self.level:g} 级"
        need = "" if self.need.same else _named("需求", self.need) + "与"
        achievement = "本成果" if self.achievement.same else _named("成果", self.achievement)
        return f"相近先例：{day}对{need}{achievement}判为 {self.level:g} 级"

    @property
    def en(self) -> str:
        """The same in English, without titles."""
        day = f" on {self.judged_on}" if self.judged_on else ""
        if self.need.same and self.achievement.same:
            return f"this match was judged level {self.level:g}{day}"
        return f"like a match judged level {self.level:g}{day}"


def cited_matches(
    session: Session, query_id: str, matches: Sequence[Match]
) -> dict[str, CitedMatch]:
    """The precedents of a list, by document id; matches without one are left out."""
    cited = {m.document_id: m.precedent for m in matches if m.precedent is not None}
    pairs = {(c.precedent.query_id, c.precedent.document_id) for c in cited.values()}
    days = _days(session, pairs)
    needs = NeedRepository(session).get_many(sorted({need for need, _ in pairs}))
    achievements = AchievementRepository(session).get_many(sorted({one for _, one in pairs}))

    def told(document_id: str, found: Cited) -> CitedMatch:
        need_id, judged_id = found.precedent.query_id, found.precedent.document_id
        return CitedMatch(
            need=_item(need_id, needs.get(need_id), same=need_id == query_id),
            achievement=_item(
                judged_id, achievements.get(judged_id), same=judged_id == document_id
            ),
            level=found.precedent.level,
            judged_on=days.get((need_id, judged_id)),
            likeness=found.likeness,
        )

    return {document_id: told(document_id, found) for document_id, found in cited.items()}


def _days(session: Session, pairs: Collection[PairId]) -> dict[PairId, date]:
    """When each pair was judged: the last decision that counts."""
    judged: dict[str, set[str]] = {}
    for need_id, achievement_id in pairs:
        judged.setdefault(need_id, set()).add(achievement_id)
    decisions = DecisionRepository(session)
    return {
        (one.query_id, one.document_id): one.made_at.astimezone().date()
        for need_id, ids in judged.items()
        for one in judgements(
            decisions.of_query(need_id), needs={need_id}, achievements=ids
        ).used  # the oldest first
    }


def _item(item_id: str, stored: Posting | None, *, same: bool) -> CitedItem:
    if stored is None or not (same or _SHOWN.accepts(stored)):
        return CitedItem(same=same, id=item_id if same else None, title=None)
    return CitedItem(same=same, id=item_id, title=stored.title)


def _named(kind: str, item: CitedItem) -> str:
    if item.title is None:
        return f"另一{kind}"
    cut = item.title[:TITLE_CHARS] + ("…" if len(item.title) > TITLE_CHARS else "")
    return f"{kind}「{cut}」"
