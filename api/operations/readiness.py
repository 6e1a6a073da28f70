"""Whether the service can do its work, part by part, and what is wrong where it cannot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.datastructures import State

from api.errors import OURS
from data.migrate import HEAD, Readiness, check

LAG_S = 300.0
"""Match lists that stay stale for longer are told as a fault."""


class Health(StrEnum):
    """How a part is doing."""

    GOOD = "good"
    DEGRADED = "degraded"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the service.

    Attributes:
        words: What was found, Chinese and English; names no path, address or account, since
            anybody may ask.
    """

    name: str
    health: Health
    words: str


def examine(state: State) -> list[Part]:
    """Every part of a running application, from what its ``state`` holds."""
    return [_look(name, look, state) for name, look in _PARTS.items()]


def overall(parts: list[Part]) -> Health:
    """As good as the worst part."""
    found = {part.health for part in parts}
    return next(h for h in (Health.BROKEN, Health.DEGRADED, Health.GOOD) if h in found)


def _look(name: str, look: Callable[[Any], Part], state: State) -> Part:
    try:
        return look(state)
    except OURS as problem:
        # its message may name files and hosts; the code is enough for those who may not know
        words = f"不可用，详见日志 / unusable, see the log ({type(problem).__name__})"
        return Part(name, Health.BROKEN, words)


def _database(state: Any) -> Part:
    found = check(state.service.engine)
    if found.readiness is Readiness.CURRENT:
        return Part("database", Health.GOOD, f"结构版本 / schema {found.revision}")
    words = f"结构版本 {found.revision}，需要 {HEAD} / schema {found.revision}, wanted {HEAD}"
    return Part("database", Health.BROKEN, words)


def _model(state: Any) -> Part:
    if getattr(state.service, "model_problem", None):
        words = "向量模型未能加载，仅按字面匹配 / the model failed to load: lexical matching only"
        return Part("model", Health.DEGRADED, words)
    return Part("model", Health.GOOD, str(state.service.encoder.fingerprint))


def _match_lists(state: Any) -> Part:
    lag = state.follower.lag()
    since = f"{lag.since_s:.0f} s"
    words = f"{lag.waiting} 份待更新，已 {since} / {lag.waiting} stale for {since}"
    health = Health.DEGRADED if lag.since_s > LAG_S else Health.GOOD
    return Part("match_lists", health, words)


_PARTS: Mapping[str, Callable[[Any], Part]] = {
    "database": _database,
    "model": _model,
    "match_lists": _match_lists,
}
