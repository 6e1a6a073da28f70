"""The table of rules: who may do what to which, and how much of it they then see.

A rule grants; nothing else does. Where several rules apply, the one that shows most
counts. ``yilian policy`` prints the table, and tests walk through every cell of it.
"""

from dataclasses import dataclass

from data.policy.actor import Role
from data.policy.lifecycle import EDITABLE, READABLE, REMEMBERED, TRANSITIONS
from data.policy.operation import Operation as Op
from data.policy.subject import Party, View
from matcher.types import OPEN, Status, Visibility


@dataclass(frozen=True, slots=True)
class Rule:
    """One grant.

    Attributes:
        operation: What is allowed.
        party: To whom.
        visibilities: For which postings; empty for all, and for what has none.
        statuses: Likewise.
        view: How much of it.
        role: The only role that it is for; None for every role that can be that party.
    """

    operation: Op
    party: Party
    visibilities: tuple[Visibility, ...] = ()
    statuses: tuple[Status, ...] = ()
    view: View = View.FULL
    role: Role | None = None


_SHOWN = (Visibility.PUBLIC, Visibility.BROKER)
_MASKED = (Visibility.MASKED,)
_OFFICE = (Party.OFFICE, Party.ADMINISTRATOR)
_STAFF = (Party.BROKER, *_OFFICE)


def _reading(operation: Op) -> tuple[Rule, ...]:
    return (
        Rule(operation, Party.OWNER),
        *(Rule(operation, party) for party in (*_OFFICE, Party.SYSTEM)),
        Rule(operation, Party.HANDLER, statuses=REMEMBERED),
        # no more than everybody saw while it was open
        Rule(operation, Party.COUNTERPARTY, (Visibility.PUBLIC,), REMEMBERED),
        Rule(operation, Party.COUNTERPARTY, _MASKED, REMEMBERED, View.SUMMARY),
        Rule(operation, Party.BROKER, _SHOWN, READABLE),
        Rule(operation, Party.BROKER, _MASKED, READABLE, View.SUMMARY),
        Rule(operation, Party.MEMBER, (Visibility.PUBLIC,), OPEN),
        Rule(operation, Party.MEMBER, _MASKED, OPEN, View.SUMMARY),
    )


def _matches(operation: Op) -> tuple[Rule, ...]:
    """A match list tells much of its query, so it is shown less widely than that."""
    return (
        Rule(operation, Party.OWNER),
        *(Rule(operation, party) for party in (*_OFFICE, Party.SYSTEM)),
        Rule(operation, Party.HANDLER, statuses=READABLE),
        Rule(operation, Party.BROKER, _SHOWN, READABLE),
        Rule(operation, Party.BROKER, _MASKED, READABLE, View.SUMMARY),
    )


def _background(operation: Op) -> tuple[Rule, ...]:
    """Its history with the office's reasons, and the mask with the words it must not show."""
    return (
        *_to(operation, Party.OWNER, *_OFFICE, Party.SYSTEM),
        Rule(operation, Party.HANDLER, statuses=READABLE),
    )


def _to(operation: Op, *allowed: Party, statuses: tuple[Status, ...] = ()) -> tuple[Rule, ...]:
    return tuple(Rule(operation, party, statuses=statuses) for party in allowed)


def _steps() -> tuple[Rule, ...]:
    # where a step may start from is the lifecycle's own answer, with its own error
    rows = [row for table in TRANSITIONS.values() for row in table]
    grants = dict.fromkeys((row.step, party) for row in rows for party in row.by)
    return tuple(Rule(step, party) for step, party in grants)


