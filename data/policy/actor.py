"""Who acts: a signed-in person or machine, and the program itself."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; each account has exactly one."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    BROKER = "broker"
    OFFICE = "office"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)
"""Roles that an account can have; ``SYSTEM`` is the program's own work."""

SIDES = (Role.ENTERPRISE, Role.UNIVERSITY)
"""Roles that act for the organisation that they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts in a request or a job.

    Attributes:
        id: The account's id; ``system`` for the program itself.
        organization: The organisation that the account belongs to; None for none.
        chains: A broker's chains; empty for all.
        counties: A broker's counties; empty for all.
        scopes: Operations that an API key is limited to; None for no limit.
    """

    id: str
    role: Role
    organization: str | None = None
    chains: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    scopes: frozenset[str] | None = None


SYSTEM = Actor(id="system", role=Role.SYSTEM)
"""The program's own work: following, expiring, nightly matching."""
