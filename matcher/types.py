"""The nouns of the domain: plain frozen values that know no database, file or web.

Ids are strings chosen by whoever owns the record. Chains and counties are held by
their reference ids (``nev``, ``yongkang``), never by a display name. Money is whole
yuan, and times are timezone-aware UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Visibility(StrEnum):
    """Who may read a posting in full."""

    PUBLIC = "public"
    BROKER = "broker"
    MASKED = "masked"


class Status(StrEnum):
    """Where a posting stands; only ``OPEN`` ones are matched."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    PUBLISHED = "published"
    MATCHING = "matching"
    IN_CONTACT = "in_contact"
    SIGNED = "signed"
    CLOSED = "closed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


OPEN = (Status.PUBLISHED, Status.MATCHING, Status.IN_CONTACT)
"""Looking for a partner: published, with a match list made, or with a broker at work."""


class CooperationMode(StrEnum):
    """How the two sides are willing to work together."""

    TRANSFER = "transfer"
    LICENSE = "license"
    EQUITY = "equity"
    JOINT_DEVELOPMENT = "joint_development"
    COMMISSIONED_DEVELOPMENT = "commissioned_development"
    CONSULTING = "consulting"


class IpStatus(StrEnum):
    """How far the achievement's intellectual property is protected."""

    NONE = "none"
    PENDING = "pending"
    GRANTED = "granted"


class OrganizationKind(StrEnum):
    """What an organisation is; universities and institutes supply, enterprises ask."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    PLATFORM = "platform"
    FUND = "fund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An enterprise, university, institute, platform or fund.

    Attributes:
        county: Reference id of the county, or None when outside the city.
        gbt4754: Class code of GB/T 4754-2017, enterprises only.
    """

    id: str
    name: str
    kind: OrganizationKind
    county: str | None = None
    chains: tuple[str, ...] = ()
    text: str = ""
    gbt4754: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What needs and achievements share.

    Attributes:
        organization: Id of the organisation that posted it.
        text: The description, any length; empty when only a title is known.
    """

    id: str
    title: str
    text: str = ""
    organization: str | None = None
    county: str | None = None
    chains: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    cooperation_modes: tuple[CooperationMode, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    status: Status = Status.PUBLISHED
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Posting):
    """A technical problem that an enterprise asks universities to solve.

    Attributes:
        must_have: Requirements without which an answer is no answer.
        nice_to_have: Requirements that make an answer better.
        indicators: Target figures as written, such as ``效率≥92 %``.
        min_trl: Lowest technology readiness level wanted, 1 to 9.
    """

    must_have: tuple[str, ...] = ()
    nice_to_have: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    budget_cny: int | None = None
    deadline: date | None = None
    min_trl: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement(Posting):
    """A result that a university or institute offers to industry.

    Attributes:
        trl: Technology readiness level, 1 to 9 (GB/T 22900).
        ipc: IPC groups such as ``H02K1/27``.
    """

    trl: int | None = None
    ip_status: IpStatus | None = None
    patents: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    price_cny: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Where a stretch of searchable text comes from.

    Attributes:
        field: Field of the posting, such as ``text`` or ``must_have[1]``.
        start: Where the stretch begins in the searchable text.
    """

    field: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Searchable:
    """A title, and everything else that can be searched.

    Attributes:
        text: Everything but the title, as the poster wrote it; may be empty.
        parts: The fields that make up ``text``, in order; none when it is one text.
        posting: The record behind it, for what is not said in words; None for bare text.
    """

    id: str
    title: str
    text: str = ""
    parts: tuple[Part, ...] = ()
    posting: Posting | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(_Searchable):
    """What we search with: a need, an achievement looking for needs, or free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(_Searchable):
    """What we search among: the searchable words of one posting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which documents may be retrieved at all; an empty tuple means "any".

    Attributes:
        chains: A document passes when it belongs to at least one of them.
        min_trl: Lowest maturity of an achievement; one of unknown maturity is kept,
            because leaving it out would hide most of what older platforms hold.
    """

    chains: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    visibilities: tuple[Visibility, ...] = ()
    statuses: tuple[Status, ...] = OPEN
    min_trl: int | None = None

    def accepts(self, posting: Posting) -> bool:
        """Whether the posting passes every condition."""
        return (
            _any_or_one_of(self.chains, posting.chains)
            and _any_or_one_of(self.counties, (posting.county,))
            and _any_or_one_of(self.organizations, (posting.organization,))
            and _any_or_one_of(self.visibilities, (posting.visibility,))
            and _any_or_one_of(self.statuses, (posting.status,))
            and self._mature_enough(posting)
        )

    def _mature_enough(self, posting: Posting) -> bool:
        trl = posting.trl if isinstance(posting, Achievement) else None
        return self.min_trl is None or trl is None or trl >= self.min_trl


def _any_or_one_of(wanted: tuple[str, ...], present: Iterable[str | None]) -> bool:
    return not wanted or any(value in wanted for value in present)
