"""``yilian policy``: who may do what, and the steps of a posting, as the program decides them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.console import out, print_json
from api.cli.tables import show

if TYPE_CHECKING:
    from data.policy.lifecycle import Transition
    from data.policy.rules import Rule

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")]

_PARTIES: Mapping[str, str] = {
    "owner": "发布单位或本人 owner",
    "handler": "负责跟进的经纪人 broker in charge",
    "broker": "范围内的经纪人 broker within his limits",
    "member": "任何账号 any account",
    "office": "主管部门 office",
    "administrator": "管理员 administrator",
    "system": "程序 the program itself",
}
_ROLES: Mapping[str, str] = {
    "enterprise": "企业 enterprise",
    "university": "高校 university",
    "broker": "经纪人 broker",
    "office": "主管部门 office",
    "administrator": "管理员 administrator",
    "system": "程序 program",
}
_VISIBILITIES: Mapping[str, str] = {"public": "公开", "broker": "仅经纪人", "masked": "脱敏"}
_STATUSES: Mapping[str, str] = {
    "draft": "草稿",
    "submitted": "已提交",
    "returned": "已退回",
    "published": "已发布",
    "matching": "匹配中",
    "in_contact": "对接中",
    "signed": "已签约",
    "closed": "已关闭",
    "expired": "已过期",
    "withdrawn": "已撤回",
}
_VIEWS: Mapping[str, str] = {"full": "全部 full", "summary": "仅摘要 summary"}
_KINDS: Mapping[str, str] = {"Need": "需求 needs", "Achievement": "成果 achievements"}


def policy(as_json: AsJson = False) -> None:
    """列出权限表与状态流转表。 / Who may do what, and the steps of needs and achievements.

    表中未列出的一律不允许。 / What is not listed is not allowed.
    """
    from data.policy.lifecycle import TRANSITIONS
    from data.policy.rules import IMPARTIAL, RULES

    if as_json:
        print_json(
            {
                "rules": [_rule_as_json(rule) for rule in RULES],
                "impartial": [operation.value for operation in IMPARTIAL],
                "transitions": {
                    kind.__name__.lower(): [_transition_as_json(row) for row in rows]
                    for kind, rows in TRANSITIONS.items()
                },
            }
        )
        return
    show(
        ("操作 / operation", "谁 / who", "公开程度 / visibility", "状态 / status", "可见 / sees"),
        _rule_rows(RULES),
        title="权限：未列出的一律不允许 / rights: what is not listed is not allowed",
    )
    impartial = "、".join(operation.value for operation in IMPARTIAL)
    out.print(
        f"\n回避：成果单位的人员一律不得 {impartial}。"
        f" / conflicts: nobody of the supplier's own organisation may {', '.join(IMPARTIAL)}",
        soft_wrap=True,
    )
    for kind, rows in TRANSITIONS.items():
        show(
            ("步骤 / step", "从 / from", "到 / to", "由谁 / by", "理由 / reason"),
            [_transition_row(row) for row in rows],
            title=f"状态流转：{_KINDS[kind.__name__].replace(' ', ' / steps of ')}",
        )


def _rule_rows(rules: "Iterable[Rule]") -> list[tuple[str, ...]]:
    """One line a rule; an operation is named on its first line."""
    rows: list[tuple[str, ...]] = []
    before = None
    for rule in sorted(rules, key=lambda rule: rule.operation.split(".")[0]):
        who = _PARTIES[rule.party]
        rows.append(
            (
                "" if rule.operation is before else rule.operation.value,
                who if rule.role is None else f"{who}（{_ROLES[rule.role]}）",
                _listed(rule.visibilities, _VISIBILITIES),
                _listed(rule.statuses, _STATUSES),
                _VIEWS[rule.view],
            )
        )
        before = rule.operation
    return rows


def _transition_row(row: "Transition") -> tuple[str, ...]:
    return (
        row.step.removeprefix("step."),
        _listed(row.sources, _STATUSES),
        _STATUSES[row.target],
        "、".join(_PARTIES[party].split(" ")[0] for party in row.by),
        "必填 needed" if row.reasoned else "",
    )


def _listed(values: Sequence[str], words: Mapping[str, str]) -> str:
    return "、".join(words[value] for value in values) if values else "不限 any"


def _rule_as_json(rule: "Rule") -> dict[str, Any]:
    return {
        "operation": rule.operation.value,
        "party": rule.party.value,
        "role": rule.role.value if rule.role else None,
        "visibilities": [value.value for value in rule.visibilities],
        "statuses": [value.value for value in rule.statuses],
        "view": rule.view.value,
    }


def _transition_as_json(row: "Transition") -> dict[str, Any]:
    return {
        "step": row.step.removeprefix("step."),
        "sources": [status.value for status in row.sources],
        "target": row.target.value,
        "by": [party.value for party in row.by],
        "reasoned": row.reasoned,
    }
