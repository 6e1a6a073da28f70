"""Deployment settings, read from the environment once and passed down."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import URL

from embeddings.names import HASHING


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are.

    Attributes:
        home: Folder that holds all that the program writes (``YILIAN_HOME``).
        database_url: The store (``YILIAN_DATABASE_URL``).
        model: Hub id or folder of the embedding model (``YILIAN_MODEL``).
    """

    home: Path
    database_url: str | URL
    model: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Settings as the variables say, with the platform's data folder as home."""
        named = environment.get("YILIAN_HOME")
        home = Path(named).expanduser().absolute() if named else user_data_path("yilian")
        return cls(
            home=home,
            database_url=environment.get("YILIAN_DATABASE_URL") or sqlite_url(home),
            model=environment.get("YILIAN_MODEL") or str(home / "model"),
        )

    @property
    def default_model(self) -> Path:
        """Where ``yilian model build`` puts the model."""
        return self.home / "model"

    @property
    def uses_default_model(self) -> bool:
        """Whether the model is the one that this program builds itself."""
        return self.model == str(self.default_model)

    @property
    def cache(self) -> Path:
        """Vectors already encoded, by model and text."""
        return self.home / "cache" / "vectors.sqlite"

    @property
    def indexes(self) -> Path:
        """Folder of the derived indexes; going without a model for a while spoils none."""
        return self.home / ("indexes-without-model" if self.without_model else "indexes")

    @property
    def without_model(self) -> bool:
        """Whether wording alone is compared."""
        return self.model == HASHING

    def for_demo(self) -> "Settings":
        """The same model, with the demo's data apart from the user's own."""
        home = self.home / "demo"
        return Settings(home=home, database_url=sqlite_url(home), model=self.model)


def sqlite_url(home: Path) -> URL:
    """The default store inside a home; not text, since a path may hold ``?`` or ``#``."""
    return URL.create("sqlite", database=str(home / "yilian.sqlite"))
