"""Match lists as far as an actor may ask for them."""

from sqlalchemy.orm import Session

from data.access.posting_reader import PostingReader, Seen
from data.match_lists import KeptList, MatchListStore
from data.policy.operation import Operation
from matcher.types import Achievement, Need


class Matches:
    """Match lists for one actor."""

    def __init__(
        self,
        session: Session,
        needs: PostingReader[Need],
        achievements: PostingReader[Achievement],
    ) -> None:
        self._session = session
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
