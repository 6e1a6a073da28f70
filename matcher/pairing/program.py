"""The plan as a mixed-integer linear programme.

Coverage is facility location in its cumulative form: instead of one variable for each need
and supplier, one for each need and distinct level, "the need is covered at this level or
better". It is as tight as the usual form (a covered need needs an open supplier), and has
fewer variables the fewer levels there are (Cornuéjols, Nemhauser and Wolsey 1980, "A
canonical representation of simple plant location problems and its applications"; García,
Labbé and Marín 2011, "Solving large p-median problems with a radius formulation"). Needs
whose best suppliers agree share the variables of those levels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from matcher.pairing.model import IntArray, Model
from matcher.pairing.problem import FloatArray
from matcher.pairing.rules import (
    INF,
    Rule,
    RuleKind,
    as_matrix,
    columns_of,
    structure,
)
from matcher.pairing.score import comfortable


@dataclass(frozen=True, eq=False)
class Program:
    """Maximise ``worth · x`` with ``lower ≤ rows · x ≤ upper`` and ``0 ≤ x ≤ most``.

    Attributes:
        rows: (constraints, variables) sparse.
        integer: (variables,) 1 where only whole numbers will do, else 0; seats and leads come
            first, as ``Columns`` numbers them.
    """

    worth: FloatArray
    most: FloatArray
    rows: sparse.csr_array
    lower: FloatArray
    upper: FloatArray
    integer: IntArray


class _Builder:
    """Collects variables and rows one after another."""

    def __init__(self, n_columns: int) -> None:
        self.worth: list[float] = [0.0] * n_columns
        self.most: list[float] = [1.0] * n_columns
        self.rows: list[tuple[list[int], list[float], float, float]] = []

    def variable(self, worth: float, most: float = 1.0) -> int:
        self.worth.append(worth)
        self.most.append(most)
        return len(self.worth) - 1

    def row(
        self, columns: list[int], coefficients: list[float], *, lower: float, upper: float
    ) -> None:
        self.rows.append((columns, coefficients, lower, upper))

    def matrix(self) -> tuple[sparse.csr_array, FloatArray, FloatArray]:
        indptr = np.cumsum([0, *(len(columns) for columns, *_ in self.rows)])
        indices = np.array([c for columns, *_ in self.rows for c in columns], dtype=np.int64)
        data = np.array([x for _, values, *_ in self.rows for x in values], dtype=float)
        matrix = sparse.csr_array((data, indices, indptr), shape=(len(self.rows), len(self.worth)))
        return matrix, np.array([r[2] for r in self.rows]), np.array([r[3] for r in self.rows])


def program_of(model: Model, rules: Sequence[Rule], *, worth: bool = True) -> Program:
    """The programme that maximises what a plan is worth under these rules.

    Without ``worth`` it leaves out what only matters for that: who asks whether the rules can
    be kept at all has a far smaller programme then.
    """
    columns = columns_of(model)
    builder = _Builder(columns.count)
    n_seats = columns.hubs * columns.suppliers
    shares = [rule for rule in rules if rule.kind is RuleKind.COUNTY_SHARE]
    if worth:
        builder.worth[:n_seats] = model.gain.ravel().tolist()
        builder.worth[n_seats:] = model.lead_gain.ravel().tolist()
        _add_overload(builder, model)
        _add_couplings(builder, model)
    if worth or shares:
        _add_coverage(builder, model, shares)
    extra, extra_lower, extra_upper = builder.matrix()
    width = len(builder.worth)
    fixed = structure(columns, width)
    fixed_upper = np.concatenate([np.zeros(n_seats), np.ones(columns.hubs)])
    linear = [rule for rule in rules if rule.kind is not RuleKind.COUNTY_SHARE]
    ruled, rule_lower, rule_upper = as_matrix(linear, width)
    integer = np.zeros(width, dtype=np.int64)
    integer[: columns.count] = 1
    return Program(
        worth=np.array(builder.worth),
        most=np.array(builder.most),
        rows=sparse.csr_array(sparse.vstack([fixed, ruled, extra])),
        lower=np.concatenate([np.full(len(fixed_upper), -INF), rule_lower, extra_lower]),
        upper=np.concatenate([fixed_upper, rule_upper, extra_upper]),
        integer=integer,
    )


def _add_coverage(builder: _Builder, model: Model, shares: list[Rule]) -> None:
    """Per need of a hub a path of levels, best first; equal beginnings of paths are shared."""
    columns = columns_of(model)
    counts: list[dict[int, float]] = [{} for _ in model.counties]
    for h, links in enumerate(model.links):
        first_seat = int(columns.seats(h)[0]) if columns.suppliers else 0
        nodes: dict[tuple[int, tuple[int, ...]], int] = {}
        by_need = sparse.csr_array(links.worth)
        for i in range(len(links.needs)):
            row = slice(by_need.indptr[i], by_need.indptr[i + 1])
            worth = by_need.data[row].tolist()
            parent = -1
            for step, suppliers in _steps(by_need.indices[row].tolist(), worth):
                if (node := nodes.get((parent, suppliers))) is None:
                    node = nodes[parent, suppliers] = builder.variable(0.0)
                    by = [first_seat + s for s in suppliers] + ([parent] if parent >= 0 else [])
                    builder.row([node, *by], [1.0] + [-1.0] * len(by), lower=-INF, upper=0.0)
                builder.worth[node] += step
                if (county := int(model.county_of[links.needs[i]])) >= 0:
                    counts[county][node] = counts[county].get(node, 0.0) + step
                parent = node
    _add_balance(builder, model, counts, shares)


def _steps(suppliers: list[int], worth: list[float]) -> list[tuple[float, tuple[int, ...]]]:
    """Distinct worths, best first: how much each is above the next, and who reaches just it."""
    at: dict[float, list[int]] = {}
    for s, value in zip(suppliers, worth, strict=True):
        at.setdefault(value, []).append(s)
    values = [*sorted(at, reverse=True), 0.0]
    return [(v - lower, tuple(sorted(at[v]))) for v, lower in pairwise(values)]


def _add_balance(
    builder: _Builder, model: Model, counts: list[dict[int, float]], shares: list[Rule]
) -> None:
    """The smallest covered share among the counties, and the least that each must have."""
    totals = model.county_weight.tolist()
    if model.balance > 0 and totals:
        smallest = builder.variable(model.balance)
        for total, count in zip(totals, counts, strict=True):
            coefficients = [total, *(-worth for worth in count.values())]
            builder.row([smallest, *count], coefficients, lower=-INF, upper=0.0)
    for rule in shares:
        k = model.counties.index(rule.subject[0])
        least = rule.lower * totals[k]
        builder.row(list(counts[k]), list(counts[k].values()), lower=least, upper=INF)


def _add_overload(builder: _Builder, model: Model) -> None:
    cost = model.problem.weights.overload
    columns, easy = columns_of(model), comfortable(model)
    for s, supplier in enumerate(model.problem.suppliers):
        if cost > 0 and easy[s] < supplier.max_hubs:
            beyond = builder.variable(-cost, INF)
            seats = columns.seats_of(s).tolist()
            builder.row(
                [*seats, beyond], [1.0] * len(seats) + [-1.0], lower=-INF, upper=float(easy[s])
            )


def _add_couplings(builder: _Builder, model: Model) -> None:
    columns = columns_of(model)
    for (first, second), gain in zip(
        model.coupled.tolist(), model.coupling_gain.tolist(), strict=True
    ):
        if gain <= 0:
            continue
        for a, b in zip(columns.seats(first), columns.seats(second), strict=True):
            shared = builder.variable(gain)
            builder.row([shared, int(a)], [1.0, -1.0], lower=-INF, upper=0.0)
            builder.row([shared, int(b)], [1.0, -1.0], lower=-INF, upper=0.0)
