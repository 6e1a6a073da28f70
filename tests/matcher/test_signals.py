"""Every signal has a name, a range and a meaning, and is NaN where it cannot be known."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.coverage import Coverage
from matcher.ngrams import N_FEATURES
from matcher.signals import NAMES, SIGNALS, Group, Pool, measured
from matcher.text import document_of, query_of
from matcher.types import Achievement, CooperationMode, Document, Need, Query


def pool(query: Query, *documents: Document) -> Pool:
    n = len(documents)
    return Pool(
        query,
        documents,
        fused=np.linspace(1.0, 0.0, n),
        retrieved={"lexical": np.full(n, 0.5, np.float32), "dense": np.full(n, 0.9, np.float32)},
        covered=[Coverage((), np.nan, np.nan)] * n,
        idf=np.ones(N_FEATURES, dtype=np.float32),
    )


def of_pair(need: Need, achievement: Achievement, name: str) -> float:
    values = measured(pool(query_of(need), document_of(achievement)))
    return float(values[0, NAMES.index(name)])


def test_every_signal_says_what_it_means_under_its_own_name():
    assert len(set(NAMES)) == len(SIGNALS)
    for kind in SIGNALS:
        assert kind.meaning.endswith(".")
        assert kind.measure.__name__ == kind.name


def test_values_stay_within_the_range_that_the_registry_states():
    need = Need(id="n", title="电机降噪", min_trl=9, budget_cny=10, county="yiwu")
    documents = [
        document_of(Achievement(id="a", title="电机", trl=1, price_cny=1000, county="yiwu")),
        document_of(Achievement(id="b", title="", text="电机降噪", trl=9, price_cny=0)),
    ]
    values = measured(pool(query_of(need), *documents))
    for column, kind in zip(values.T, SIGNALS, strict=True):
        known = column[np.isfinite(column)]
        assert np.all((known >= kind.low) & (known <= kind.high)), kind.name


def test_bare_text_leaves_every_fit_unknown():
    values = measured(pool(Query(id="q", title="电机降噪"), Document(id="a", title="电机")))
    fit = [kind.group is Group.FIT for kind in SIGNALS]
    assert np.isnan(values[0, fit]).all()


@pytest.mark.parametrize(("wanted", "offered", "fits"), [(6, 7, 1.0), (6, 5, 0.75), (9, 1, 0.0)])
def test_maturity_falls_with_each_level_that_is_missing(wanted, offered, fits):
    need = Need(id="n", title="电机", min_trl=wanted)
    assert of_pair(need, Achievement(id="a", title="电机", trl=offered), "maturity") == fits


def test_one_common_mode_of_cooperation_is_enough():
    both = (CooperationMode.LICENSE, CooperationMode.TRANSFER)
    need = Need(id="n", title="电机", cooperation_modes=both)
    same = Achievement(id="a", title="电机", cooperation_modes=(CooperationMode.TRANSFER,))
    other = Achievement(id="b", title="电机", cooperation_modes=(CooperationMode.CONSULTING,))
    assert of_pair(need, same, "mode") == 1.0
    assert of_pair(need, other, "mode") == 0.0


def test_half_the_price_is_half_a_fit():
    need = Need(id="n", title="电机", budget_cny=50)
    assert of_pair(need, Achievement(id="a", title="电机", price_cny=100), "budget") == 0.5


def test_the_fit_is_the_same_when_the_achievement_asks():
    need = Need(id="n", title="电机", county="yiwu")
    achievement = Achievement(id="a", title="电机", county="yiwu")
    values = measured(pool(query_of(achievement), document_of(need)))
    assert values[0, NAMES.index("place")] == 1.0


def test_a_title_made_of_the_need_s_own_words_is_held_whole():
    values = measured(
        pool(
            Query(id="q", title="高速电机", text="降低噪声"),
            Document(id="a", title="电机噪声"),
            Document(id="b", title="靛蓝"),
        )
    )
    held = values[:, NAMES.index("title_held")]
    assert held[0] > 0.5
    assert held[1] == 0.0


@pytest.mark.parametrize("switched_off", ["dense", "retrieval"])
def test_a_signal_or_its_group_can_be_switched_off(switched_off):
    of_text = pool(Query(id="q", title="电机"), Document(id="a", title="电机"))
    assert np.isfinite(measured(of_text)[0, NAMES.index("dense")])
    assert np.isnan(measured(of_text, without=[switched_off])[0, NAMES.index("dense")])


def test_what_the_chain_graph_tells_is_a_signal_and_unknown_without_it():
    query, document = Query(id="q", title="电机"), Document(id="a", title="电机")
    chains = [kind.group is Group.CHAINS for kind in SIGNALS]

    without = measured(pool(query, document))
    told = measured(replace(pool(query, document), related={"walk": np.array([0.7])}))

    assert np.isnan(without[0, chains]).all()
    assert told[0, NAMES.index("walk")] == 0.7
    assert np.isnan(told[0, NAMES.index("chain_affinity")])
