"""What each kind of person may do, written down by hand from the wish list, not from the rules.

Statuses stand in the order draft, submitted, returned | published, matching, in contact |
signed, closed, expired | withdrawn. ``F`` is everything, ``s`` a summary, ``-`` nothing.
"""

from data.policy.operation import Operation
from matcher.types import Status

STATUSES = tuple(Status)
_OWN, _EDIT, _NONE = "FFF FFF FFF F", "FFF FFF --- -", "--- --- --- -"
_OUT, _OPEN, _TEASER, _HINTS = "--- FFF FFF -", "--- FFF --- -", "--- sss --- -", "--- sss sss -"
_PARTY, _PARTY_HINTS = "--- FFF FFF F", "--- sss sss s"  # of a case; taken back or not

WHO = (
    "owner",  # of the organisation that posted it
    "rival",  # of another organisation of the same kind
    "partner",  # of the other side of the market
    "counterparty",  # of the other side, and in a case on it
    "office",
    "administrator",
    "broker",  # without limits
    "near",  # a broker whose chain and county include it
    "far",  # a broker of other counties
    "foreign",  # a broker of other chains
    "handler",  # a far broker in charge of a case on it
    "dropped",  # a far broker who gave his case up
    "staffed",  # a broker who belongs to the organisation that posted it
)
_BROKERS = ("broker", "near", "staffed")
_STRANGERS = ("rival", "partner", "far", "foreign", "dropped")
_OTHERS = (*_STRANGERS, "counterparty")
_KEEPERS = ("owner", "office", "administrator")

READ = {
    "public": {
        _OWN: _KEEPERS,
        _PARTY: ("handler", "counterparty"),
        _OUT: _BROKERS,
        _OPEN: _STRANGERS,
    },
    "broker": {
        _OWN: _KEEPERS,
        _PARTY: ("handler",),
        _OUT: _BROKERS,
        _NONE: _OTHERS,
    },
    "masked": {
        _OWN: _KEEPERS,
        _PARTY: ("handler",),
        _PARTY_HINTS: ("counterparty",),
        _HINTS: _BROKERS,
        _TEASER: _STRANGERS,
    },
}
MATCHES = {
    "public": {_OWN: _KEEPERS, _OUT: (*_BROKERS, "handler"), _NONE: _OTHERS},
    "broker": {_OWN: _KEEPERS, _OUT: (*_BROKERS, "handler"), _NONE: _OTHERS},
    "masked": {_OWN: _KEEPERS, _HINTS: _BROKERS, _OUT: ("handler",), _NONE: _OTHERS},
}
BACKGROUND = {v: {_OWN: _KEEPERS, _OUT: ("handler",), _NONE: (*_BROKERS, *_OTHERS)} for v in READ}
UPDATE = {v: {_EDIT: _KEEPERS, _NONE: ("handler", *_BROKERS, *_OTHERS)} for v in READ}
MASK = {
    v: {_EDIT: ("owner",), _NONE: (*_KEEPERS[1:], "handler", *_BROKERS, *_OTHERS)} for v in READ
}
PURGE = {
    v: {
        "--- --- --- F": ("administrator",),
        _NONE: ("owner", "office", "handler", *_BROKERS, *_OTHERS),
    }
    for v in READ
}

# step: who, from where to where; needs first, then where achievements differ
STEPS = {
    "submit": (_KEEPERS, "draft returned", "submitted"),
    "return": (("office", "administrator"), "submitted", "returned"),
    "publish": (("office", "administrator"), "submitted", "published"),
    "match": ((), "published", "matching"),
    "contact": ((*_BROKERS, "handler"), "published matching", "in_contact"),
    "sign": (("office", "administrator", "handler"), "published matching in_contact", "signed"),
    "close": ((*_KEEPERS, "handler"), "published matching in_contact signed", "closed"),
    "expire": (("office", "administrator"), "published matching in_contact", "expired"),
    "withdraw": (
        _KEEPERS,
        "draft submitted returned published matching in_contact",
        "withdrawn",
    ),
    "restore": (_KEEPERS, "withdrawn", "draft"),
    "reopen": (_KEEPERS, "closed expired", "submitted"),
}
STEPS_OF_ACHIEVEMENTS = STEPS | {
    "expire": (("office", "administrator"), "", "expired"),
    "reopen": (_KEEPERS, "closed signed", "submitted"),
}
REASONED = ("return", "close")

# y anybody's, o one's own, s a summary of one's own, h what one is in charge of, - nothing;
# in the order enterprise, university, broker, office, administrator
OTHERS = """
need.create          o - - y y
achievement.create   - o - y y
organization.read    y y y y y
organization.create  - - - y y
organization.update  o o - y y
expert.read          y y y y y
expert.create        - o - y y
expert.update        - o - y y
chain.read           y y y y y
chain.update         - - - y y
text.match           y y y y y
decision.read        o - y y y
decision.create      o - y y y
case.read            s s h y y
case.create          - - y - -
case.update          - - h - -
case.assign          - - - y y
pairing.read         - - y y y
pairing.create       - - - y y
pairing.update       - - - y y
import.read          o o o o o
import.create        o o o y y
export.create        y y y y y
subscription.read    - - o o o
subscription.update  - - o o o
inbox.read           o o o o o
inbox.update         o o o o o
webhook.read         o o o o o
webhook.update       o o o o o
me.read              o o o o o
me.update            o o o o o
session.create       o o o o o
session.end          o o o o o
user.read            - - - - y
user.update          - - - - y
audit.read           - - - y y
job.read             o o o y y
job.update           o o o y y
figures.read         - - y y y
metrics.read         - - - - y
store.restore        - - - - -
"""
KEPT_BY_ACCOUNT = (
    "import", "subscription", "inbox", "webhook", "me", "session", "job",
)  # fmt: skip


def reading(operation: Operation) -> dict[str, dict[str, tuple[str, ...]]]:
    """The table of a posting's operation that is no step."""
    verb = operation.split(".")[1]
    tables = {
        "read": MATCHES if operation is Operation.RUN_READ else READ,
        "matches": MATCHES,
        "background": BACKGROUND,
        "update": UPDATE,
        "mask": MASK,
        "disclose": MASK,
        "purge": PURGE,
    }
    return tables[verb]


def expected(operation: Operation, who: str, visibility: str, status: Status) -> str:
    """``F``, ``s`` or ``-``."""
    for letters, people in reading(operation)[visibility].items():
        if who in people:
            return letters.replace(" ", "")[STATUSES.index(status)]
    raise LookupError(f"nobody wrote down what {who} may do with {visibility} postings")


def takes(step: str, who: str, status: Status, *, of_achievement: bool) -> Status | None:
    """Where the step leads, or None where this person cannot take it from there."""
    people, sources, target = (STEPS_OF_ACHIEVEMENTS if of_achievement else STEPS)[step]
    return Status(target) if who in people and status.value in sources.split() else None
