"""A broker records decisions, and sees them."""

import getpass
import json
from pathlib import Path

import pytest

from tests.api.conftest import Run


@pytest.fixture
def city(yilian: Run, tmp_path: Path) -> Run:
    """The command on two needs and two achievements of the test's own."""
    for name, text in {
        "needs.csv": "编号,需求名称\nn1,靛蓝染色不用保险粉\nn2,电机异响\n",
        "achievements.csv": "编号,成果名称\na1,靛蓝电化学还原染色\na2,陶瓷轴承润滑\n",
    }.items():
        (tmp_path / name).write_text(text)
        assert yilian("load", str(tmp_path / name)).exit_code == 0
    return yilian


def decisions(run: Run, *options: str) -> list[dict]:
    return json.loads(run("decisions", "--json", *options).stdout)


def test_a_level_is_recorded_with_the_run_and_the_rank_that_showed_the_match(city: Run):
    city("match", "n1", "-k", "1")

    done = city("decide", "n1", "a1", "--level", "4", "--note", "可中试", "--who", "李工")

    assert done.exit_code == 0
    assert "rank 1" in done.stdout
    (decision,) = decisions(city)
    wanted = {"query_id": "n1", "document_id": "a1", "level": 4, "rank": 1, "note": "可中试"}
    assert {name: decision[name] for name in wanted} == wanted
    assert (decision["who"], decision["verdict"]) == ("李工", None)
    assert decision["run_id"]


def test_a_match_that_the_broker_found_elsewhere_has_no_rank(city: Run):
    city("match", "n1", "-k", "1")

    city("decide", "n1", "a2", "--accept")

    (decision,) = decisions(city)
    assert (decision["verdict"], decision["rank"], decision["run_id"]) == ("accept", None, None)


def test_the_broker_is_the_user_of_the_system_unless_named(
    city: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(getpass, "getuser", lambda: "wang")

    city("decide", "n1", "a1", "--level", "2")

    assert decisions(city)[0]["who"] == "wang"


def test_a_broker_without_a_name_is_asked_for_one(city: Run, monkeypatch: pytest.MonkeyPatch):
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1001")

    monkeypatch.setattr(getpass, "getuser", nobody)

    assert city("decide", "n1", "a1", "--level", "2").exit_code == 2
    assert city("decide", "n1", "a1", "--level", "2", "--who", " ").exit_code == 2
    assert decisions(city) == []


@pytest.mark.parametrize("reason", ["price", "价格", "PRICE"])
def test_a_rejection_names_its_reason_by_code_or_in_chinese(city: Run, reason: str):
    city("decide", "n1", "a1", "--reject", "--reason", reason)

    assert decisions(city)[0]["reason"] == "price"


@pytest.mark.parametrize("options", [[], ["--reason", "?"]])
def test_a_rejection_without_a_known_reason_is_answered_with_all_of_them(
    city: Run, options: list[str]
):
    done = city("decide", "n1", "a1", "--reject", *options)

    assert done.exit_code == 2
    assert [
        c for c in ("wrong_field", "领域不符", "duplicate", "其他") if c not in done.output
    ] == []
    assert decisions(city) == []


def test_accept_and_reject_together_are_refused(city: Run):
    assert city("decide", "n1", "a1", "--accept", "--reject", "--reason", "price").exit_code == 2


def test_a_decision_that_contradicts_itself_is_refused(city: Run):
    done = city("decide", "n1", "a1", "--level", "1", "--accept")

    assert done.exit_code == 1
    assert "contradicts level 1" in str(done.exception)
    assert decisions(city) == []


def test_a_decision_that_says_nothing_is_refused(city: Run):
    done = city("decide", "n1", "a1")

    assert done.exit_code == 1
    assert "accept or reject" in str(done.exception)


@pytest.mark.parametrize("pair", [("n9", "a1"), ("n1", "a9"), ("a1", "a2"), ("n1", "n2")])
def test_unknown_ids_are_answered_as_elsewhere(city: Run, pair: tuple[str, str]):
    done = city("decide", *pair, "--level", "2")

    assert done.exit_code == 1
    assert "yilian list" in str(done.exception)


def test_decisions_are_listed_newest_first_for_all_or_one_need(city: Run):
    for need, achievement in (("n1", "a1"), ("n2", "a2"), ("n1", "a2")):
        city("decide", need, achievement, "--level", "3", "--note", "[b]好", "--who", "李工")

    assert [d["document_id"] for d in decisions(city, "--need", "n1")] == ["a2", "a1"]
    assert [d["query_id"] for d in decisions(city, "--limit", "2")] == ["n1", "n2"]
    table = city("decisions", "--limit", "2").stdout
    assert "[b]好" in table
    assert "2 / 3" in table
    assert "yilian list" in str(city("decisions", "--need", "n9").exception)


def test_decisions_are_loaded_from_a_filled_form(city: Run, tmp_path: Path):
    assert city("template", "decisions", str(tmp_path / "反馈.xlsx")).exit_code == 0
    form = tmp_path / "form.csv"
    form.write_text("需求编号,成果编号,等级,经纪人\nn1,a1,4,李工\n")

    loaded = city("load", str(form), "--kind", "decisions")

    assert loaded.exit_code == 0, loaded.output
    assert [d["level"] for d in decisions(city)] == [4]
