"""A plan with its reasons as plain values, for other programs."""

from dataclasses import asdict
from typing import Any

from api.plans.kept import ExplainedPlan
from data.plan_values import plan_as_json, problem_as_json
from data.plans import PlanEntry


def entry_as_json(entry: PlanEntry) -> dict[str, Any]:
    """What a list of plans tells of one."""
    return {
        "version": entry.version,
        "name": entry.name,
        "note": entry.note,
        "author": entry.author,
        "created_at": entry.created_at.isoformat(),
        "data_version": entry.data_version,
        "frozen_at": entry.frozen_at and entry.frozen_at.isoformat(),
        "frozen_by": entry.frozen_by,
        "solver": entry.plan.solver.value,
        "gap": entry.plan.gap,
        "objective": asdict(entry.plan.objective) | {"total": entry.plan.objective.total},
    }


def explained_as_json(explained: ExplainedPlan) -> dict[str, Any]:
    """Everything about a plan: result, reasons, inputs, and what its ids stand for."""
    stored = explained.stored
    staleness = asdict(explained.staleness) | {"stale": explained.staleness.stale}
    return entry_as_json(stored) | {
        "staleness": staleness,
        "plan": plan_as_json(stored.plan),
        "reasons": asdict(explained.reasons),
        "inputs": problem_as_json(stored.problem),
        "titles": dict(stored.named.titles),
        "teams": {record: list(people) for record, people in stored.named.teams.items()},
    }
