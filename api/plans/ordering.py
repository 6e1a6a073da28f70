"""A plan as the office orders it over the wire: JSON in, problem and plan out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from api.errors import PairingBusy, PairingRefused
from api.plans.kept import names_of
from api.plans.pairing import PairOptions, pairing_problem
from api.progress import Progress
from api.service import MatchService
from data.plans import Named
from matcher.pairing.errors import BadProblem
from matcher.pairing.infeasible import Infeasible
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Fixed, Forbidden, HubKind, Problem, Role
from matcher.pairing.solve import solve

MOST_AT_ONCE = 300
"""Needs for which a request is answered in tens of seconds; each has to be graded."""

_solving = Lock()


def options_of(asked: Mapping[str, Any]) -> PairOptions:
    """Options from the JSON of an order; see ``api.rest.pairing_schemas.PairingDraft``."""
    return PairOptions(
        kinds=tuple(dict.fromkeys(HubKind(kind) for kind in asked["kinds"])),
        only=frozenset((*asked["chains"], *asked["counties"])),
        partners=asked["partners"],
        capacity=asked["capacity"],
        max_leads=asked["max_leads"],
        min_local=asked["min_local"],
        local_lead=asked["local_lead"],
        fixed=tuple(
            Fixed(
                hub=pair["hub"],
                supplier=pair["supplier"],
                role=Role(pair["role"]) if pair["role"] else None,
            )
            for pair in asked["fixed"]
        ),
        forbidden=tuple(Forbidden(**pair) for pair in asked["forbidden"]),
        leaders=frozenset(asked["leaders"]),
        time_limit_s=asked["time_limit_s"],
    )


@dataclass(frozen=True, slots=True)
class Solved:
    """What ``data.access.plans.Plans.add`` keeps of an order.

    Attributes:
        about: Data version, name and note.
    """

    problem: Problem
    plan: Plan
    named: Named
    about: Mapping[str, Any]


def solve_order(
    service: MatchService,
    asked: Mapping[str, Any],
    *,
    seen: int,
    at_once: bool,
    progress: Progress = lambda done, total: None,
) -> Solved:
    """The plan for the city as it stands today; one is solved at a time.

    Args:
        service: The engine.
        asked: JSON of the order.
        seen: Data version, asked for before: what changes from there on makes the plan stale.
        at_once: Whether somebody waits for it: then for no other plan, and not for long.
        progress: Told how many needs have been graded.

    Raises:
        PairingBusy: another plan is being solved.
        PairingTooLarge: there are more than ``MOST_AT_ONCE`` needs.
        PairingRefused: the rules contradict each other, or name what does not exist.
    """
    if not _solving.acquire(blocking=not at_once):
        raise PairingBusy
    try:
        options = options_of(asked)
        most = MOST_AT_ONCE if at_once else None
        problem = pairing_problem(
            service, options, today=date.today(), most=most, progress=progress
        )
        plan = solve(problem, time_limit_s=options.time_limit_s)
    except (BadProblem, Infeasible) as error:
        raise PairingRefused(str(error)) from error
    finally:
        _solving.release()
    about = {"data_version": seen, "name": asked["name"].strip(), "note": asked["note"]}
    return Solved(problem, plan, names_of(service.engine, problem), about)
