"""Everything that one actor can reach in one transaction."""

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from data.access.api_keys import ApiKeys
from data.access.attempts import Attempts
from data.access.audit import GuardedAudit
from data.access.case_files import CaseFiles
from data.access.cases import Cases
from data.access.chains import Chains
from data.access.credentials import Credentials
from data.access.decisions import Decisions
from data.access.experts import Experts
from data.access.exports import GuardedExports
from data.access.figures import FiguresDesk
from data.access.inbox import Inbox
from data.access.jobs import GuardedJobs
from data.access.links import Links
from data.access.matches import Matches
from data.access.organizations import Organizations
from data.access.posting_pages import PostingPages
from data.access.postings import Postings
from data.access.runs import Runs
from data.access.sessions import Sessions
from data.access.subscriptions import Subscriptions
from data.access.trail import Trail
from data.access.uploads import GuardedUploads
from data.access.users import Users
from data.access.webhooks import Webhooks
from data.policy.actor import Actor
from matcher.types import Achievement, Need

if TYPE_CHECKING:
    from data.access.plans import Plans


class Desk:
    """The guarded repositories of one actor; endpoints reach stored things only through it.

    Attributes:
        actor: Who acts.
        session: The transaction; for the repositories, not for endpoints.
        trail: What will be written to the audit when it ends.
    """

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        self.session = session
        self.actor = actor
        self.trail = trail

    @cached_property
    def needs(self) -> Postings[Need]:
        """Technology needs."""
        return Postings(Need, self.session, self.actor, self.trail)

    @cached_property
    def achievements(self) -> Postings[Achievement]:
        """University achievements."""
        return Postings(Achievement, self.session, self.actor, self.trail)

    @cached_property
    def need_pages(self) -> PostingPages[Need]:
        """Lists of needs."""
        return PostingPages(self.needs, self.session, self.actor)

    @cached_property
    def achievement_pages(self) -> PostingPages[Achievement]:
        """Lists of achievements."""
        return PostingPages(self.achievements, self.session, self.actor)

    @cached_property
    def matches(self) -> Matches:
        """Match lists."""
        return Matches(self.session, self.actor, self.needs, self.achievements)

    @cached_property
    def jobs(self) -> GuardedJobs:
        """Background jobs."""
        return GuardedJobs(self.session, self.actor, self.trail)

    @cached_property
    def imports(self) -> GuardedUploads:
        """Files to import."""
        return GuardedUploads(self.session, self.actor, self.trail)

    @cached_property
    def exports(self) -> GuardedExports:
        """Files to take along."""
        return GuardedExports(self.session, self.actor, self.trail)

    @cached_property
    def cases(self) -> Cases:
        """Matches that brokers follow up."""
        return Cases(self.session, self.actor, self.trail)

    @cached_property
    def case_files(self) -> CaseFiles:
        """What is filed with cases."""
        return CaseFiles(self.session, self.actor, self.trail)

    @cached_property
    def users(self) -> Users:
        """Accounts."""
        return Users(self.session, self.actor, self.trail)

    @cached_property
    def credentials(self) -> Credentials:
        """What accounts sign in with."""
        return Credentials(self.session, self.actor, self.trail)

    @cached_property
    def sessions(self) -> Sessions:
        """Sign-ins and their refresh tokens."""
        return Sessions(self.session, self.actor, self.trail)

    @cached_property
    def api_keys(self) -> ApiKeys:
        """Keys of machines."""
        return ApiKeys(self.session, self.actor, self.trail)

    @cached_property
    def links(self) -> Links:
        """Invitations and resets."""
        return Links(self.session, self.actor, self.trail)

    @cached_property
    def attempts(self) -> Attempts:
        """Failures to sign in."""
        return Attempts(self.session, self.actor, self.trail)

    @cached_property
    def audit(self) -> GuardedAudit:
        """Who did what to which."""
        return GuardedAudit(self.session, self.actor, self.trail)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """What the actor wants to hear of."""
        return Subscriptions(self.session, self.actor, self.trail)

    @cached_property
    def inbox(self) -> Inbox:
        """The actor's news."""
        return Inbox(self.session, self.actor, self.trail)

    @cached_property
    def webhooks(self) -> Webhooks:
        """The actor's webhooks."""
        return Webhooks(self.session, self.actor, self.trail)

    @cached_property
    def decisions(self) -> Decisions:
        """What people said of matches."""
        return Decisions(self.session, self.actor, self.trail)

    @cached_property
    def organizations(self) -> Organizations:
        """Enterprises, universities, institutes, platforms and funds."""
        return Organizations(self.session, self.actor, self.trail)

    @cached_property
    def experts(self) -> Experts:
        """People whom needs may look for."""
        return Experts(self.session, self.actor, self.trail)

    @cached_property
    def chains(self) -> Chains:
        """Industry chains."""
        return Chains(self.session, self.actor, self.trail)

    @cached_property
    def runs(self) -> Runs:
        """Match lists as they were shown."""
        return Runs(self.session, self.actor, self.trail)

    @cached_property
    def plans(self) -> "Plans":
        """Pairing plans."""
        # reading them takes SciPy, which no other request waits for
        from data.access.plans import Plans

        return Plans(self.session, self.actor, self.trail)

    @cached_property
    def figures(self) -> FiguresDesk:
        """Figures of the whole city."""
        return FiguresDesk(self.session, self.actor, self.trail)
