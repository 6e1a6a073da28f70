"""The service's OpenAPI as schemathesis reads it, and what it checks of every answer."""

import importlib
import pkgutil
from contextlib import suppress
from typing import Any

import schemathesis
from schemathesis.schemas import BaseSchema
from starlette.types import Receive, Scope, Send

from tests.fuzz.world import World

# pytest rewrites the modules of its plugins, and Python 3.11 cannot parse in two threads at
# once: what schemathesis would load in the midst of a run is loaded before there are threads
for _module in pkgutil.walk_packages(schemathesis.__path__, "schemathesis."):
    with suppress(ImportError):  # of what is optional
        importlib.import_module(_module.name)

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "use_after_free",
)
"""Left out are two whose premise does not hold here. ``positive_data_acceptance``: whether
a body is acceptable depends on what is stored, on the role, and on rules that no JSON schema can
say. ``ensure_resource_availability``: what one has posted may be out of one's sight the
next moment, when the office publishes or somebody purges it."""

REFUSALS = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428, 429, 431]
"""Malformed requests get one of these; schemathesis knows fewer by itself."""

_UNDER_AN_ID = r"^/v1/(needs|achievements)/\{[^}]+\}/"
"""Ids of postings may hold slashes, so here any method finds a posting to refuse."""

TIMEOUT_S = 120
"""For one answer, on a machine that many share."""


def open_schema(
    world: World,
    *,
    seed: int,
    phases: tuple[str, ...] = (),
    max_time_s: int | None = None,
    scenarios: int | None = None,
) -> BaseSchema:
    """The OpenAPI of a running service, with the checks switched on.

    Args:
        world: The service.
        seed: Equal seeds make equal requests, as far as the answers are equal.
        phases: Of a run by schemathesis' own engine.
        max_time_s: How long such a run goes on; once through if left out.
        scenarios: How many chains of operations it follows each time; hundreds if left out.
    """
    checks: dict[str, object] = {name: {"enabled": True} for name in CHECKS}
    for name in ("negative_data_rejection", "missing_required_header"):
        checks[name] = {"enabled": True, "expected-statuses": REFUSALS}
    known = ("examples", "coverage", "fuzzing", "stateful")
    settings: dict[str, Any] = {
        "seed": seed,
        "warnings": False,
        "continue-on-failure": True,
        "request-timeout": TIMEOUT_S,
        # tokens are those of the accounts; random ones would only ever be refused
        "generation": {"database": "none", "with-security-parameters": False, "no-shrink": True},
        "checks": {"enabled": False, **checks},
        "operations": [
            {
                "include-path-regex": _UNDER_AN_ID,
                "checks": {
                    "unsupported_method": {"enabled": False},
                    "allow_header_conformance": {"enabled": False},
                },
            }
        ],
        "phases": {name: {"enabled": name in phases} for name in known},
    }
    if scenarios is not None:
        settings["phases"]["stateful"]["generation"] = {"max-examples": scenarios}
    if max_time_s is not None:
        settings["max-time"] = max_time_s
    config = schemathesis.Config.from_dict(settings)
    return schemathesis.openapi.from_asgi("/openapi.json", _without_lifespan(world), config=config)


def _without_lifespan(world: World):
    """The application, whose start and end are the world's to say."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await world.app(scope, receive, send)
            return
        kind = ""
        while kind != "lifespan.shutdown":
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})

    return app
