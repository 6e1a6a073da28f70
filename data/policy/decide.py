"""The one answer to "may he?"."""

from collections import defaultdict
from collections.abc import Mapping

from data.policy.actor import Actor
from data.policy.errors import Forbidden, Partial
from data.policy.operation import Operation
from data.policy.rules import IMPARTIAL, RULES, Rule
from data.policy.subject import ANYTHING, ROLE_OF, Subject, View, parties

_BY_OPERATION: Mapping[Operation, list[Rule]] = defaultdict(list)
for _rule in RULES:
    _BY_OPERATION[_rule.operation].append(_rule)


def decide(actor: Actor, operation: Operation, subject: Subject = ANYTHING) -> View | None:
    """How much the actor may do or see of the subject; None for nothing."""
    if actor.scopes is not None and operation not in actor.scopes:
        return None
    if _partial(actor, operation, subject):
        return None
    is_to = parties(actor, subject)
    views = {
        rule.view
        for rule in _BY_OPERATION[operation]
        if rule.party in is_to and _fits(rule, actor, subject)
    }
    if not views:
        return None
    return View.FULL if View.FULL in views else View.SUMMARY


def require(actor: Actor, operation: Operation, subject: Subject = ANYTHING) -> View:
    """The same where "nothing" is an error.

    Raises:
        Partial: he belongs to the organisation whose match it is.
        Forbidden: no rule allows it.
    """
    if _partial(actor, operation, subject):
        raise Partial(operation)
    view = decide(actor, operation, subject)
    if view is None:
        raise Forbidden(operation)
    return view


def rules_for(actor: Actor, operation: Operation) -> list[Rule]:
    """The rules that can ever allow this to the actor, whatever it is about."""
    if actor.scopes is not None and operation not in actor.scopes:
        return []
    return [
        rule
        for rule in _BY_OPERATION[operation]
        if rule.role in (None, actor.role) and ROLE_OF.get(rule.party, actor.role) is actor.role
    ]


def _partial(actor: Actor, operation: Operation, subject: Subject) -> bool:
    own = actor.organization is not None and actor.organization == subject.supplier
    return own and operation in IMPARTIAL


def _fits(rule: Rule, actor: Actor, subject: Subject) -> bool:
    return (
        (rule.role is None or rule.role is actor.role)
        and (not rule.visibilities or subject.visibility in rule.visibilities)
        and (not rule.statuses or subject.status in rule.statuses)
    )
