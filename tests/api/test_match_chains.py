"""Every match list shows its path through the chains, on the command line and over REST."""

import json
from datetime import date
from pathlib import Path

import pytest

from api.service import MatchService
from data.chains import ChainRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.config import MatchConfig
from matcher.graph.paths import PathKind
from matcher.types import Achievement, Need
from tests.api.conftest import Run, settings_for


@pytest.fixture
def own(home: Path, model_folder: Path):
    """A service on a small database that the test may alter."""
    service = MatchService(settings_for(home, model_folder))
    with session_scope(service.engine) as session:
        NeedRepository(session).upsert_many(
            [
                Need(id="n1", title="棉织物低盐印染", chains=("textile",)),
                Need(id="late", title="棉织物低盐印染", deadline=date(2020, 1, 1)),
            ]
        )
        AchievementRepository(session).upsert_many(
            [Achievement(id="a1", title="棉织物低盐印染工艺", chains=("textile",))]
        )
    yield service
    service.close()


def test_a_need_of_the_city_and_its_matches_show_where_they_meet(on_samples: Run):
    found = json.loads(on_samples("match", "n-nev-03", "-k", "3", "--json").stdout)

    (place,) = found["chains"]
    assert place["zh"].startswith("新能源汽车 › ")
    assert 0 < place["weight"] <= 1
    first, *others = found["matches"][0]["paths"]
    assert first["kind"] == "same_segment"
    assert first["zh"].startswith("同一环节")
    assert first["en"].startswith("same segment")
    assert {path["kind"] for path in others} >= {"strength", "cooperation"}


def test_the_table_tells_the_paths_in_words(on_samples: Run):
    told = "".join(on_samples("match", "n-nev-03", "-k", "1").stdout.split())

    assert "产业链chains:新能源汽车›电控装置" in told
    assert "链同一环节电控装置（1.00）" in told


def test_an_achievement_and_free_text_have_paths_too(on_samples: Run):
    by_achievement = json.loads(on_samples("match", "a-nev-04", "-k", "2", "--json").stdout)
    by_text = json.loads(
        on_samples("match", "--text", "棉织物低盐活性染色", "-k", "2", "--json").stdout
    )

    for found in (by_achievement, by_text):
        assert found["chains"]
        assert found["matches"][0]["paths"]


def test_a_text_of_no_chain_says_so(on_samples: Run):
    done = on_samples("match", "--text", "高速公路边坡防护", "-k", "1")

    assert "不属于任何产业链" in done.stdout


def test_the_graph_can_be_left_out(on_samples: Run):
    told = on_samples("match", "n-nev-03", "-k", "1", "--without", "chains")
    found = json.loads(
        on_samples("match", "n-nev-03", "-k", "1", "--without", "chains", "--json").stdout
    )

    assert "产业链 chains" not in told.stdout
    assert found["chains"] is found["matches"][0]["paths"] is None
    assert found["config"]["without"] == ["chains"]


def test_a_group_of_signals_that_does_not_exist_is_refused(on_samples: Run):
    done = on_samples("match", "n-nev-03", "--without", "chain")

    assert done.exit_code == 2
    assert "chains" in done.output


def test_leaving_the_graph_out_makes_none(home: Path, model_folder: Path):
    service = MatchService(
        settings_for(home, model_folder), config=MatchConfig(without=("chains",))
    )
    service.refresh()
    service.close()

    assert not (home / "indexes" / "graph").exists()


def test_a_need_that_is_not_open_any_more_still_has_its_paths(own: MatchService):
    answer = own.match(own.records.posting("late"), k=1)

    assert answer.chains is not None
    assert [path.kind for path in answer.chains.paths["a1"]] == [PathKind.SAME_SEGMENT]
    assert "need:late" not in own.graphs.current(today=date.today())


def test_a_city_without_chains_still_gets_its_lists(own: MatchService):
    with session_scope(own.engine) as session:
        ChainRepository(session).replace_all([])

    answer = own.match(own.records.posting("n1"), k=1)

    assert [match.document_id for match in answer.matches.matches] == ["a1"]
    assert answer.chains is None


def test_a_change_reaches_the_paths_of_the_next_question(own: MatchService):
    before = own.match(own.records.posting("n1"), k=2)
    with session_scope(own.engine) as session:
        AchievementRepository(session).upsert_many(
            [Achievement(id="a2", title="棉织物低盐印染助剂", chains=("textile",))]
        )

    after = own.match(own.records.posting("n1"), k=2)

    assert before.chains is not None
    assert after.chains is not None
    assert set(before.chains.paths) == {"a1"}
    assert set(after.chains.paths) == {"a1", "a2"}
