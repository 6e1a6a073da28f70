"""Pairing problems and plans as JSON values, and back without loss."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

import numpy as np
from pydantic import TypeAdapter
from scipy import sparse

from matcher.pairing.plan import Plan
from matcher.pairing.problem import Problem

_ARRAYS = ("cooperation", "distance_km")
_OWN_FORM = frozenset({*_ARRAYS, "levels", "evidence"})


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain values."""
    plain: dict[str, Any] = _adapter(Plan).dump_python(plan, mode="json")
    return plain


def plan_from_json(values: Mapping[str, Any]) -> Plan:
    """The plan that ``plan_as_json`` was given.

    Raises:
        ValueError: the values are no plan.
    """
    plan: Plan = _adapter(Plan).validate_python(values)
    return plan


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """A problem as plain values."""
    levels = sparse.coo_array(problem.levels)
    values = {
        name: _adapter(kind).dump_python(getattr(problem, name), mode="json")
        for name, kind in _plain_fields().items()
    }
    values["levels"] = {
        "shape": list(levels.shape),
        "rows": levels.row.tolist(),
        "columns": levels.col.tolist(),
        "values": levels.data.tolist(),
    }
    for name in _ARRAYS:
        matrix = getattr(problem, name)
        values[name] = None if matrix is None else matrix.tolist()
    values["evidence"] = [[*pair, list(ids)] for pair, ids in problem.evidence.items()]
    return values


def problem_from_json(values: Mapping[str, Any]) -> Problem:
    """The problem that ``problem_as_json`` was given.

    Raises:
        KeyError: a part is missing.
        ValueError: a part is malformed.
    """
    plain: dict[str, Any] = {
        name: _adapter(kind).validate_python(values[name])
        for name, kind in _plain_fields().items()
        if name in values
    }
    stored = values["levels"]
    entries = (stored["values"], (stored["rows"], stored["columns"]))
    plain |= {name: _matrix(values[name], plain) for name in _ARRAYS}
    return Problem(
        **plain,
        levels=sparse.csr_array(entries, shape=tuple(stored["shape"]), dtype=float),
        evidence={(need, supplier): tuple(ids) for need, supplier, ids in values["evidence"]},
    )


def _matrix(rows: Any, plain: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    if rows is None:
        return None
    # without suppliers a list of empty rows has lost its width
    return np.array(rows, dtype=float).reshape(len(plain["hubs"]), len(plain["suppliers"]))


@cache
def _plain_fields() -> dict[str, Any]:
    hints = get_type_hints(Problem)
    return {f.name: hints[f.name] for f in fields(Problem) if f.name not in _OWN_FORM}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
