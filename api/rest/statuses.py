"""Which error becomes which status; nobody else knows status codes."""

from api.accounts.errors import (
    BadCode,
    BadCredentials,
    BadCsrfToken,
    BadLink,
    BadScope,
    CodeNeeded,
    NothingToConfirm,
    NotSignedIn,
    OnlyInPerson,
    ProviderRefused,
    SecondFactorUnreadable,
    TooManyAttempts,
    WeakPassword,
)
from api.delivery.safe_address import UnsafeTarget
from api.errors import PairingBusy, PairingRefused, PairingTooLarge, UnknownRecord
from api.jobs.exporting import ListNotMade
from api.jobs.import_file import NotImportable
from api.rest.call import EtagMissing
from api.rest.replay import KeyReused
from data.access.account_errors import EmailTaken, LastAdministrator, OneselfNotAllowed
from data.access.case_errors import (
    CaseEnded,
    FileTooLarge,
    NotOpen,
    PairTaken,
    TooManyFiles,
    UnsupportedFile,
)
from data.access.errors import AlreadyThere, Changed, NeedsMask, NotAcceptable, ReasonMissing
from data.access.exports import NotMadeYet
from data.access.jobs import JobHasEnded, JobNotRetried
from data.access.plans import PlanUnderWay
from data.access.upload import NotConfirmable
from data.errors import FrozenPlan, NothingToRollBack, UnknownPlan, UnknownRanker
from data.policy.errors import Forbidden, IllegalStep, Unseen
from data.policy.stages import IllegalMove
from matcher.decision import BadDecision
from matcher.errors import EmptyQuery, TooLittleToLearn

STATUS_OF: dict[type[Exception], int] = {
    NotSignedIn: 401,
    BadCredentials: 401,
    CodeNeeded: 401,
    BadCsrfToken: 403,
    OnlyInPerson: 403,
    ProviderRefused: 403,
    Forbidden: 403,
    Unseen: 404,
    BadLink: 404,
    UnknownRecord: 404,
    UnknownRanker: 404,
    UnknownPlan: 404,
    JobHasEnded: 409,
    JobNotRetried: 409,
    ListNotMade: 409,
    NotMadeYet: 409,
    NotConfirmable: 409,
    NotImportable: 422,
    NothingToRollBack: 409,
    FrozenPlan: 409,
    TooLittleToLearn: 409,
    IllegalStep: 409,
    EmailTaken: 409,
    LastAdministrator: 409,
    OneselfNotAllowed: 409,
    NothingToConfirm: 409,
    SecondFactorUnreadable: 409,
    NeedsMask: 409,
    AlreadyThere: 409,
    CaseEnded: 409,
    IllegalMove: 409,
    NotOpen: 409,
    PairTaken: 409,
    PairingBusy: 409,
    TooManyFiles: 409,
    Changed: 412,
    FileTooLarge: 413,
    UnsupportedFile: 415,
    NotAcceptable: 422,
    PairingRefused: 422,
    PairingTooLarge: 422,
    PlanUnderWay: 409,
    UnsafeTarget: 422,
    ReasonMissing: 422,
    BadCode: 422,
    BadScope: 422,
    WeakPassword: 422,
    KeyReused: 422,
    BadDecision: 422,
    EmptyQuery: 422,
    EtagMissing: 428,
    TooManyAttempts: 429,
}
"""Errors that the caller can mend; every other one of ours is a 503."""


def status_of(error: Exception) -> int:
    """The HTTP status that says whose turn it is."""
    return next((s for kind, s in STATUS_OF.items() if isinstance(error, kind)), 503)
