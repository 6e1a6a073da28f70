"""Accounts, their sessions, keys and links, and how often signing in failed.

Whatever opens a door is stored as a digest, or sealed under a secret that is kept elsewhere
(``api.seal``): who reads a backup can sign in as nobody.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base, Id

_ACCOUNT = "users.id"


class UserRow(Base):
    """One account; it is disabled, never deleted, since the audit names it.

    Attributes:
        email: In the one spelling that equal addresses share.
        organization: Of an enterprise's or a university's people.
        chains: Limit of a broker; empty for all.
        counties: Likewise.
        password_hash: None until the invitation is accepted.
        totp_secret: Sealed; None without a second factor.
        totp_pending: A secret that was offered and is not confirmed yet; sealed.
        totp_step: The last time step whose code was used; no earlier one counts again.
        epoch: Counts up to end every session at once.
        revision: Counts the changes.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String, unique=True)
    name: Mapped[str] = mapped_column(String)
    role: Mapped[str] = mapped_column(String(20))
    organization: Mapped[str | None] = mapped_column(Id, ForeignKey("organizations.id"), index=True)
    chains: Mapped[list[str]]
    counties: Mapped[list[str]]
    password_hash: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[str | None] = mapped_column(String)
    totp_pending: Mapped[str | None] = mapped_column(String)
    totp_step: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(Integer)
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(Integer)


class SessionRow(Base):
    """One sign-in on one device, with every token that follows from it.

    Attributes:
        method: ``password`` or ``oidc``.
        revoked_at: When it was signed out, or a stolen token was noticed.
    """

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user: Mapped[str] = mapped_column(Id, ForeignKey(_ACCOUNT), index=True)
    method: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshTokenRow(Base):
    """One refresh token; using it once more after ``used_at`` gives a thief away."""

    __tablename__ = "refresh_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    session: Mapped[str] = mapped_column(
        Id, ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiKeyRow(Base):
    """One key of a machine that acts for an account.

    Attributes:
        hint: Its first characters, by which a person knows it again.
        scopes: Operations, or ``resource.*``.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user: Mapped[str] = mapped_column(Id, ForeignKey(_ACCOUNT), index=True)
    name: Mapped[str] = mapped_column(String)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(20))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class OneTimeLinkRow(Base):
    """One invitation or reset."""

    __tablename__ = "one_time_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user: Mapped[str] = mapped_column(Id, ForeignKey(_ACCOUNT), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInAttemptRow(Base):
    """Failures to sign in, of one account or from one address.

    Attributes:
        key: Digest of the e-mail or the address; what people mistype is nobody's business.
    """

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_last_at", "last_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime]
