"""The tables. Rows stay inside ``data``; everyone else sees ``matcher.types``."""

from data.tables.base import Base
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
from data.tables.learning import DecisionRow, MatchRunRow, RankerPromotionRow, RankerRow
from data.tables.meta import MetaRow
from data.tables.plans import PlanRow

__all__ = [
    "AchievementChainRow",
    "AchievementRow",
    "Base",
    "ChainRenameRow",
    "ChainRow",
    "ChainTagRow",
    "CooperationRow",
    "DecisionRow",
    "MatchRunRow",
    "MetaRow",
    "NeedChainRow",
    "NeedRow",
    "OrganizationChainRow",
    "OrganizationRow",
    "PlanRow",
    "RankerPromotionRow",
    "RankerRow",
    "RemovalRow",
    "TagStatementRow",
]
