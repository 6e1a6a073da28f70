"""Match lists as far as an actor may ask for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from data.access.posting_reader import PostingReader, Seen
from data.match_lists import KeptList, MatchListStore
from data.policy.actor import Actor
from data.policy.decide import decide
from data.policy.operation import Operation
from data.policy.subject import ANYTHING, View
from matcher.types import Achievement, Need


class Matches:
    """Match lists for one actor."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        needs: PostingReader[Need],
        achievements: PostingReader[Achievement],
    ) -> None:
        self._session = session
        self._actor = actor
        self._needs = needs
        self._achievements = achievements

    def of_need(self, need_id: str) -> tuple[Seen[Need], KeptList | None]:
        """The need as the actor sees it, and its list as it was made for everybody.

        What of the list may be shown follows from the first: ``api.redaction``.

        Raises:
            Unseen: the actor may not see the need.
            Forbidden: nor its list.
        """
        asked, _ = self._needs.get_for(need_id, Operation.NEED_MATCHES)
        return asked, MatchListStore(self._session).of(need_id)

    def of_achievement(self, achievement_id: str) -> tuple[Seen[Achievement], Achievement]:
        """The achievement as the actor sees it, and as it is matched.

        Raises:
            Unseen: the actor may not see it.
            Forbidden: nor its list.
        """
        return self._achievements.get_for(achievement_id, Operation.ACHIEVEMENT_MATCHES)

    def citable(self, matches: Sequence[Mapping[str, Any]]) -> frozenset[str]:
        """Listed postings whose precedent the actor may be told.

        A precedent is a decision, and names postings as they were when the list was made:
        the actor has to be one who may read decisions on that need, and to see what is
        named in full and under the same title.

        Args:
            matches: As ``api.answers.answer_as_json`` words them.
        """
        told = [match["precedent"] for match in matches if match["precedent"]]
        needs = self._needs.get_many(_named(told, "need"))
        achievements = self._achievements.get_many(_named(told, "achievement"))
        return frozenset(
            match["document_id"]
            for match in matches
            if (cited := match["precedent"])
            and self._may_read_of(cited["need"]["id"], needs)
            and _still_so(cited["need"], needs)
            and _still_so(cited["achievement"], achievements)
        )

    def _may_read_of(self, need_id: str | None, needs: Mapping[str, Seen[Need]]) -> bool:
        seen = needs.get(need_id) if need_id is not None else None
        subject = ANYTHING if seen is None else self._needs.subject(seen.posting)
        return decide(self._actor, Operation.DECISION_READ, subject) is not None


def _named(told: Sequence[Mapping[str, Any]], side: str) -> list[str]:
    return [cited[side]["id"] for cited in told if cited[side]["id"] is not None]


def _still_so(item: Mapping[str, Any], seen: Mapping[str, Seen[Any]]) -> bool:
    """Whether an item that a precedent names may be read by that name; a nameless one may."""
    if item["id"] is None:
        return True
    found = seen.get(item["id"])
    return found is not None and found.view is View.FULL and found.posting.title == item["title"]
