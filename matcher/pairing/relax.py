"""The smallest changes to the rules that make a plan possible.

The elastic programme (Chinneck 2008, "Feasibility and infeasibility in optimization"): each
rule may be broken at a price, and the cheapest way is found. Every further step of one rule
costs more than the one before, so a change is spread rather than laid on one university.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.pairing.model import IntArray, Model
from matcher.pairing.plan import Notice
from matcher.pairing.problem import FloatArray
from matcher.pairing.program import program_of
from matcher.pairing.rules import INF, Rule, RuleKind
from matcher.pairing.wording import resolve

COSTS: dict[RuleKind, float] = {
    RuleKind.MAX_HUBS: 1.0,
    RuleKind.MAX_LEADS: 1.0,
    RuleKind.MAX_PARTNERS: 1.0,
    RuleKind.MIN_PARTNERS: 1.0,
    RuleKind.MIN_HUBS: 1.0,
    RuleKind.FIXED: 2.0,
    RuleKind.MIN_LOCAL: 3.0,
    RuleKind.LOCAL_LEAD: 3.0,
    RuleKind.FORBIDDEN: 4.0,
    RuleKind.LEAD: 5.0,
    RuleKind.COUNTY_SHARE: 10.0,
}
"""Price of the first step of breaking a rule; the cheaper ones give way first."""

STEPS = 4
"""Steps that are priced apart; the last one may be taken as often as needed."""

SHARE_STEP = 0.1
"""A step of a county's share; of everything else it is one."""

