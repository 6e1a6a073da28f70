"""A plan as the office orders it over the wire: JSON in, problem and plan out."""

from collections.abc import Mapping
from datetime import date
from threading import Lock
from typing import Any

from api.errors import PairingBusy, PairingRefused
from api.plans.pairing import PairOptions, pairing_problem
from api.progress import Progress
from api.service import MatchService
from matcher.pairing.errors import BadProblem
from matcher.pairing.infeasible import Infeasible
from matcher.pairing.plan import Plan
from matcher.pairing.problem import Fixed, Forbidden, HubKind, Problem, Role
from matcher.pairing.solve import solve

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


def solve_order(
    service: MatchService,
    asked: Mapping[str, Any],
    *,
    wait: bool,
    progress: Progress = lambda done, total: None,
) -> tuple[Problem, Plan]:
    """The problem as the city stands today, and its plan; one is solved at a time.

    Args:
        service: The engine.
        asked: JSON of the order.
        wait: Whether to wait while another plan is solved.
        progress: Told how many needs have been graded.

    Raises:
        PairingBusy: another plan is being solved, and nobody waits.
        PairingRefused: the rules contradict each other, or name what does not exist.
    """
    if not _solving.acquire(blocking=wait):
        raise PairingBusy
    try:
        options = options_of(asked)
        problem = pairing_problem(service, options, today=date.today(), progress=progress)
        return problem, solve(problem, time_limit_s=options.time_limit_s)
    except (BadProblem, Infeasible) as error:
        raise PairingRefused(str(error)) from error
    finally:
        _solving.release()
