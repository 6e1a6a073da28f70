"""An account as its repositories show it, and one spelling for each e-mail address."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from data.access.errors import NotAcceptable
from data.policy.actor import Actor, Role
from data.tables import UserRow

LONGEST_EMAIL = 254
"""Characters; what SMTP can carry (RFC 5321, 4.5.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, without anything secret.

    Attributes:
        email: In its one spelling, see ``folded_email``.
        organization: Of an enterprise's or a university's people; None for others.
        chains: Limit of a broker; empty for all.
        counties: Likewise.
        invited: Whether it waits for its first password.
        second_factor: Whether signing in asks for a code.
        disabled_at: None while it may be used.
        epoch: Counts up to end every session at once.
        revision: Counts the changes; the account's etag.
    """

    id: str
    email: str
    name: str
    role: Role
    organization: str | None
    chains: tuple[str, ...]
    counties: tuple[str, ...]
    invited: bool
    second_factor: bool
    disabled_at: datetime | None
    created_at: datetime
    epoch: int
    revision: int

    @property
    def etag(self) -> str:
        """Names the stored state; changes with it."""
        return str(self.revision)

    def actor(self, scopes: frozenset[str] | None = None) -> Actor:
        """The account as it acts; limited to ``scopes`` where an API key stands for it."""
        return Actor(
            id=self.id,
            role=self.role,
            organization=self.organization,
            chains=self.chains,
            counties=self.counties,
            scopes=scopes,
        )


def account_of(row: UserRow) -> Account:
    """The account that a row holds."""
    return Account(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        organization=row.organization,
        chains=tuple(row.chains),
        counties=tuple(row.counties),
        invited=row.password_hash is None,
        second_factor=row.totp_secret is not None,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
        epoch=row.epoch,
        revision=row.revision,
    )


def folded_email(written: str) -> str:
    """The one spelling that is stored and looked up: NFKC, lower case, no blanks around.

    Full-width letters, as Chinese input methods write them, become plain ones.

    Raises:
        NotAcceptable: it is no e-mail address.
    """
    # lower case first and last: folding compatibility letters may bring capitals back
    address = unicodedata.normalize("NFKC", written.strip().lower()).lower()
    local, _, domain = address.rpartition("@")
    odd = any(
        character in '<>()[],;:\\"' or unicodedata.category(character)[0] in "CZ"
        for character in address
    )
    whole = local and "@" not in local and all(domain.split("."))
    if odd or not whole or len(address) > LONGEST_EMAIL:
        raise NotAcceptable(
            "email",
            "邮箱地址格式不对，应形如 name@example.com。"
            " / this is no e-mail address; write it like name@example.com",
        )
    return address