FEW = 1e-6


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One way to make a plan possible.

    Attributes:
        rules: What gives way.
        amounts: By how much each, in its own unit: teams, suppliers, a share.
        cost: Sum of the prices of all steps.
        text: What to do, in words.
    """

    rules: tuple[Rule, ...]
    amounts: tuple[float, ...]
    cost: float
    text: Notice


def relaxations(
    model: Model,
    rules: Sequence[Rule],
    kinds: Collection[RuleKind],
    *,
    most: int = 3,
    time_limit_s: float = 10.0,
) -> tuple[Relaxation, ...]:
    """Ways to make a plan possible, the cheapest first.

    The cheapest of all, and the cheapest by changing rules of one kind only, so that the
    choice is between different things; then the next cheapest of all.
    """
    elastic = _Elastic(model, rules)
    found: dict[tuple[int, ...], Relaxation] = {}

    def ask(changeable: Collection[RuleKind]) -> bool:
        answer = elastic.cheapest(changeable, time_limit_s)
        if answer is None:
            return False
        amounts, cost = answer
        broken = tuple(np.flatnonzero(amounts > FEW).tolist())
        by = tuple(round(float(amounts[r]), 6) for r in broken)
        names = tuple(rules[r] for r in broken)
        found.setdefault(
            broken, Relaxation(names, by, round(cost, 6), resolve(model.problem, names, by))
        )
        return True

    for changeable in (set(RuleKind), *({kind} for kind in RuleKind if kind in kinds)):
        ask(changeable)
    while len(found) < most:
        before = len(found)
        for broken in found:
            elastic.rule_out(broken)
        if not ask(set(RuleKind)) or len(found) == before:
            break
    return tuple(sorted(found.values(), key=lambda way: way.cost)[:most])


class _Elastic:
    """The rules' programme with the steps by which each is broken, and whether it is at all."""

    def __init__(self, model: Model, rules: Sequence[Rule]) -> None:
        self._program = program_of(model, rules, worth=False)
        rows, width = self._program.rows.shape
        n = len(rules)
        self._rules, self._width = rules, width
        share = np.array([rule.kind is RuleKind.COUNTY_SHARE for rule in rules])
        self._step = np.where(share, SHARE_STEP, 1.0)
        self._whole = (~share).astype(np.int64)
        most = np.array([_most_broken(rule) for rule in rules]) / self._step
        # steps are laid out rule by rule: the first of every rule, the second, ...
        self._most_steps = np.concatenate(
            [np.clip(most - k, 0, 1 if k < STEPS - 1 else None) for k in range(STEPS)]
        )
        sign = np.array([1.0 if np.isfinite(rule.lower) else -1.0 for rule in rules])
        scale = np.array([_scale(rule, model) for rule in rules]) * self._step
        broken = sparse.csr_array(
            (sign * scale, (_rows_of(rules, model, rows), np.arange(n))), shape=(rows, n)
        )
        self._rows = sparse.hstack([self._program.rows, *[broken] * STEPS, _empty(rows, n)])
        steps = sparse.hstack([sparse.eye_array(n)] * STEPS)
        only_if = sparse.hstack([_empty(n, width), steps, -sparse.diags_array(most)])
        self._only_if_broken = sparse.csr_array(only_if)
        self._cuts: list[list[int]] = []

    def cheapest(
        self, changeable: Collection[RuleKind], time_limit_s: float
    ) -> tuple[FloatArray, float] | None:
        """(rules,) by how much each is broken in the cheapest way, and its cost; None for none."""
        n, width = len(self._rules), self._width
        price = np.array([COSTS[rule.kind] for rule in self._rules])
        steps = np.concatenate([price * (k + 1) for k in range(STEPS)])
        # of two ways of equal cost the one that touches fewer rules
        cost = np.concatenate([np.zeros(width), steps, np.full(n, 1e-3)])
        integer = np.concatenate(
            [self._program.integer, *[self._whole] * STEPS, np.ones(n, dtype=np.int64)]
        )
        may = np.array([rule.kind in changeable for rule in self._rules], dtype=float)
        most = np.concatenate([self._program.most, self._most_steps, may])
        result = milp(
            cost,
            integrality=integer,
            bounds=Bounds(0, most),
            constraints=[
                LinearConstraint(self._rows, self._program.lower, self._program.upper),
                LinearConstraint(self._only_if_broken, ub=0),
                *self._ruled_out(),
            ],
            options={"time_limit": time_limit_s},
        )
        if result.x is None:
            return None
        taken = result.x[width : width + STEPS * n]
        return taken.reshape(STEPS, n).sum(axis=0) * self._step, float(steps @ taken)

    def rule_out(self, broken: Sequence[int]) -> None:
        """Every further way keeps at least one of these rules."""
        self._cuts.append(list(broken))

    def _ruled_out(self) -> list[LinearConstraint]:
        first = self._width + STEPS * len(self._rules)
        cuts = []
        for broken in self._cuts:
            row = np.zeros(first + len(self._rules))
            row[first + np.array(broken)] = 1.0
            cuts.append(LinearConstraint(row[None, :], ub=len(broken) - 1))
        return cuts


def _empty(rows: int, columns: int) -> sparse.csr_array:
    return sparse.csr_array((rows, columns))


def _scale(rule: Rule, model: Model) -> float:
    """What one unit of a rule is in its row: shares are rows of weights."""
    if rule.kind is RuleKind.COUNTY_SHARE:
        return float(model.county_weight[model.counties.index(rule.subject[0])])
    return 1.0


def _rows_of(rules: Sequence[Rule], model: Model, rows: int) -> IntArray:
    """Where the programme has each rule: linear ones after its structure, shares at the end."""
    shares = [rule.kind is RuleKind.COUNTY_SHARE for rule in rules]
    linear, share = model.gain.size + model.shape[0], rows - sum(shares)
    place = []
    for is_share in shares:
        place.append(share if is_share else linear)
        share, linear = share + is_share, linear + (not is_share)
    return np.array(place, dtype=np.int64)


def _most_broken(rule: Rule) -> float:
    """By how much a rule can be broken at all."""
    if rule.kind is RuleKind.COUNTY_SHARE:
        return rule.lower
    if rule.upper < INF:
        return max(float(np.maximum(rule.coefficients, 0).sum()) - rule.upper, 1.0)
    return rule.lower - float(np.minimum(rule.coefficients, 0).sum())
