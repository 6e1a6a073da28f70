"""Facts about the database itself."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from data.tables.base import Base


class MetaRow(Base):
    """Facts about the database itself, such as ``data_version``."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
