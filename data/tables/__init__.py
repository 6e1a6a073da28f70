"""The tables. Rows stay inside ``data``; everyone else sees ``matcher.types``."""

from data.tables.accounts import (
    ApiKeyRow,
    OneTimeLinkRow,
    RefreshTokenRow,
    SessionRow,
    SignInAttemptRow,
    UserRow,
)
from data.tables.audit import AuditRow
from data.tables.base import Base
from data.tables.cases import CaseEventRow, CaseFileRow, CaseRow
from data.tables.chains import (
    ChainRenameRow,
    ChainRow,
    ChainTagRow,
    CooperationRow,
    TagStatementRow,
)
from data.tables.content import (
    AchievementChainRow,
    AchievementRow,
    NeedChainRow,
    NeedRow,
    OrganizationChainRow,
    OrganizationRow,
    RemovalRow,
)
from data.tables.experts import ExpertRow
from data.tables.inbox import DeliveryRow, InboxItemRow, SubscriptionRow, WebhookRow
from data.tables.jobs import ExportRow, JobRow, UploadRow
from data.tables.learning import DecisionRow, MatchRunRow, RankerPromotionRow, RankerRow
from data.tables.lifecycle import (
    IdempotencyRow,
    MatchListItemRow,
    MatchListRow,
    PostingEventRow,
    PostingMaskRow,
)
from data.tables.meta import MetaRow
from data.tables.plans import PlanRow

__all__ = [
    "AchievementChainRow",
    "AchievementRow",
    "ApiKeyRow",
    "AuditRow",
    "Base",
    "CaseEventRow",
    "CaseFileRow",
    "CaseRow",
    "ChainRenameRow",
    "ChainRow",
    "ChainTagRow",
    "CooperationRow",
    "DecisionRow",
    "DeliveryRow",
    "ExpertRow",
    "ExportRow",
    "IdempotencyRow",
    "InboxItemRow",
    "JobRow",
    "MatchListItemRow",
    "MatchListRow",
    "MatchRunRow",
    "MetaRow",
    "NeedChainRow",
    "NeedRow",
    "OneTimeLinkRow",
    "OrganizationChainRow",
    "OrganizationRow",
    "PlanRow",
    "PostingEventRow",
    "PostingMaskRow",
    "RankerPromotionRow",
    "RankerRow",
    "RefreshTokenRow",
    "RemovalRow",
    "SessionRow",
    "SignInAttemptRow",
    "SubscriptionRow",
    "TagStatementRow",
    "UploadRow",
    "UserRow",
    "WebhookRow",
]
