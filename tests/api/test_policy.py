"""``yilian policy`` prints the tables that decide."""

import json

from typer.testing import CliRunner

from api.cli.app import app
from data.policy.lifecycle import TRANSITIONS
from data.policy.rules import RULES


def test_every_rule_and_every_transition_is_a_line():
    printed = CliRunner().invoke(app, ["policy"]).stdout
    lines = printed.splitlines()

    transitions = sum(len(rows) for rows in TRANSITIONS.values())
    assert sum("summary" in line or "全部 full" in line for line in lines) == len(RULES)
    assert sum(line.startswith(("submit ", "reopen ")) for line in lines) == 4
    assert len(lines) > len(RULES) + transitions
    masked = [line for line in lines if "脱敏" in line and "任何账号" in line]
    assert masked
    assert all("仅摘要 summary" in line for line in masked)


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
