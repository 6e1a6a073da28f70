"""``yilian team`` on the samples, with the real model."""

import json

import pytest

from tests.api.conftest import Run

pytestmark = pytest.mark.model

NEED = "n-robot-01"


def test_a_panel_answers_requirements_with_sentences(on_samples: Run):
    found = json.loads(on_samples("team", NEED, "-n", "2", "--json").output)

    assert found["need"] == NEED
    assert 1 <= len(found["members"]) <= 3
    proofs = [proof for member in found["members"] for proof in member["proofs"]]
    assert {proof["achievement"] for proof in proofs} == set(found["titles"])
    met = {proof["requirement"] for proof in proofs if proof["met"]}
    assert met.isdisjoint(found["open"])
    assert len(met) + len(found["open"]) == len(found["requirements"])


def test_the_panel_is_told_in_words_and_somebody_excluded_is_not_in_it(on_samples: Run):
    lead = json.loads(on_samples("team", NEED, "--json").output)["members"][0]["candidate"]

    said = on_samples("team", NEED, "--exclude", lead["id"]).output

    assert f"未邀请 not asked: {lead['name']}（按要求排除" in said
    assert f"牵头 lead：{lead['name']}" not in said


def test_asking_for_a_panel_is_not_showing_a_match_list(on_samples: Run, sample_home):
    from api.settings import sqlite_url
    from data.match_runs import MatchRunRepository
    from data.session import make_engine, session_scope

    on_samples("team", "n-robot-02")

    engine = make_engine(sqlite_url(sample_home))
    with session_scope(engine, write=False) as session:
        assert MatchRunRepository(session).latest("need", "n-robot-02") == ()
    engine.dispose()


def test_a_pair_that_is_not_two_names_is_refused(on_samples: Run):
    assert on_samples("team", NEED, "--apart", "甲").exit_code == 2


def test_a_mistyped_name_is_an_error_of_ours(on_samples: Run):
    error = on_samples("team", NEED, "--exclude", "并无此人").exception

    assert error is not None
    assert "候选中没有 并无此人" in str(error)
