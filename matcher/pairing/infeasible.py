"""Why no plan is possible: a smallest conflict of rules, and what would resolve it.

The conflict is found by QuickXplain (Junker 2004, "QuickXplain: preferred explanations and
relaxations for over-constrained problems"): every rule in it is needed for the contradiction.
"""

from collections.abc import Sequence

from matcher.errors import MatcherError
from matcher.pairing.feasible import choice_under
from matcher.pairing.model import Model
from matcher.pairing.plan import Notice
from matcher.pairing.relax import Relaxation, relaxations
from matcher.pairing.rules import Rule, rules_of
from matcher.pairing.wording import state


class Infeasible(MatcherError):
    """No plan keeps all rules.

    Attributes:
        conflict: Rules that cannot be kept together; without any one of them the others can.
        reasons: The conflict in words.
        relaxations: Smallest changes that make a plan possible, the cheapest first.
    """

    def __init__(
        self,
        conflict: tuple[Rule, ...],
        reasons: tuple[Notice, ...],
        ways: tuple[Relaxation, ...],
    ) -> None:
        lines = ["无法结对，下列要求不能同时满足：", *(f"  • {r.zh}" for r in reasons)]
        if ways:
            lines.append("任选一项调整即可，改动小的在前：")
            lines += [f"  {n}. {way.text.zh}" for n, way in enumerate(ways, 1)]
        lines += [" / no plan is possible; these cannot hold together:"]
        lines += [f"  • {r.en}" for r in reasons]
        if ways:
            lines.append("any one of these would help, the smallest change first:")
            lines += [f"  {n}. {way.text.en}" for n, way in enumerate(ways, 1)]
        super().__init__("\n".join(lines))
        self.conflict = conflict
        self.reasons = reasons
        self.relaxations = ways


def explain_conflict(model: Model, *, time_limit_s: float = 10.0) -> Infeasible:
    """The error that tells why an impossible problem is impossible.

    The time limit holds for each single question to the solver.
    """
    rules = rules_of(model)
    conflict = smallest_conflict(model, rules, time_limit_s=time_limit_s)
    kinds = {rule.kind for rule in conflict}
    ways = relaxations(model, rules, kinds, time_limit_s=time_limit_s)
    return Infeasible(conflict, state(model.problem, conflict), ways)


def smallest_conflict(
    model: Model, rules: Sequence[Rule], *, time_limit_s: float = 10.0
) -> tuple[Rule, ...]:
    """Rules that contradict each other, none of which is dispensable; none if all is well."""

    def possible(kept: Sequence[Rule]) -> bool:
        return choice_under(model, kept, time_limit_s=time_limit_s) is not None

    def search(kept: list[Rule], grown: bool, suspects: list[Rule]) -> list[Rule]:
        if grown and not possible(kept):
            return []
        if len(suspects) == 1:
            return suspects
        half = len(suspects) // 2
        first, second = suspects[:half], suspects[half:]
        of_second = search([*kept, *first], True, second)
        of_first = search([*kept, *of_second], bool(of_second), first)
        return [*of_first, *of_second]

    if possible(rules):
        return ()
    return tuple(search([], False, list(rules)))
