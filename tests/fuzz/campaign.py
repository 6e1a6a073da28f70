"""A run of schemathesis' own engine as one role: every operation, and chains of them by links."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemathesis.engine import Status, events, from_schema

from data.policy.actor import Role
from tests.fuzz.schema import open_schema
from tests.fuzz.world import World


@dataclass
class Report:
    """What came of a run.

    Attributes:
        statuses: Answers by status.
        visited: Answers by operation.
        followed: Requests that went on from another's answer.
        failures: What was wrong, each kind once, with a request that shows it.
        errors: What kept schemathesis from asking.
    """

    role: Role
    phases: tuple[str, ...]
    statuses: Counter[int] = field(default_factory=Counter)
    visited: Counter[str] = field(default_factory=Counter)
    followed: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def server_errors(self) -> int:
        """Answers that blame the service."""
        return sum(n for status, n in self.statuses.items() if status >= 500)

    def add(self, scenario: events.ScenarioFinished) -> None:
        """Counts one scenario in."""
        recorder = scenario.recorder
        for case_id, interaction in recorder.interactions.items():
            if interaction.response is not None:
                self.statuses[interaction.response.status_code] += 1
                self.visited[recorder.cases[case_id].value.operation.label] += 1
                self.followed += recorder.cases[case_id].transition is not None
        for case_id, checks in recorder.checks.items():
            label = recorder.cases[case_id].value.operation.label
            for check in checks:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    failure = check.failure_info.failure
                    kind = f"{check.name} · {label} · {failure.title}"
                    shown = f"{failure.message}\n{check.failure_info.code_sample}"
                    self.failures.setdefault(kind, shown)

    def __str__(self) -> str:
        """A few lines for people."""
        statuses = ", ".join(f"{status}×{n}" for status, n in sorted(self.statuses.items()))
        lines = [
            f"{self.role}, {'+'.join(self.phases)}: {self.statuses.total()} requests"
            f" to {len(self.visited)} operations,"
            f" {self.followed} by links; {self.server_errors} server errors,"
            f" {len(self.failures)} kinds of failure, {len(self.errors)} errors",
            f"  {statuses}",
            *(f"  FAILED {kind}\n{shown}" for kind, shown in self.failures.items()),
            *(f"  ERROR {error}" for error in self.errors),
        ]
        return "\n".join(lines)


def run_campaign(world: World, role: Role, *, phases: tuple[str, ...], **options: Any) -> Report:
    """Asks as one role; the options are those of ``open_schema``."""
    schema = open_schema(world, phases=phases, **options)

    @schema.auth(refresh_interval=None)
    class _Account:
        def get(self, case, context):
            return world.token(role)

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"

    report = Report(role, phases)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            report.add(event)
        elif isinstance(event, events.NonFatalError):
            report.errors.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            report.errors.append(repr(event.exception))
    return report
