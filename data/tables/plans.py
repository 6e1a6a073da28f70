"""Pairing plans as they were made."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base


class PlanRow(Base):
    """One plan; only freezing alters it.

    Attributes:
        inputs: The whole problem, and the titles that its ids stood for.
        result: The plan itself.
        frozen_at: When it was declared final; None before that.
    """

    __tablename__ = "plans"
    # SQLite would give the version of a removed plan to the next one
    __table_args__ = {"sqlite_autoincrement": True}

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    created_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String)
    name: Mapped[str] = mapped_column(String)
    note: Mapped[str] = mapped_column(Text)
    data_version: Mapped[int] = mapped_column(BigInteger)
    inputs: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[str | None] = mapped_column(String)
