"""``yilian policy``: who may do what, and the steps of a posting, as the program decides them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from api.cli.console import out, print_json

if TYPE_CHECKING:
    from data.policy.lifecycle import Transition
    from data.policy.rules import Rule

AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")]

_RESOURCES: Mapping[str, str] = {
    "need": "需求",
    "achievement": "成果",
    "posting": "需求与成果",
    "organization": "单位",
    "expert": "专家",
    "chain": "产业链",
    "text": "自由文本",
    "decision": "评判",
    "run": "匹配记录",
    "case": "跟进",
    "pairing": "结对方案",
    "import": "导入",
    "export": "导出",
    "subscription": "订阅",
    "inbox": "收件箱",
    "webhook": "Webhook",
    "me": "本人账号",
    "session": "登录",
    "user": "账号管理",
    "audit": "审计",
    "job": "后台任务",
    "figures": "统计",
    "metrics": "运行指标",
    "store": "数据库",
}
_VERBS: Mapping[str, str] = {
    "read": "查看",
    "create": "新建",
    "update": "修改",
    "mask": "填写脱敏摘要",
    "disclose": "改为公开",
    "matches": "查看匹配清单",
    "background": "查看经过与脱敏底稿",
    "purge": "彻底删除",
    "match": "匹配",
    "assign": "改派",
    "end": "退出",
    "restore": "恢复",
}
_STEPS: Mapping[str, str] = {
    "submit": "提交",
    "return": "退回",
    "publish": "发布",
    "match": "匹配",
    "contact": "对接",
    "sign": "签约",
    "close": "关闭",
    "expire": "过期",
    "withdraw": "撤回",
    "restore": "恢复",
    "reopen": "重新提交",
}
_PARTIES: Mapping[str, str] = {
    "owner": "发布单位或本人",
    "handler": "负责跟进的经纪人",
    "counterparty": "跟进的对方单位",
    "broker": "范围内的经纪人",
    "member": "任何账号",
    "office": "主管部门",
    "administrator": "管理员",
    "system": "程序",
}
_ROLES: Mapping[str, str] = {
    **_PARTIES,
    "enterprise": "企业",
    "university": "高校",
    "broker": "经纪人",
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
    _print(
        "权限：未列出的一律不允许 / rights: what is not listed is not allowed",
        ("操作\noperation", "谁\nwho", "公开程度\nvisibility", "状态\nstatus", "可见\nsees"),
        _rule_rows(RULES),
    )
    legend = "、".join(f"{zh} {name}" for name, zh in _PARTIES.items())
    out.print(f"\n{legend}", soft_wrap=True)
    out.print(
        f"回避：成果单位的人员一律不得{'、'.join(map(_named, IMPARTIAL))}。"
        " / conflicts: nobody of the supplier's own organisation may do that",
        soft_wrap=True,
    )
    for kind, rows in TRANSITIONS.items():
        _print(
            f"状态流转：{_KINDS[kind.__name__]}",
            ("步骤\nstep", "从\nfrom", "到\nto", "由谁\nby", "理由\nreason"),
            [_transition_row(row) for row in rows],
        )


def _print(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    out.print(f"\n[bold]{title}[/]", soft_wrap=True)
    out.print(table)


def _rule_rows(rules: "Iterable[Rule]") -> list[tuple[str, ...]]:
    """One line for all whom an operation is allowed alike; steps have tables of their own."""
    people: dict[tuple[str, ...], list[str]] = {}
    for rule in rules:
        if rule.operation.startswith("step."):
            continue
        who = _PARTIES[rule.party]
        limits = (
            _listed(rule.visibilities, _VISIBILITIES),
            _listed(rule.statuses, _STATUSES),
            _VIEWS[rule.view],
        )
        told = who if rule.role is None else f"{who}（{_ROLES[rule.role]}）"
        people.setdefault((_named(rule.operation), *limits), []).append(told)
    return [(operation, "、".join(who), *limits) for (operation, *limits), who in people.items()]


def _named(operation: str) -> str:
    resource, verb = operation.split(".")
    return f"{_RESOURCES[resource]}·{_VERBS[verb]} {operation}"


def _transition_row(row: "Transition") -> tuple[str, ...]:
    step = row.step.removeprefix("step.")
    return (
        f"{_STEPS[step]} {step}",
        _listed(row.sources, _STATUSES),
        _STATUSES[row.target],
        "、".join(_PARTIES[party] for party in row.by),
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
