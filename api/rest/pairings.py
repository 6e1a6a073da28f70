"""Pairing plans: solved for the office at once or by a job, kept, frozen, compared."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query

from api.rest.call import Call, for_operation
from api.rest.jobs import JobShown, job_shown, wake
from api.rest.pairing_schemas import (
    ComparisonShown,
    PairingDraft,
    PairingEntry,
    PairingList,
    PairingShown,
)
from api.rest.problems import RESPONSES
from data.policy.operation import Operation

if TYPE_CHECKING:
    from data.access.plans import PlanSeen

# the solver's libraries are imported where they are used: no other request waits for them

router = APIRouter(prefix="/pairings", tags=["pairings"], responses=RESPONSES)
orders = APIRouter(prefix="/pairing-orders", tags=["pairings"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.PAIRING_READ)]
Creating = Annotated[Call, for_operation(Operation.PAIRING_CREATE)]
Updating = Annotated[Call, for_operation(Operation.PAIRING_UPDATE)]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get(
    "",
    operation_id="list_pairings",
    summary="列出结对方案 / list pairing plans",
    response_model=PairingList,
)
def list_(call: Reading) -> Any:
    """Every plan, the oldest first."""
    from api.plans.as_json import entry_as_json

    with call.read() as desk:
        entries = desk.plans.entries()
    items = [PairingEntry.model_validate(entry_as_json(entry)) for entry in entries]
    return call.shown(PairingList(items=items))


@router.post(
    "",
    status_code=201,
    operation_id="create_pairing",
    summary="求解并保存结对方案 / solve a pairing and keep it",
    response_model=PairingShown,
)
def create(body: PairingDraft, call: Creating) -> Any:
    """每链（县）一个牵头、若干协作，联合求解。 / Chosen jointly, in bounded time."""
    from api.plans.ordering import solve_order

    with call.read() as desk:
        seen = desk.plans.data_version()
    asked = body.model_dump(mode="json")
    solved = solve_order(call.service, asked, seen=seen, at_once=True)
    with call.write() as desk:
        version = desk.plans.add(solved.problem, solved.plan, solved.named, **solved.about)
        shown = _shown(desk.plans.get(version))
        return call.created(desk, shown, location=f"/v1/pairings/{version}")


@orders.post(
    "",
    status_code=201,
    operation_id="order_pairing",
    summary="后台求解结对方案 / have a pairing solved in the background",
    response_model=JobShown,
)
def order(body: PairingDraft, call: Creating) -> Any:
    """任务的结果给出方案版本，每次只求解一个。 / One at a time; the result names the version."""
    with call.write() as desk:
        job = desk.plans.order(body.model_dump(mode="json"))
        answer = call.created(desk, job_shown(job), location=f"/v1/jobs/{job.id}")
    wake(call)
    return answer


@router.get(
    "/{version}",
    operation_id="read_pairing",
    summary="查看结对方案 / read a pairing plan",
    response_model=PairingShown,
)
def read(version: Version, call: Reading) -> Any:
    """A plan; brokers read the teams, the office also the reasons and inputs."""
    with call.read() as desk:
        seen = desk.plans.get(version)
    return call.shown(_shown(seen))


@router.post(
    "/{version}/freeze",
    operation_id="freeze_pairing",
    summary="冻结结对方案 / declare a pairing plan final",
    response_model=PairingShown,
)
def freeze(version: Version, call: Updating) -> Any:
    """From here on the plan stays as it is."""
    with call.write() as desk:
        desk.plans.freeze(version)
        return call.done(desk, _shown(desk.plans.get(version)))


@router.get(
    "/{version}/comparison",
    operation_id="compare_pairings",
    summary="与另一方案比较 / how another plan differs from this one",
    response_model=ComparisonShown,
)
def compare(
    version: Version,
    call: Reading,
    other: Annotated[int, Query(ge=1, le=2**31 - 1, description="另一方案 / the other plan")],
) -> Any:
    """Teams, levels and rules that differ."""
    from api.plans.comparison import compare_plans

    with call.read() as desk:
        first, second = (desk.plans.get(v).stored for v in (version, other))
    return call.shown(ComparisonShown.model_validate(asdict(compare_plans(first, second))))


def _shown(seen: "PlanSeen") -> PairingShown:
    from api.plans.as_json import entry_as_json, explained_as_json
    from api.plans.kept import FAIR_LEVEL, ExplainedPlan
    from matcher.pairing.reasons import explain

    stored, named = seen.stored, seen.named
    plain: dict[str, Any] = entry_as_json(stored) | {
        "stale": seen.staleness.stale,
        "teams": [asdict(team) for team in stored.plan.teams],
        "coverage": [asdict(one) for one in stored.plan.coverage],
        "titles": dict(named.titles),
        "people": {record: list(people) for record, people in named.teams.items()},
    }
    if seen.whole:
        reasons = explain(stored.problem, stored.plan, least=FAIR_LEVEL)
        whole = explained_as_json(ExplainedPlan(stored, reasons, seen.staleness, FAIR_LEVEL))
        plain |= {name: whole[name] for name in ("staleness", "reasons", "inputs")}
    return PairingShown.model_validate(plain)
