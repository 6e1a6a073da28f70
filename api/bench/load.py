"""What the service bears, beside a bare endpoint that returns the same bytes in the same run.

One process serves an invented corpus. Fifty clients on loopback ask for match lists (80 %),
search (15 %) and post needs (5 %). The peer is a FastAPI application with one endpoint that
sends a typical match list from memory, asked by the same clients. Vectors are hashed: the
model's time for a posted need is told apart, by ``yilian bench match``.
"""

import json
import random
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any
from urllib.parse import quote

from api.bench.clients import Request, Tally, http_request, run_clients
from api.bench.corpus import invented_achievements, invented_needs
from api.bench.server import memory_mib, run_app, served
from api.service import MatchService
from api.settings import Settings, sqlite_url
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from embeddings.names import HASHING

MIX = {"list": 0.80, "search": 0.15, "post": 0.05}
WORDS = (
    *("电机", "轴承", "传感器", "涂层", "检测", "机器人", "电池", "染色", "药物", "控制"),
    *("材料", "工艺", "温度", "压力", "振动", "噪声", "效率", "寿命", "精度", "强度"),
    *("算法", "模型", "数据", "图像", "视觉", "激光", "焊接", "模具", "铸造", "切削"),
    *("发酵", "酶", "纤维", "织物", "树脂", "陶瓷", "合金", "废水", "回收", "节能"),
)
"""A search is for one or two of them."""
_LIST_S = 600.0
_START_S = 120.0
_ANSWER_S = 60.0
_FIRST_LISTS = 50
_POSTS_TIMED = 30


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One run.

    Attributes:
        per_second: Answers of the service a second.
        peer_per_second: Answers of the bare endpoint a second.
        share: The one over the other.
        p99_ms: Of the service.
        peer_p99_ms: Of the bare endpoint.
        p99_ratio: The one over the other.
        errors: Answers that were no success.
        list_p95_s: Seconds from posting a need to its list, at the 95th percentile, while
            nothing else asks.
        memory_mib: Resident memory of the serving process at its end.
        by_kind_ms: Median milliseconds by kind of request.
    """

    achievements: int
    per_second: float
    peer_per_second: float
    share: float
    p99_ms: float
    peer_p99_ms: float
    p99_ratio: float
    errors: int
    list_p95_s: float
    memory_mib: float
    by_kind_ms: dict[str, float]


def measure_load(
    folder: Path,
    *,
    achievements: int,
    clients: int = 50,
    seconds: float = 20.0,
    say: Callable[[str], None] = lambda words: None,
) -> LoadReport:
    """Serve an invented corpus and ask a lot of it.

    Args:
        folder: Where the corpus is kept; one of the same size is used again.
        achievements: Size of the corpus.
        clients: How many ask at once.
        seconds: How long, the peer as long again.
        say: Told what is going on.
    """
    settings = Settings(home=folder, database_url=sqlite_url(folder), model=HASHING)
    token = _prepare(settings, achievements, say)
    bearer = (f"Authorization: Bearer {token}",)
    with served(_serve, settings) as (port, process):
        say("等待服务就绪 / waiting for the service")
        body = _typical(port, token)
        say("发布需求到清单 / posting a need, waiting for its list")
        waits = [_post_and_wait(port, token, number) for number in range(_POSTS_TIMED)]
        say("混合负载 / mixed load")
        mixed = run_clients(port, _mixed(bearer), clients=clients, seconds=seconds)
        memory = memory_mib(process)
    with served(_serve_peer, body) as (port, _):
        say("对照端点 / the bare endpoint")
        _wait(port)
        bare = http_request("bare", "GET", "/", headers=bearer)
        peer = run_clients(port, lambda: bare, clients=clients, seconds=seconds)
    return _report(achievements, mixed, peer, waits, memory)


def _report(
    achievements: int, mixed: Tally, peer: Tally, waits: list[float], memory: float
) -> LoadReport:
    waits = sorted(waits)
    return LoadReport(
        achievements=achievements,
        per_second=mixed.per_second,
        peer_per_second=peer.per_second,
        share=mixed.per_second / peer.per_second,
        p99_ms=mixed.quantile_ms(0.99),
        peer_p99_ms=peer.quantile_ms(0.99),
        p99_ratio=mixed.quantile_ms(0.99) / peer.quantile_ms(0.99),
        errors=mixed.errors + peer.errors,
        list_p95_s=waits[int(0.95 * (len(waits) - 1))],
        memory_mib=memory,
        by_kind_ms={name: mixed.quantile_ms(0.5, name) for name in MIX},
    )


def _prepare(settings: Settings, achievements: int, say: Callable[[str], None]) -> str:
    """A home with the corpus, its indexes and some lists; the token of its office."""
    from api.accounts.accounts import Accounts
    from api.bench.account import office_token
    from api.service_settings import ServiceSettings

    service = MatchService(settings)
    try:
        with session_scope(service.engine, write=False) as session:
            stored = AchievementRepository(session).count()
        if stored != achievements:
            say(f"写入成果 / storing {achievements:,} achievements")
            with session_scope(service.engine) as session:
                AchievementRepository(session).upsert_many(invented_achievements(achievements))
                NeedRepository(session).upsert_many(invented_needs(_FIRST_LISTS))
        say("建立索引 / indexing")
        service.refresh()
        accounts = Accounts.open(service.engine, settings, ServiceSettings())
        return office_token(accounts, service.engine)
    finally:
        service.close()


def _mixed(bearer: tuple[str, ...]) -> Callable[[], Request]:
    chance = random.Random(0)
    names, weights = list(MIX), list(MIX.values())

    def request() -> Request:
        name = chance.choices(names, weights)[0]
        if name == "list":
            path = f"/v1/needs/n-{chance.randrange(_FIRST_LISTS)}/matches"
            return http_request(name, "GET", path, headers=bearer)
        if name == "search":
            words = " ".join(chance.sample(WORDS, chance.randint(1, 2)))
            path = f"/v1/achievements?limit=10&q={quote(words)}"
            return http_request(name, "GET", path, headers=bearer)
        return http_request(
            name, "POST", "/v1/needs", headers=bearer, body=_need(chance.randrange(10**9))
        )

    return request


def _need(number: int) -> bytes:
    posted = {
        "title": f"求{WORDS[number % len(WORDS)]}在{number}次循环后的在线检测方法",
        "text": "现有方法误检率高于5 %，希望降到1 %以下，并能在产线上连续运行。",
        "status": "submitted",
    }
    return json.dumps(posted).encode()


def _post_and_wait(port: int, token: str, number: int) -> float:
    """Seconds from posting a need to its list."""
    began = perf_counter()
    need = _ask(port, token, "POST", "/v1/needs", _need(number))
    while perf_counter() - began < _LIST_S:
        if _ask(port, token, "GET", f"/v1/needs/{need['id']}/matches")["state"] == "ready":
            break
        sleep(0.02)
    return perf_counter() - began


def _typical(port: int, token: str) -> bytes:
    """A match list as it is sent, once every first list has been made."""
    _wait(port)
    texts = []
    for number in range(_FIRST_LISTS):
        path = f"/v1/needs/n-{number}/matches"
        end = monotonic() + _LIST_S
        while (body := _ask(port, token, "GET", path))["state"] != "ready":
            if monotonic() > end:
                raise TimeoutError(path)
            sleep(0.1)
        texts.append(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())
    return sorted(texts, key=len)[len(texts) // 2]


def _ask(port: int, token: str, method: str, path: str, body: bytes | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)) as connection:
        connection.request(method, path, body, headers)
        return json.loads(connection.getresponse().read())


def _serve(settings: Settings, listening: socket.socket) -> None:
    from api.rest.app import create_app
    from api.service_settings import ServiceSettings

    run_app(create_app(settings, ServiceSettings(log_level="error")), listening)


def _serve_peer(body: bytes, listening: socket.socket) -> None:
    from fastapi import FastAPI
    from fastapi.responses import Response

    app = FastAPI()

    @app.get("/")
    def bare() -> Response:
        return Response(body, media_type="application/json")

    run_app(app, listening)


def _wait(port: int) -> None:
    """Until it answers."""
    end = monotonic() + _START_S
    while monotonic() < end:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=_START_S)) as connection:
                connection.request("GET", "/openapi.json")
                connection.getresponse().read()
        except OSError:
            sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")
