"""Pairing plans: solved for the office within a bounded time, kept, frozen, compared."""

from dataclasses import asdict
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query

from api.errors import PairingBusy, PairingRefused
from api.rest.call import Call, for_operation
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
    from api.plans.pairing import PairOptions
    from api.service import MatchService
    from data.access.plans import PlanSeen
    from matcher.pairing.plan import Plan
    from matcher.pairing.problem import Problem

# the solver's libraries are imported where they are used: no other request waits for them

router = APIRouter(prefix="/pairings", tags=["pairings"], responses=RESPONSES)

Reading = Annotated[Call, for_operation(Operation.PAIRING_READ)]
Creating = Annotated[Call, for_operation(Operation.PAIRING_CREATE)]
Updating = Annotated[Call, for_operation(Operation.PAIRING_UPDATE)]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]

_solving = Lock()


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
    """One lead and some partners for each chain or county, chosen jointly in bounded time."""
    from api.plans.kept import names_of

    with call.read() as desk:
        # asked before the data is read: what changes from here on makes the plan stale
        seen = desk.plans.data_version()
    problem, plan = _solved(call.service, body)
    named = names_of(call.service.engine, problem)
    with call.write() as desk:
        about = {"data_version": seen, "name": body.name.strip(), "note": body.note}
        version = desk.plans.add(problem, plan, named, **about)
        shown = _shown(desk.plans.get(version))
        return call.created(desk, shown, location=f"/v1/pairings/{version}")


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


def _solved(service: "MatchService", body: PairingDraft) -> "tuple[Problem, Plan]":
    from api.plans.pairing import pairing_problem
    from matcher.pairing.errors import BadProblem
    from matcher.pairing.infeasible import Infeasible
    from matcher.pairing.solve import solve

    if not _solving.acquire(blocking=False):
        raise PairingBusy
    try:
        problem = pairing_problem(service, _options(body), today=date.today())
        return problem, solve(problem, time_limit_s=body.time_limit_s)
    except (BadProblem, Infeasible) as error:
        raise PairingRefused(str(error)) from error
    finally:
        _solving.release()


def _options(body: PairingDraft) -> "PairOptions":
    from api.plans.pairing import PairOptions
    from matcher.pairing.problem import Fixed, Forbidden, HubKind, Role

    return PairOptions(
        kinds=tuple(dict.fromkeys(HubKind(kind) for kind in body.kinds)),
        only=frozenset((*body.chains, *body.counties)),
        partners=body.partners,
        capacity=body.capacity,
        max_leads=body.max_leads,
        min_local=body.min_local,
        local_lead=body.local_lead,
        fixed=tuple(
            Fixed(hub=pair.hub, supplier=pair.supplier, role=Role(pair.role) if pair.role else None)
            for pair in body.fixed
        ),
        forbidden=tuple(Forbidden(**pair.model_dump()) for pair in body.forbidden),
        leaders=frozenset(body.leaders),
        time_limit_s=body.time_limit_s,
    )


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
