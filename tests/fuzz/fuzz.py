"""One role's run of schemathesis over the whole OpenAPI."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.engine import Status, events, from_schema
from starlette.types import Receive, Scope, Send
from tests.fuzz.world import World

from data.policy.actor import Role

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

REFUSALS = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428, 429, 431]


@dataclass
class Report:
    role: Role
    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    visited: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def fuzz(world: World, role: Role, *, seed: int, max_time_s=None, phases, max_examples=None, include=None) -> Report:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await world.app(scope, receive, send)
        else:
            while True:
                message = await receive()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return

    config = schemathesis.Config.from_dict(
        {
            "seed": seed,
            "warnings": False,
            **({"max-time": max_time_s} if max_time_s else {}),
            "generation": {
                "database": "none",
                "with-security-parameters": False,
                "no-shrink": True,
                **({"max-examples": max_examples} if max_examples else {}),
            },
            "checks": {
                "enabled": False,
                **{name: {"enabled": True} for name in CHECKS},
                "negative_data_rejection": {"enabled": True, "expected-statuses": REFUSALS},
                "missing_required_header": {"enabled": True, "expected-statuses": REFUSALS},
            },
            "phases": {
                name: {"enabled": name in phases}
                for name in ("examples", "coverage", "fuzzing", "stateful")
            },
            "continue-on-failure": True,
            "request-timeout": 60,
        }
    )
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)
    if include:
        schema = schema.include(path_regex=include)

    @schema.auth(refresh_interval=None)
    class Signed:
        def get(self, case, context):
            return world.token(role)

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"

    report = Report(role)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(report, event)
        elif isinstance(event, events.NonFatalError):
            report.errors.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            report.errors.append(repr(event.exception))
    return report


def _count(report: Report, event: Any) -> None:
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        response = interaction.response
        report.requests += 1
        if response is not None:
            report.statuses[response.status_code] += 1
            report.visited[recorder.cases[case_id].value.operation.label] += 1
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is Status.FAILURE:
                failure = check.failure_info.failure
                case = recorder.cases[case_id].value
                key = f"{check.name} {case.operation.label} {failure.title} {failure.message[:200]}"
                response = recorder.interactions[case_id].response
                body = response.content[:700].decode("utf-8", "replace") if response else ""
                report.failures.setdefault(
                    key, f"{check.failure_info.code_sample}\n   -> {response and response.status_code} {body}"
                )
