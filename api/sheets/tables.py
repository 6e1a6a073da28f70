"""Match lists and cases as sheets of rows, with no more than their reader may see."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.sheets.sheet import Cell, Sheet
from data.access.case_values import Case
from data.policy.stages import NAMES

_LEVELS = ("P(无相关)", "P(弱相关)", "P(较强相关)", "P(强相关)")


def match_sheets(title: str, shown: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """The match list of a need.

    Args:
        title: Of the need, as its reader sees it.
        shown: The list as ``api.redaction.shown_list`` words it for him.
    """
    about = (
        ("需求 need", f"{shown['query_id']} {title}".strip()),
        ("匹配数 matches", len(shown["matches"])),
        ("供给判断 supply", str(shown.get("supply") or "")),
    )
    columns = ("名次 rank", "成果编号 id", "成果名称 title", "完成单位 organisation", *_LEVELS)
    rows = [_match(match) for match in shown["matches"]]
    return (
        Sheet("匹配清单", (*columns, "理由 reasons"), tuple(rows)),
        Sheet("说明", ("项目 item", "内容 content"), about),
    )


def case_sheets(cases: Sequence[Case], today: date) -> tuple[Sheet, ...]:
    """Cases, one a row.

    Args:
        cases: As their reader may see them.
        today: For saying what is overdue.
    """
    columns = (
        "跟进编号 case", "需求编号 need", "需求名称 need title", "成果编号 achievement",
        "成果名称 achievement title", "阶段 stage", "经纪人 broker", "下一步 next action",
        "期限 due", "逾期 overdue", "金额（元） value CNY", "放弃原因 reason",
        "建立 created", "更新 updated",
    )  # fmt: skip
    rows = [
        (
            case.id,
            case.need,
            case.need_title or "",
            case.achievement,
            case.achievement_title or "",
            f"{NAMES[case.stage]} {case.stage}",
            case.broker,
            case.next_action,
            case.due.isoformat() if case.due else "",
            "是 yes" if case.overdue(today) else "",
            case.value_cny,
            str(case.reason or ""),
            f"{case.created_at:%Y-%m-%d %H:%M}",
            f"{case.updated_at:%Y-%m-%d %H:%M}",
        )
        for case in cases
    ]
    return (Sheet("跟进", columns, tuple(rows)),)


def case_as_json(case: Case, today: date) -> dict[str, Any]:
    """A case as plain values."""
    return {
        "id": case.id,
        "need": case.need,
        "need_title": case.need_title,
        "achievement": case.achievement,
        "achievement_title": case.achievement_title,
        "stage": case.stage.value,
        "broker": case.broker,
        "next_action": case.next_action,
        "due": case.due and case.due.isoformat(),
        "overdue": case.overdue(today),
        "value_cny": case.value_cny,
        "reason": case.reason and case.reason.value,
        "created_at": case.created_at.isoformat(),
        "updated_at": case.updated_at.isoformat(),
    }


def _match(match: Mapping[str, Any]) -> tuple[Cell, ...]:
    levels = match.get("levels") or (None,) * len(_LEVELS)
    phrases = [phrase["text"] for phrase in match.get("phrases") or ()]
    sentences = [a["sentence"] for a in match.get("answers") or () if a.get("sentence")]
    reasons = "\n".join(dict.fromkeys([*sentences, "、".join(dict.fromkeys(phrases))]))
    probabilities = [None if p is None else round(p, 3) for p in levels]
    return (
        match["rank"],
        match["document_id"],
        match["title"],
        match["organization"] or "",
        *probabilities,
        reasons.strip(),
    )
