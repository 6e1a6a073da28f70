"""How old a stored plan is, in words."""

from data.plans import Staleness
from matcher.pairing.plan import Notice

IDS_TOLD = 3
"""Records named for each kind of change."""


def age_of(staleness: Staleness) -> Notice | None:
    """That a plan is out of date, and by what; None for a fresh one."""
    if not staleness.stale:
        return None
    zh, en = [], []
    for ids, what_zh, what_en in (
        (staleness.withdrawn, "项需求已撤回", "needs withdrawn"),
        (staleness.altered, "项需求有改动", "needs altered"),
        (staleness.added, "项新需求未纳入", "new needs not in it"),
        (staleness.suppliers_gone, "家单位已不存在", "suppliers gone"),
    ):
        if ids:
            more = "…" if len(ids) > IDS_TOLD else ""
            named = f"（{'、'.join(ids[:IDS_TOLD])}{more}）"
            zh.append(f"{len(ids)} {what_zh}{named}")
            en.append(f"{len(ids)} {what_en}{named}")
    if staleness.achievements:
        zh.append(f"{staleness.achievements} 项成果有变动")
        en.append(f"{staleness.achievements} achievements changed")
    versions = f"{staleness.made_from} → {staleness.now}"
    return Notice(
        f"方案已过时（数据版本 {versions}）：{'，'.join(zh) or '其他数据有变动'}，请重新求解",
        f"this plan is stale (data version {versions}):"
        f" {', '.join(en) or 'other data changed'}; solve again",
    )
