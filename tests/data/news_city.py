"""People who subscribed, and news for them, in the city of ``case_city``."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, select

from data.announce import Kind, News, Subscription, announce
from data.migrate import upgrade
from data.policy.actor import Actor
from data.session import make_engine, session_scope
from data.tables import DeliveryRow, InboxItemRow
from tests.data.access.case_city import BROKER, desk_of, store_city

TARGET = "https://hooks.example.com/yilian"


@cache
def _stored_city() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "city.sqlite"
        engine = make_engine(f"sqlite:///{path}")
        upgrade(engine)
        store_city(engine)
        engine.dispose()
        return path.read_bytes()


@contextmanager
def fresh_city(folder: Path) -> Iterator[Engine]:
    """The city in a SQLite file of its own; made once and copied, since making it takes time."""
    path = folder / "city.sqlite"
    path.write_bytes(_stored_city())
    engine = make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def make_news(dedupe: str = "strong_match:n1:a1", **changes: Any) -> News:
    """A strong match of n1 and a1, in one of whose chains everybody is."""
    values: dict[str, Any] = {
        "kind": "strong_match",
        "need": "n1",
        "achievement": "a1",
        "probability": 0.8,
        "chains": frozenset({"nev", "tools-agri"}),
        "county": "yongkang",
    }
    return News(dedupe=dedupe, **(values | changes))


def subscribe(engine: Engine, actor: Actor = BROKER, **wanted: Any) -> None:
    """Lets an account ask for news, by default of every strong match."""
    with desk_of(engine, actor) as desk:
        desk.subscriptions.put(Subscription(**wanted), expected="0")


def add_webhook(
    engine: Engine,
    actor: Actor = BROKER,
    url: str = TARGET,
    events: tuple[Kind, ...] = ("strong_match",),
) -> tuple[str, str]:
    """A webhook of an account; its id and secret."""
    with desk_of(engine, actor) as desk:
        hook = desk.webhooks.add(url, events, secret=f"whsec_{url}")
    return hook.id, f"whsec_{url}"


def tell(engine: Engine, *news: News) -> int:
    """Announces news in a transaction of their own."""
    with session_scope(engine) as session:
        return announce(session, news or [make_news()])


def deliveries(engine: Engine, **wanted: Any) -> list[DeliveryRow]:
    """Everything queued that has these column values, oldest first."""
    statement = select(DeliveryRow).filter_by(**wanted).order_by(DeliveryRow.created_at)
    with session_scope(engine, write=False) as session:
        return list(session.scalars(statement))


def heard(engine: Engine) -> set[str]:
    """Accounts that have been told of something."""
    with session_scope(engine, write=False) as session:
        return set(session.scalars(select(InboxItemRow.account)))
