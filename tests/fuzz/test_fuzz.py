"""schemathesis in short: every operation as every role, then chains of operations by links."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS as KNOWN_CHECKS
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation, BaseSchema

from data.policy.actor import PEOPLE
from tests.fuzz.campaign import run_campaign
from tests.fuzz.schema import CHECKS, open_schema
from tests.fuzz.world import World, running_world

# the service's own threads draw random numbers while Hypothesis looks on
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")

SEED = 20_270_301
SCENARIOS = 4


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("fuzz") / "home") as world:
        yield world


@pytest.fixture(scope="module")
def schema(world: World) -> BaseSchema:
    load_all_checks()
    return open_schema(world, seed=SEED)


def _ask_as_everybody(world: World, operation: APIOperation, mode: GenerationMode) -> Counter[str]:
    asked: Counter[str] = Counter()
    checks = KNOWN_CHECKS.get_by_names(CHECKS)

    @seed(SEED)
    @settings(
        max_examples=1,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        for role in PEOPLE:
            headers = {"Authorization": f"Bearer {world.token(role)}"}
            asked[role] += 1
            case.call_and_validate(headers=headers, checks=checks)

    ask()
    return asked


def test_every_operation_answers_every_role_as_its_description_says(
    world: World, schema: BaseSchema
):
    faults: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        takes_something = bool(operation.body or any(True for _ in operation.iter_parameters()))
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE][: 1 + takes_something]
        for mode in modes:
            try:
                asked = _ask_as_everybody(world, operation, mode)
                assert set(asked) == set(PEOPLE), operation.label
            except (Failure, FailureGroup) as failure:
                faults.append(str(failure))

    assert faults == []


def test_what_answers_lead_to_keeps_to_the_description_too(world: World):
    reports = [
        run_campaign(world, role, seed=SEED, phases=("stateful",), scenarios=SCENARIOS)
        for role in PEOPLE
    ]

    assert {report.role: report.failures for report in reports if report.failures} == {}
    assert [error for report in reports for error in report.errors] == []
    assert sum(report.followed for report in reports)
