"""What an operation is about, as far as rules look at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from data.policy.actor import SIDES, Actor, Role
from matcher.types import Achievement, Need, Status, Visibility


class View(StrEnum):
    """How much of a thing one may see or touch."""

    FULL = "full"
    SUMMARY = "summary"


class Party(StrEnum):
    """What an actor is to a subject; one actor may be several at once."""

    OWNER = "owner"
    """Belongs to the organisation that posted it, or is the account that it is kept for."""
    HANDLER = "handler"
    """The broker in charge of a case on it."""
    COUNTERPARTY = "counterparty"
    """Belongs to the organisation on the other side of a case on it."""
    BROKER = "broker"
    """A broker whose chains and counties include it."""
    MEMBER = "member"
    """Anybody with an account."""
    OFFICE = "office"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


ROLE_OF: Mapping[Party, Role] = {
    Party.HANDLER: Role.BROKER,
    Party.BROKER: Role.BROKER,
    Party.OFFICE: Role.OFFICE,
    Party.ADMINISTRATOR: Role.ADMINISTRATOR,
    Party.SYSTEM: Role.SYSTEM,
}
"""Parties that only accounts of one role can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an operation is about.

    Attributes:
        owners: Ids of the organisations that it belongs to; a case has two.
        account: Id of the account that it is kept for, such as an inbox's; None for none.
        visibility: Of a posting; None for anything else.
        status: Of a posting; None for anything else.
        county: Reference id of a posting's county.
        chains: Chains in force of a posting.
        handlers: Ids of the brokers in charge of a case on it that was not dropped.
        counterparties: Organisations on the other side of such a case.
        supplier: Organisation whose achievement is judged or pursued.
    """

    owners: frozenset[str] = frozenset()
    account: str | None = None
    visibility: Visibility | None = None
    status: Status | None = None
    county: str | None = None
    chains: frozenset[str] = frozenset()
    handlers: frozenset[str] = frozenset()
    counterparties: frozenset[str] = frozenset()
    supplier: str | None = None


ANYTHING = Subject()
"""For operations that are about nothing in particular."""


def subject_of(
    posting: Need | Achievement,
    *,
    chains: frozenset[str] = frozenset(),
    handlers: frozenset[str] = frozenset(),
    counterparties: frozenset[str] = frozenset(),
) -> Subject:
    """A posting as rules see it.

    Args:
        posting: The need or achievement.
        chains: The chains in force, which may be others than the declared ones.
        handlers: Brokers in charge of a case on it that was not dropped.
        counterparties: Organisations on the other side of such a case.
    """
    return Subject(
        owners=frozenset({posting.organization} if posting.organization else ()),
        visibility=posting.visibility,
        status=posting.status,
        county=posting.county,
        chains=chains,
        handlers=handlers,
        counterparties=counterparties,
    )


def discloses(before: Need | Achievement, after: Need | Achievement) -> bool:
    """Whether a change gives the public what the posting's organisation kept from it.

    A summary of a masked posting is its owner's to approve, and needs no look from here.
    """
    public = Visibility.PUBLIC
    owned = before.organization is not None
    return owned and before.visibility is not public and after.visibility is public


def parties(actor: Actor, subject: Subject) -> frozenset[Party]:
    """What the actor is to the subject."""
    return frozenset(party for party, holds in _PARTIES.items() if holds(actor, subject))


def within_remit(actor: Actor, subject: Subject) -> bool:
    """Whether a broker's chains and counties include it; no limit includes everything.

    Limits are about postings; they leave everything else alone.
    """
    if subject.status is None:
        return True
    in_chain = not actor.chains or bool(set(actor.chains) & subject.chains)
    in_county = not actor.counties or subject.county in actor.counties
    return in_chain and in_county


def _owns(actor: Actor, subject: Subject) -> bool:
    if subject.account is not None:
        return subject.account == actor.id
    return actor.role in SIDES and actor.organization in subject.owners


_PARTIES: Mapping[Party, Callable[[Actor, Subject], bool]] = {
    Party.OWNER: _owns,
    Party.HANDLER: lambda a, s: a.role is Role.BROKER and a.id in s.handlers,
    Party.COUNTERPARTY: lambda a, s: a.role in SIDES and a.organization in s.counterparties,
    Party.BROKER: lambda a, s: a.role is Role.BROKER and within_remit(a, s),
    Party.MEMBER: lambda a, s: a.role is not Role.SYSTEM,
    Party.OFFICE: lambda a, s: a.role is Role.OFFICE,
    Party.ADMINISTRATOR: lambda a, s: a.role is Role.ADMINISTRATOR,
    Party.SYSTEM: lambda a, s: a.role is Role.SYSTEM,
}
