"""Does an acknowledged write survive ``kill -9``? A server is killed at random moments to see.

Each round starts a server on loopback, lets writers post, change and withdraw needs and
achievements, kills the server without warning, and then starts over the same home and
looks: whatever was acknowledged has to be there, and the indexes have to hold the records
of the database and nothing else. Vectors are hashed, since no model is under test.
"""

import json
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from api.bench.server import run_app, served
from api.rest.app import create_app
from api.service import MatchService
from api.service_settings import ServiceSettings
from api.settings import Settings, sqlite_url
from data.policy.actor import Actor, Role
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from embeddings.names import HASHING

WRITERS = 3
_OFFICE = Actor(id="bench", role=Role.OFFICE)
_PATHS = ("/v1/needs", "/v1/achievements")
_LONGEST_S = 0.6
"""A server is killed at most this long after its first acknowledgement."""
_START_S = 60.0


@dataclass(frozen=True, slots=True)
class CrashReport:
    """What the rounds came to.

    Attributes:
        acknowledged: Writes whose success a client was told.
        lost: Of those, how many were not there afterwards.
        dangling: Index entries without a record, and records without an entry, after a start.
        seconds: How long it all took.
    """

    rounds: int
    acknowledged: int
    lost: int
    dangling: int
    seconds: float


@dataclass
class _Told:
    """What one writer was told, by record: the titles that may stand there now."""

    titles: dict[str, set[str]] = field(default_factory=dict)
    acknowledged: int = 0


def crash_rounds(
    rounds: int, *, seed: int = 0, progress: Callable[[int], None] = lambda done: None
) -> CrashReport:
    """Kill a server that many times.

    Args:
        rounds: At least 1.
        seed: Of the moments and of what is written.
        progress: Told after each round how many are done.
    """
    began = monotonic()
    chance = random.Random(seed)  # noqa: S311 - no secret
    acknowledged = lost = dangling = 0
    known: dict[str, set[str]] = {}
    with TemporaryDirectory(prefix="yilian-crash-") as folder:
        home = Path(folder)
        settings = Settings(home=home, database_url=sqlite_url(home), model=HASHING)
        for done in range(rounds):
            told = _round(settings, chance)
            for one in told:
                acknowledged += one.acknowledged
                known |= one.titles
            lost_now, dangling_now = _missing(settings, known)
            lost, dangling = lost + lost_now, dangling + dangling_now
            progress(done + 1)
    return CrashReport(rounds, acknowledged, lost, dangling, monotonic() - began)


def _round(settings: Settings, chance: random.Random) -> list[_Told]:
    """One life of a server; what its clients were told."""
    first, stop = Event(), Event()
    told = [_Told() for _ in range(WRITERS)]
    with served(_serve, settings) as (port, server):
        writers = [
            Thread(target=_write, args=(port, one, random.Random(chance.random()), first, stop))
            for one in told
        ]
        for writer in writers:
            writer.start()
        first.wait(_START_S)
        sleep(chance.uniform(0.0, _LONGEST_S))
        server.kill()
        stop.set()
        for writer in writers:
            writer.join()
    return told


def _serve(settings: Settings, listening: socket.socket) -> None:
    app = create_app(settings, ServiceSettings(log_level="error"))
    app.state.identify = lambda request: _OFFICE
    run_app(app, listening)


def _write(port: int, told: _Told, chance: random.Random, first: Event, stop: Event) -> None:
    """Posts, changes and withdraws until the server is gone."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_START_S)
    mine: list[tuple[str, str, str]] = []
    while not stop.is_set():
        title = f"第{chance.randrange(10**9)}号电机降噪课题"
        try:
            if mine and chance.random() < 0.5:
                _change(connection, told, mine, title, chance)
            else:
                _post(connection, told, mine, title, chance)
        except (OSError, HTTPException):
            return
        first.set()


def _post(
    connection: HTTPConnection,
    told: _Told,
    mine: list[tuple[str, str, str]],
    title: str,
    chance: random.Random,
) -> None:
    path = chance.choice(_PATHS)
    body = _ask(connection, "POST", path, {"title": title, "status": "published"})
    told.titles[body["id"]] = {title}
    told.acknowledged += 1
    mine.append((path, body["id"], body["etag"]))


def _change(
    connection: HTTPConnection,
    told: _Told,
    mine: list[tuple[str, str, str]],
    title: str,
    chance: random.Random,
) -> None:
    path, item, _ = mine[chance.randrange(len(mine))]
    etag = _ask(connection, "GET", f"{path}/{item}")["etag"]
    told.titles[item].add(title)  # from now on either may stand there
    changed = _ask(connection, "PATCH", f"{path}/{item}", {"title": title}, etag=etag)
    if changed.get("title") == title:
        told.titles[item] = {title}
        told.acknowledged += 1


def _ask(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    etag: str | None = None,
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if etag is not None:
        headers["If-Match"] = etag
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    found: dict[str, Any] = json.loads(answer.read())
    return found


def _missing(settings: Settings, known: dict[str, set[str]]) -> tuple[int, int]:
    """Acknowledged writes that are not there, and index entries that do not fit, after a start."""
    service = MatchService(settings)
    lost = dangling = 0
    try:
        for repository in (NeedRepository, AchievementRepository):
            with session_scope(service.engine, write=False) as session:
                stored = {item.id: item.title for item in repository(session).stream()}
            prefix = "n-" if repository is NeedRepository else "a-"
            expected = {i: titles for i, titles in known.items() if i.startswith(prefix)}
            lost += sum(stored.get(i) not in titles for i, titles in expected.items())
            index = service.index_store(repository).open()
            for indexed in (index.lexical.ids, index.vectors.ids()):
                dangling += len(set(indexed) ^ set(stored))
    finally:
        service.close()
    return lost, dangling
