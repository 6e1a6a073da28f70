"""Background jobs, files that came in, and files that go out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import LAST, Base, Id


class JobRow(Base):
    """One piece of background work, as people see it.

    Attributes:
        kind: One of ``data.access.jobs.JobKind``.
        asked_by: Account that ordered it; ``system`` for the schedule.
        state: One of ``data.access.jobs.JobState``.
        mark: Names what must not be ordered twice, such as tonight's matching.
        attempt: 1 at first; rises with every retry.
        cancelling: Somebody wants it to end; it does so between two steps.
        total: How much there is to do; None while that is unknown.
        error_zh: Why it failed; empty unless it did.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_created_at_id", "created_at", "id"),
        Index("ix_jobs_state", "state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[str] = mapped_column(Id, index=True)
    state: Mapped[str] = mapped_column(String(20))
    mark: Mapped[str | None] = mapped_column(String, unique=True)
    attempt: Mapped[int] = mapped_column(Integer)
    cancelling: Mapped[bool] = mapped_column(Boolean)
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    error_zh: Mapped[str] = mapped_column(Text)
    error_en: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]


class UploadRow(Base):
    """One file to import, with what a dry run said about it.

    Attributes:
        id: Derived from account, kind and content: the same file twice is one import.
        account: Who uploaded it.
        kind: ``needs``, ``achievements`` or ``organizations``.
        form: ``table``, or ``document`` for a form with one need.
        state: One of ``data.access.uploads.UploadState``.
        digest: SHA-256 of the content.
        job: The job that applies it, once confirmed.
        report: What the dry run found, or the draft that a document holds.
        problems: Everything that was wrong, row by row.
        content: None once nobody has touched it for long.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_created_at_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(Id, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    form: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String)
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    job: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    report: Mapped[dict[str, Any]]
    problems: Mapped[list[Any]] = mapped_column(sort_order=LAST)
    content: Mapped[bytes | None] = mapped_column(LargeBinary, sort_order=LAST)


class ExportRow(Base):
    """One file that somebody asked for.

    Attributes:
        account: Who asked; nobody else gets it.
        kind: ``matches``, ``cases`` or ``plan``.
        subject: Id of the need or plan; empty for all cases.
        job: The job that makes it; None where it was made at once.
        size: Bytes; None until it is there.
    """

    __tablename__ = "exports"
    __table_args__ = (Index("ix_exports_created_at_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    account: Mapped[str] = mapped_column(Id, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(Id)
    format: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String)
    job: Mapped[str | None] = mapped_column(Id)
    size: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, sort_order=LAST)