RULES: tuple[Rule, ...] = (
    *_reading(Op.NEED_READ),
    *_reading(Op.ACHIEVEMENT_READ),
    *_matches(Op.NEED_MATCHES),
    *_matches(Op.ACHIEVEMENT_MATCHES),
    *_matches(Op.RUN_READ),
    *_background(Op.NEED_BACKGROUND),
    *_background(Op.ACHIEVEMENT_BACKGROUND),
    Rule(Op.NEED_CREATE, Party.OWNER, role=Role.ENTERPRISE),
    Rule(Op.ACHIEVEMENT_CREATE, Party.OWNER, role=Role.UNIVERSITY),
    *_to(Op.NEED_CREATE, *_OFFICE),
    *_to(Op.ACHIEVEMENT_CREATE, *_OFFICE),
    *_to(Op.NEED_UPDATE, Party.OWNER, *_OFFICE, statuses=EDITABLE),
    *_to(Op.ACHIEVEMENT_UPDATE, Party.OWNER, *_OFFICE, statuses=EDITABLE),
    *_to(Op.NEED_MASK, Party.OWNER, statuses=EDITABLE),
    *_to(Op.ACHIEVEMENT_MASK, Party.OWNER, statuses=EDITABLE),
    # what its owner kept from the public, only its owner gives to the public
    *_to(Op.NEED_DISCLOSE, Party.OWNER, statuses=EDITABLE),
    *_to(Op.ACHIEVEMENT_DISCLOSE, Party.OWNER, statuses=EDITABLE),
    *_steps(),
    *_to(Op.POSTING_PURGE, Party.ADMINISTRATOR, statuses=(Status.WITHDRAWN,)),
    *_to(Op.ORGANIZATION_READ, Party.MEMBER),
    *_to(Op.ORGANIZATION_CREATE, *_OFFICE),
    *_to(Op.ORGANIZATION_UPDATE, Party.OWNER, *_OFFICE),
    *_to(Op.EXPERT_READ, Party.MEMBER),
    Rule(Op.EXPERT_CREATE, Party.OWNER, role=Role.UNIVERSITY),
    Rule(Op.EXPERT_UPDATE, Party.OWNER, role=Role.UNIVERSITY),
    *_to(Op.EXPERT_CREATE, *_OFFICE),
    *_to(Op.EXPERT_UPDATE, *_OFFICE),
    *_to(Op.CHAIN_READ, Party.MEMBER),
    *_to(Op.CHAIN_UPDATE, *_OFFICE),
    *_to(Op.TEXT_MATCH, Party.MEMBER),
    # an enterprise set the question and marks the answers; a supplier never does
    *_to(Op.DECISION_READ, Party.HANDLER, *_STAFF),
    Rule(Op.DECISION_READ, Party.OWNER, role=Role.ENTERPRISE),
    *_to(Op.DECISION_CREATE, Party.HANDLER, *_STAFF),
    Rule(Op.DECISION_CREATE, Party.OWNER, role=Role.ENTERPRISE),
    *_to(Op.CASE_READ, Party.HANDLER, *_OFFICE),
    # a firm and a university follow their own case, without the broker's notes
    Rule(Op.CASE_READ, Party.OWNER, view=View.SUMMARY),
    *_to(Op.CASE_CREATE, Party.BROKER),
    *_to(Op.CASE_UPDATE, Party.HANDLER),
    *_to(Op.CASE_ASSIGN, *_OFFICE),
    *_to(Op.PAIRING_READ, *_STAFF),
    *_to(Op.PAIRING_CREATE, *_OFFICE),
    *_to(Op.PAIRING_UPDATE, *_OFFICE),
    # what a file holds is its owner's affair until it is stored
    *_to(Op.IMPORT_READ, Party.OWNER),
    *_to(Op.IMPORT_CREATE, Party.OWNER, *_OFFICE),
    *_to(Op.EXPORT_CREATE, Party.MEMBER),
    # news of other people's postings are for those whose work it is to bring them together
    *(
        Rule(operation, Party.OWNER, role=role)
        for operation in (Op.SUBSCRIPTION_READ, Op.SUBSCRIPTION_UPDATE)
        for role in (Role.BROKER, Role.OFFICE, Role.ADMINISTRATOR)
    ),
    *_to(Op.INBOX_READ, Party.OWNER),
    *_to(Op.INBOX_UPDATE, Party.OWNER),
    *_to(Op.WEBHOOK_READ, Party.OWNER),
    *_to(Op.WEBHOOK_UPDATE, Party.OWNER),
    *_to(Op.ME_READ, Party.OWNER),
    *_to(Op.ME_UPDATE, Party.OWNER),
    # signing in is the program's work until it is known who it is
    *_to(Op.SESSION_CREATE, Party.OWNER, Party.SYSTEM),
    *_to(Op.SESSION_END, Party.OWNER, Party.SYSTEM),
    *_to(Op.USER_READ, Party.ADMINISTRATOR, Party.SYSTEM),
    *_to(Op.USER_UPDATE, Party.ADMINISTRATOR, Party.SYSTEM),
    *_to(Op.AUDIT_READ, *_OFFICE),
    *_to(Op.JOB_READ, Party.OWNER, *_OFFICE),
    *_to(Op.JOB_UPDATE, Party.OWNER, *_OFFICE),
    *_to(Op.FIGURES_READ, *_STAFF),
    *_to(Op.METRICS_READ, Party.ADMINISTRATOR),
    # done on the command line, by whoever runs the server
    *_to(Op.STORE_RESTORE, Party.SYSTEM),
)
"""Every grant there is."""

IMPARTIAL = (Op.DECISION_CREATE, Op.CASE_CREATE)
"""What nobody may do about a match of the organisation that he belongs to as its supplier."""
