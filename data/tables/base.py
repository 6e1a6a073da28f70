"""What every table has: names for its constraints, its types, its version."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# code point order on both databases, as Python sorts; PostgreSQL's default follows a locale
Id = String().with_variant(String(collation="C"), "postgresql")


FIRST, LAST = -1, 1


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: aware UTC in Python, on SQLite as on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite drops the zone; what it holds was written as UTC above
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can find it on either database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        list[str]: JSON(),
        list[Any]: JSON(),
        dict[str, Any]: JSON(),
    }


class Versioned:
    """What every content table carries.

    Attributes:
        digest: Fingerprint of the content; equal digests mean nothing changed.
        changed_in: The data version that last changed this row.
    """

    id: Mapped[str] = mapped_column(Id, primary_key=True, sort_order=FIRST)
    digest: Mapped[str] = mapped_column(String(32), sort_order=FIRST)
    changed_in: Mapped[int] = mapped_column(BigInteger, index=True, sort_order=FIRST)
