"""``yilian pair`` and its bench, on the samples and on small invented cities."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Run


def planned(run: Run, *options: str) -> dict[str, Any]:
    done = run("pair", "--json", *options)
    assert done.exit_code == 0, done.output
    plan: dict[str, Any] = json.loads(done.stdout)
    return plan


def team(plan: dict[str, Any], hub: str) -> dict[str, Any]:
    return next(team for team in plan["teams"] if team["hub"] == hub)


def test_chains_and_counties_are_paired_together(on_samples: Run):
    plan = planned(on_samples, "--by", "both", "--capacity", "3")

    assert {"nev", "yongkang"} <= {team["hub"] for team in plan["teams"]}
    chosen = [u for team in plan["teams"] for u in (team["lead"], *team["partners"])]
    assert max(chosen.count(u) for u in chosen) <= 3
    assert plan["solver"] == "exact"


def test_leads_members_and_bans_are_heeded_by_name_or_id(on_samples: Run):
    free = team(planned(on_samples), "nev")

    plan = planned(
        on_samples,
        *("--lead", "新能源汽车=示例双龙大学"),
        *("--fix", "robot=u-02"),
        *("--forbid", f"nev={free['lead']}：利益冲突"),
    )

    assert team(plan, "nev")["lead"] == "u-02"
    assert free["lead"] not in team(plan, "nev")["partners"]
    robot = team(plan, "robot")
    assert "u-02" in (robot["lead"], *robot["partners"])


def test_a_plan_says_how_it_was_found(on_samples: Run):
    told = on_samples("pair").stdout

    assert "精确求解" in told
    assert "proven gap" in told


def test_a_plan_tells_why_and_what_stays_open(on_samples: Run):
    told = on_samples("pair").stdout

    textile = told[told.index("纺织服装（产业链 chain）") : told.index("机器人（产业链 chain）")]
    assert "牵头 lead：示例" in textile
    assert "「靛蓝经纱染色少用或不用保险粉」（n-textile-01） ← 「" in textile
    assert "次选 runner-up：" in textile
    assert "未覆盖 open：没有单位的成果足以覆盖" in textile
    assert "再加一个协作名额 one more partner" in told[told.index("起约束作用的名额") :]


def test_the_table_alone_can_be_asked_for(on_samples: Run):
    assert "次选" not in on_samples("pair", "--no-reasons").stdout


def test_chains_and_counties_that_share_a_member_or_a_need_are_told_so(on_samples: Run):
    told = on_samples("pair", "--by", "both").stdout

    assert "链县协同，兼 also" in told
    assert "队伍已覆盖 covers" in told


def test_a_kept_plan_is_listed_and_shown(
    yilian: Run, sample_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    home = shutil.copytree(sample_home, tmp_path / "kept")
    monkeypatch.setenv("YILIAN_HOME", str(home))

    done = yilian("pair", "--no-reasons", "--keep", "--name", "甲案", "--author", "李工")

    assert "yilian plan show 1" in done.stdout
    (entry,) = json.loads(yilian("plan", "list", "--json").stdout)
    assert (entry["name"], entry["author"], entry["stale"]) == ("甲案", "李工", False)
    assert "结对方案 plan 1 甲案" in yilian("plan", "show", "1").stdout


@pytest.mark.parametrize("options", [("--name", "甲案"), ("--keep", "--author", " ")])
def test_a_name_goes_with_keeping_and_an_author_has_one(on_samples: Run, options: tuple[str, ...]):
    assert on_samples("pair", *options).exit_code == 2


def test_a_rule_for_a_county_needs_counties(on_samples: Run):
    done = on_samples("pair", "--fix", "永康市=u-01")

    assert done.exit_code == 2
    assert "--by both" in done.output


def test_an_unknown_name_comes_with_the_nearest(on_samples: Run):
    done = on_samples("pair", "--lead", "nev=示例双龙大")

    assert done.exit_code == 1
    assert "示例双龙大学（u-02）" in str(done.exception)


def test_a_rule_without_its_parts_is_refused(on_samples: Run):
    assert on_samples("pair", "--fix", "nev").exit_code == 2


def test_too_little_capacity_is_explained(on_samples: Run):
    done = on_samples("pair", "--by", "both", "--capacity", "1")

    assert done.exit_code == 1
    assert "各必须有牵头单位" in str(done.exception)
    assert "的服务上限由 1 提到 2" in str(done.exception)


def test_the_bench_solves_invented_cities_and_prints_its_table(
    yilian: Run, monkeypatch: pytest.MonkeyPatch
):
    from api.bench import pair as bench_pair

    small = bench_pair.CitySize(chains=2, counties=2, universities=12, needs=60)
    monkeypatch.setattr(bench_pair, "CITY", small)

    done = yilian("bench", "pair", "--seeds", "1")

    assert done.exit_code == 0, done.output
    assert "2 链 chains × 2 县 counties × 12 校" in done.stdout
    assert "已证差距 proven gap" in done.stdout


def test_the_naive_rule_keeps_the_limits():
    from api.bench.city import CitySize, invented_city
    from api.bench.pair import naive_coverage, time_one

    size = CitySize(chains=2, counties=0, universities=3, needs=30, partners=0, capacity=1)
    city = invented_city(size, seed=1)

    covered = naive_coverage(city.problem, city.mean_similarity)
    time = time_one(size, seed=1, time_limit_s=10, gap=1e-6)

    # with one place for each university the plan covers what any assignment does, or more
    assert 0 < covered <= time.covered
    assert time.naive_covered == covered
    assert time.gain == pytest.approx(time.covered / covered - 1)
