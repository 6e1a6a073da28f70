"""People of universities and institutes whom needs may look for."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import LAST, Base, Id


class ExpertRow(Base):
    """One expert.

    Attributes:
        title: Academic or professional title; may be empty.
        fields: What the expert works on, in the expert's own words.
        digest: Fingerprint of the content; equal digests mean nothing changed.
    """

    __tablename__ = "experts"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organization: Mapped[str] = mapped_column(Id, ForeignKey("organizations.id"), index=True)
    name: Mapped[str] = mapped_column(String)
    title: Mapped[str] = mapped_column(String)
    fields: Mapped[list[str]]
    digest: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text, sort_order=LAST)
