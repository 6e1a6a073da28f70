"""``yilian plan`` on a store without a model."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.app import app
from api.pictures.png import CHINESE_FONTS
from api.settings import sqlite_url
from data.errors import FrozenPlan, UnknownPlan
from data.repositories import NeedRepository
from data.session import session_scope
from matcher.pairing.problem import Forbidden
from matcher.pairing.solve import solve
from tests.api.plans.city import keep, make_store
from tests.matcher.pairing.small_city import make_city


@pytest.fixture
def engine(home: Path):
    engine = make_store(sqlite_url(home))
    yield engine
    engine.dispose()


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, ["plan", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_without_plans_the_list_says_how_to_make_one(home: Path):
    assert "yilian pair --keep" in run("list").output


def test_the_list_tells_which_plans_are_frozen_and_which_are_stale(engine):
    keep(engine, name="甲案")
    run("freeze", 1, "--who", "王主任")
    with session_scope(engine) as session:
        NeedRepository(session).remove_many(["m1"])
    keep(engine, name="乙案")

    first, second = json.loads(run("list", "--json").output)

    assert (first["name"], first["frozen_by"], first["stale"]) == ("甲案", "王主任", True)
    assert (second["name"], second["frozen_by"], second["stale"]) == ("乙案", None, False)
    table = run("list").output
    assert "frozen" in table
    assert "stale" in table


def test_a_plan_reads_as_a_document(engine):
    said = run("show", keep(engine, note="请各链核对")).output

    assert "结对方案 plan 1 二季度" in said
    assert "请各链核对" in said
    assert "牵头 lead：P" in said
    assert "碳纤维护套" in said
    assert "未覆盖需求 open needs（3）" in said
    assert "textiles 再加一个协作名额：增加 0.30 项需求" in said


def test_a_stale_plan_says_so_before_anything_else(engine):
    version = keep(engine)
    with session_scope(engine) as session:
        NeedRepository(session).remove_many(["m1"])

    said = run("show", version).output

    assert "1 项需求已撤回（m1）" in said
    assert said.index("已过时") < said.index("牵头")


def test_two_plans_are_compared(engine):
    other = make_city(forbidden=(Forbidden(hub="batteries", supplier="R", reason="冲突"),))
    first, second = keep(engine), keep(engine, other, solve(other))

    said = run("compare", first, second).output

    assert "输入不同 inputs differ：forbidden" in said
    assert "• batteries：牵头 lead R → Q；+Q；−R；覆盖 covered -0.30" in said
    assert "「需求b2」（b2） 40% → 0%" in said
    assert json.loads(run("compare", first, second, "--json").output)["inputs"] == ["forbidden"]
    assert "the same teams" in run("compare", first, first).output


def test_small_changes_are_counted_not_listed(engine):
    city = make_city()
    other = replace(city, levels=city.levels * 0.99)

    said = run("compare", keep(engine), keep(engine, other, solve(other))).output

    assert "另有 6 项变化不足 5%" in said
    assert "90% → 89%" not in said


def test_a_frozen_plan_cannot_be_removed_and_a_draft_can(engine):
    keep(engine)
    keep(engine)
    run("freeze", 1, "--who", "王主任")

    with pytest.raises(FrozenPlan):
        run("remove", 1)
    run("remove", 2)

    assert [plan["version"] for plan in json.loads(run("list", "--json").output)] == [1]


def test_nobody_is_no_one_to_freeze_a_plan(engine):
    keep(engine)

    assert run("freeze", 1, "--who", " ").exit_code == 2


@pytest.mark.parametrize("name", ["plan.xlsx", "plan.json", "plan.html", "PLAN.XLSX"])
def test_a_plan_is_exported_by_the_name_of_the_file(engine, tmp_path: Path, name: str):
    result = run("export", keep(engine), "--out", tmp_path / name)

    assert result.exit_code == 0
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize("command", ["export", "picture"])
def test_an_ending_that_cannot_be_written_is_refused_with_those_that_can(
    engine, tmp_path: Path, command: str
):
    result = run(command, keep(engine), "--out", tmp_path / "plan.doc")

    assert result.exit_code == 2
    assert ".html" in result.output


@pytest.mark.parametrize("kind", ["sankey", "coverage"])
@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_pictures_are_written(engine, tmp_path: Path, kind: str, suffix: str):
    path = tmp_path / f"p{suffix}"

    assert run("picture", keep(engine), "--kind", kind, "--out", path).exit_code == 0
    assert "svg" in path.read_text(encoding="utf-8")


def test_a_png_is_painted_with_a_font_of_this_machine(engine, tmp_path: Path):
    from matplotlib.font_manager import fontManager

    if not {entry.name for entry in fontManager.ttflist} & set(CHINESE_FONTS):
        pytest.skip("no Chinese font on this machine: apt-get install fonts-noto-cjk")
    path = tmp_path / "p.png"

    assert run("picture", keep(engine), "--out", path).exit_code == 0
    assert path.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_version_is_told_what_to_do(engine):
    with pytest.raises(UnknownPlan, match="yilian plan list"):
        run("show", 9)
