"""``yilian chain gaps`` as a city official reads it, and the sentences behind it."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api.chains.findings import Wording
from api.chains.map import city_chain_map
from api.chains.strong_matches import Yardstick, by_level, by_wording
from api.cli.chain_gaps import print_gaps
from api.service import MatchService
from data.chains import ChainRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.supply import Supply
from matcher.types import Achievement, Need, Status, Visibility
from tests.api.conftest import Run, settings_for
from tests.matcher.test_chain_map import boats, made, mapped, need, on

TODAY = date(2026, 11, 23)


@pytest.fixture
def service(sample_home: Path, model_folder: Path):
    service = MatchService(settings_for(sample_home, model_folder))
    yield service
    service.close()


@pytest.fixture
def own(home: Path, model_folder: Path):
    """A service on an empty database that the test may fill."""
    service = MatchService(settings_for(home, model_folder))
    yield service
    service.close()


def sentences(found, **options) -> list[str]:
    names = {"u1": "示例造船大学", "u2": "示例桨帆研究院", "e1": "示例船厂"}
    wording = Wording(names, lambda county: county, **options)
    findings = wording.of_chain(found.chains[0]) + wording.of_review(found)
    return ["\n".join((f.zh, f.en, *f.items)) for f in findings]


def test_every_chain_of_the_samples_has_figures_and_a_next_step(on_samples: Run):
    done = on_samples("chain", "gaps")

    assert done.exit_code == 0
    assert done.stdout.count("下一步") >= 10
    assert done.stdout.count("Next:") == done.stdout.count("下一步")
    for words in ("瓶颈", "闲置", "揭榜挂帅", "路演", "现用排序模型"):
        assert words in done.stdout


def test_one_chain_names_its_unanswered_needs_and_its_idle_supply(on_samples: Run):
    done = on_samples("chain", "gaps", "纺织服装产业链")

    assert "浅色锦氨无缝内衣存放酚黄变" in done.stdout
    assert "高温烟气用PTFE微孔覆膜滤料" in done.stdout
    assert "示例兰江纺织与纤维研究院" in done.stdout
    assert "新能源汽车" not in done.stdout


def test_json_holds_one_chain_or_all(on_samples: Run):
    everything = json.loads(on_samples("chain", "gaps", "--json").stdout)
    one = json.loads(on_samples("chain", "gaps", "robot", "--json").stdout)

    assert len(everything["chains"]) == 10
    assert [chain["id"] for chain in one["chains"]] == ["robot"]
    assert one["chains"][0] in everything["chains"]


def test_needs_for_brokers_only_are_counted_and_not_named(
    service: MatchService, capsys: pytest.CaptureFixture[str]
):
    secret = [n for n in service.records.published_needs() if n.visibility is Visibility.BROKER]
    found = city_chain_map(service, today=TODAY)

    print_gaps(found, service, in_full=True)

    shown = capsys.readouterr().out
    told = json.dumps(found.as_json(), ensure_ascii=False)
    assert len(secret) == 10
    assert [n.id for n in secret if n.title in told or f'"{n.id}"' in told] == []
    assert [n.id for n in secret if n.title in shown or n.id in shown] == []
    assert "1 项不公开 / 1 not public" in shown


def test_an_unknown_chain_is_answered_with_the_nearest_names(on_samples: Run):
    done = on_samples("chain", "gaps", "纺织服饰")

    assert done.exit_code == 2
    assert "纺织服装" in done.output


def test_an_empty_database_says_what_to_load(yilian: Run):
    done = yilian("chain", "gaps")

    assert done.exit_code == 0
    assert "yilian load" in done.stdout
    assert "空白" not in done.stdout


def test_a_chain_without_postings_is_still_shown_when_asked_for(yilian: Run):
    done = yilian("chain", "gaps", "nev")

    assert done.exit_code == 0
    assert "本链没有在期需求" in done.stdout


def strong_of(service: MatchService, told_by: Yardstick, need_id: str) -> set[str]:
    return set(told_by.strong(service.records.posting(need_id)))


def achievements_of(service: MatchService) -> list[Achievement]:
    with session_scope(service.engine, write=False) as session:
        return AchievementRepository(session).all()


def test_levels_tell_the_samples_with_supply_from_those_without(service: MatchService):
    told_by = by_level(service, achievements_of(service))

    assert told_by is not None
    assert {"a-textile-01", "a-textile-02"} <= strong_of(service, told_by, "n-textile-01")
    assert strong_of(service, told_by, "n-textile-07") == set()
    assert list(told_by.strong(Need(id="n", title="？"))) == []


def test_a_need_is_unmet_where_its_match_list_says_no_good_supply(service: MatchService):
    told_by = by_level(service, achievements_of(service))
    needs = service.records.published_needs()[::5]

    assert told_by is not None
    unmet = {need.id for need in needs if not told_by.strong(need)}
    assert unmet == {
        need.id for need in needs if service.match(need, k=1).matches.supply is not Supply.GOOD
    }


def test_a_withdrawn_achievement_answers_no_need(service: MatchService):
    everything = achievements_of(service)
    without = [
        replace(a, status=Status.WITHDRAWN) if a.id == "a-textile-01" else a for a in everything
    ]
    told_by = by_level(service, without)

    assert told_by is not None
    assert strong_of(service, told_by, "n-textile-01") == strong_of(
        service, by_level(service, everything), "n-textile-01"
    ) - {"a-textile-01"}


def test_without_a_ranker_wording_stands_in_and_is_named(
    service: MatchService, on_samples: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.learning.ranker.default_ranker", lambda: None)

    assert by_level(service, []) is None
    shown = on_samples("chain", "gaps", "textile").stdout
    assert "没有可用的排序模型" in shown
    assert "浅色锦氨无缝内衣存放酚黄变" in shown


def test_shared_wording_tells_the_samples_with_supply_from_those_without(service: MatchService):
    told_by = by_wording(service)

    assert strong_of(service, told_by, "n-textile-01") == {"a-textile-02", "a-textile-01"}
    assert strong_of(service, told_by, "n-textile-07") == set()
    assert list(told_by.strong(Need(id="n", title="？"))) == []


def test_another_yardstick_may_take_its_place_and_is_named(service: MatchService):
    told_by = Yardstick(lambda need: ["a-nev-01"], "everything fits")
    looked_at: list[int] = []

    found = city_chain_map(
        service, today=TODAY, told_by=told_by, progress=lambda done, total: looked_at.append(done)
    )

    assert looked_at == list(range(1, len(service.records.published_needs()) + 1))
    assert found.level3_by == "everything fits"
    assert all(chain.total.unanswered.count == 0 for chain in found.chains)


def test_making_the_map_leaves_no_match_runs_behind(on_samples: Run, service: MatchService):
    def runs() -> int:
        with service.engine.connect() as connection:
            return connection.exec_driver_sql("select count(*) from match_runs").scalar_one()

    before = runs()
    city_chain_map(service, today=TODAY)

    assert runs() == before


def test_a_declared_chain_outweighs_the_wording_which_finds_the_segment(service: MatchService):
    dyeing = Achievement(id="a", title="棉织物低盐印染工艺", chains=("textile",))
    wheels = Achievement(id="b", title="棉织物低盐印染工艺", chains=("nev", "gone"))
    silent = Need(id="c", title="？", chains=("textile",))
    plain = Need(id="d", title="棉织物低盐印染工艺")

    tags = service.tags.in_force([dyeing, wheels]) | service.tags.in_force([silent, plain])

    assert [(t.chain, t.segment, t.weight) for t in tags["a"]] == [
        ("textile", "textile.dyeing-printing", 1.0)
    ]
    assert [(t.chain, t.weight) for t in tags["b"]] == [("gone", 1.0), ("nev", 1.0)]
    assert [(t.chain, t.segment) for t in tags["c"]] == [("textile", None)]
    assert [t.chain for t in tags["d"]] == ["textile"]
    assert tags["d"][0].weight < 1


def test_a_declared_chain_that_the_city_removed_is_listed_for_review(
    own: MatchService, yilian: Run
):
    with session_scope(own.engine) as session:
        NeedRepository(session).upsert_many(
            [Need(id="n1", title="棉织物低盐印染", chains=("textile",))]
        )
        AchievementRepository(session).upsert_many(
            [Achievement(id="a1", title="活性染料低盐印染", chains=("textile",))]
        )
        chains = ChainRepository(session)
        chains.replace_all([chain for chain in chains.all() if chain.id != "textile"])

    done = yilian("chain", "gaps")

    assert done.exit_code == 0
    assert "待核 · textile 已不存在，仍有 1 项需求、1 项成果指向它" in done.stdout
    assert "n1" in done.stdout
    assert "待核" not in yilian("chain", "gaps", "nev").stdout


def test_a_bottleneck_names_the_need_and_calls_for_a_challenge():
    told = sentences(mapped({need("n1"): on("hull")}, {}))

    assert "瓶颈 · hull（中游）：1 项需求没有对口成果" in told[0]
    assert "揭榜挂帅" in told[0]
    assert "「需求n1」示例船厂 · n1" in told[0]
    assert "1 need without" in told[0]


def test_a_secret_need_is_not_sent_to_an_open_challenge():
    secret = need("n1", visibility=Visibility.MASKED)

    told = sentences(mapped({secret: on("hull")}, {}))

    assert "揭榜挂帅" not in told[0]
    assert "经纪人" in told[0]
    assert "n1" not in told[0]


def test_a_university_with_several_results_here_is_asked_first():
    supply = {made("a1"): on("hull"), made("a2"): on("hull")}

    told = sentences(mapped({need("n1"): on("hull")}, supply))

    assert "先请示例造船大学（本环节 2 项成果）按需攻关" in told[0]


def test_with_one_result_here_the_strongest_of_the_chain_is_asked_instead():
    supply = {made("a1", "u2"): on("hull"), made("a2"): on("sail"), made("a3"): on("sail")}

    told = sentences(mapped({need("n1"): on("hull")}, supply))

    assert "本环节尚无高校有多项成果，先问本链实力最强的示例造船大学" in told[0]


def test_a_shortfall_counts_both_kinds_of_needs():
    needs = {need("n1"): on("hull"), need("n2"): on("hull")}

    told = sentences(mapped(needs, {made("a1"): on("hull")}, strong=[("n1", "a1")]))

    assert "缺口 · hull（中游）：2 项需求中 1 项" in told[0]
    assert "Shortfall at hull (midstream): 1 of 2 needs" in told[0]


def test_unanswered_needs_without_a_segment_are_named_too():
    told = sentences(mapped({need("n1"): on(None)}, {}))

    assert told[0].startswith("瓶颈 · 环节未定")
    assert "「需求n1」" in told[0]


def test_idle_supply_is_one_roadshow_for_the_chain():
    supply = {made("a1", trl=7): on("hull"), made("a2"): on(None), made("a3"): on("sail")}

    told = [s for s in sentences(mapped({}, supply)) if s.startswith("闲置")]

    assert len(told) == 1
    assert "3 个环节的 3 项成果" in told[0]
    assert "到west组织路演" in told[0]
    assert "hull（中游）：「成果a1」示例造船大学 · TRL 7 · a1" in told[0]


def test_a_long_list_is_cut_with_the_number_left_out():
    supply = {made(f"a{i}"): on("hull") for i in range(5)}

    told = next(s for s in sentences(mapped({}, supply), most=3) if s.startswith("闲置"))

    assert told.count("「成果") == 3
    assert "另有 2 项 / 2 more" in told


def test_a_served_chain_is_handed_to_the_brokers():
    found = mapped({need("n1"): on("hull")}, {made("a1"): on("hull")}, strong=[("n1", "a1")])

    assert any("由技术经纪人逐项对接" in told for told in sentences(found))


def test_a_chain_without_segments_says_so():
    assert any("尚未定义环节" in told for told in sentences(mapped({}, {}, chains=(boats(),))))


def test_a_lost_segment_is_worded_for_review():
    told = sentences(mapped({need("n1"): on("keel")}, {}))

    assert "boats.keel 已不存在，仍有 1 项需求、0 项成果" in told[-1]
    assert "「需求n1」" in told[-1]


def test_a_very_long_title_is_shortened():
    long = replace(need("n1"), title="长" * 200)

    told = sentences(mapped({long: on("hull")}, {}))

    assert "长" * 59 + "…" in told[0]
    assert "长" * 60 not in told[0]


def test_demand_is_told_by_county_most_first():
    needs = {need("n1"): on("hull"), need("n2"): on("hull"), need("n3", county="east"): on("hull")}
    wording = Wording({}, {"west": "西县", "east": "东县"}.__getitem__)

    assert wording.demand_by_county(mapped(needs, {}).chains[0].total) == "西县 2、东县 1"
