"""``yilian policy`` prints the tables that decide."""

import json

import pytest
from typer.testing import CliRunner

from api.cli.app import app
from data.policy.lifecycle import TRANSITIONS
from data.policy.rules import RULES


def test_officials_read_who_may_do_what(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "300")
    printed = CliRunner().invoke(app, ["policy"]).stdout

    lines = [line.split() for line in printed.splitlines()]
    named = {word for line in lines for word in line[1:2]}
    assert {rule.operation for rule in RULES if not rule.operation.startswith("step.")} <= named
    read = [line for line in lines if line[:2] == ["需求·查看", "need.read"]]
    assert ["任何账号", "脱敏", "已发布、匹配中、对接中", "仅摘要", "summary"] in [
        x[2:] for x in read
    ]
    assert ["跟进的对方单位", "脱敏", "仅摘要", "summary"] in [[x[2], x[3], *x[5:]] for x in read]
    steps = [line[1] for line in lines if len(line) > 1 and line[0] in ("提交", "重新提交")]
    assert steps == ["submit", "reopen"] * 2
    assert ["退回", "return", "已提交", "已退回", "主管部门、管理员", "必填", "needed"] in lines


def test_the_tables_for_programs_hold_the_same():
    plain = json.loads(CliRunner().invoke(app, ["policy", "--json"]).stdout)

    assert len(plain["rules"]) == len(RULES)
    assert plain["impartial"] == ["decision.create", "case.create"]
    assert [len(rows) for rows in plain["transitions"].values()] == [
        len(rows) for rows in TRANSITIONS.values()
    ]
    assert plain["transitions"]["need"][0] == {
        "step": "submit",
        "sources": ["draft", "returned"],
        "target": "submitted",
        "by": ["owner", "office", "administrator"],
        "reasoned": False,
    }
