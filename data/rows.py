"""Domain values to table rows and back, and the digest that tells whether one changed."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, TypeVar

from data.expert import Expert
from matcher.cooperation import PastCooperation
from matcher.decision import Decision
from matcher.types import (
    Achievement,
    CooperationMode,
    IpStatus,
    Need,
    Organization,
    OrganizationKind,
    Status,
    Visibility,
)

Item = TypeVar("Item", bound=Organization | Need | Achievement)

_NAMES: dict[type[Any], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Organization, Need, Achievement, Decision, PastCooperation, Expert)
}
_TIMES = ("created_at", "updated_at")
_ENUMS: dict[str, type[Any]] = {
    "kind": OrganizationKind,
    "visibility": Visibility,
    "status": Status,
    "ip_status": IpStatus,
}


def to_row(item: Organization | Need | Achievement) -> dict[str, Any]:
    """Column values of one item, without its chains, times, digest and version."""
    return {
        name: _stored(getattr(item, name))
        for name in _NAMES[type(item)]
        if name != "chains" and name not in _TIMES
    }


def from_row(kind: type[Item], row: Mapping[Any, Any], chains: tuple[str, ...]) -> Item:
    """The item that a row and its chain links stand for."""
    values = {name: row[name] for name in _NAMES[kind] if name != "chains"}
    return kind(**{name: _restored(name, value) for name, value in values.items()}, chains=chains)


def digest(item: Organization | Need | Achievement | Decision | PastCooperation | Expert) -> str:
    """32 hex digits over everything but the times; equal for equal content."""
    content = {name: getattr(item, name) for name in _NAMES[type(item)] if name not in _TIMES}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, default=_iso)
    # a lone surrogate cannot be stored, but must not break the comparison either
    return blake2b(canonical.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _stored(value: Any) -> Any:
    if isinstance(value, StrEnum):
        # drivers disagree on what an enum's plain value is
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _restored(name: str, value: Any) -> Any:
    if name == "cooperation_modes":
        return tuple(CooperationMode(mode) for mode in value)
    if isinstance(value, list):
        return tuple(value)
    if name in _ENUMS and value is not None:
        return _ENUMS[name](value)
    return value


def _iso(value: date | datetime) -> str:
    return value.isoformat()
