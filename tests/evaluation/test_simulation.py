"""A simulated city is what its assumptions say, and what is measured on it can be trusted."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from data import reference
from embeddings.hashing_encoder import HashingEncoder
from evaluation import graph_slopes
from evaluation.graph_slopes import PART, with_graph_slopes
from evaluation.simulation import ORGANIZATIONS, World, held_out, reached, simulate, simulated_city
from evaluation.simulation_city import CityConfig
from evaluation.simulation_report import SimulationReport
from evaluation.simulation_view import GRAPH_SIGNALS, graph_of, graph_view, tags_of, text_view
from matcher.graph.places import owner, places
from matcher.learn import UNTRAINED
from matcher.ranker import Ranker
from matcher.signals import NAMES

TINY = CityConfig(
    chains=2, universities=6, enterprises=20, achievements=120, needs=24, cooperations=40
)


@cache
def report() -> SimulationReport:
    return simulate(HashingEncoder(), seeds=[0], config=TINY)


def test_the_same_seed_makes_the_same_city_and_another_seed_another():
    first, again, other = (simulated_city(seed, TINY) for seed in (1, 1, 2))

    assert first.needs == again.needs
    assert first.achievements == again.achievements
    assert first.cooperations == again.cooperations
    np.testing.assert_array_equal(first.levels(), again.levels())
    assert first.needs != other.needs


def test_levels_rise_with_nearness_and_with_competence():
    city = simulated_city(0, replace(TINY, noise=0.0, needs=60))
    shape = (TINY.universities, len(city.fields))

    able, unable = city.levels(np.ones(shape)), city.levels(np.zeros(shape))

    assert np.all(able >= unable)
    same_topic = np.array([[i == j for j in city.offered] for i in city.asked])
    same_field = np.array([[i[0] == j[0] for j in city.offered] for i in city.asked])
    assert able[same_topic].min() >= 3 > able[~same_field].max()
    # where competence decides nothing, nobody's matters
    alike = simulated_city(0, replace(TINY, competence=0.0))
    np.testing.assert_array_equal(alike.levels(np.ones(shape)), alike.levels(np.zeros(shape)))


def test_half_of_the_needs_belong_to_no_chain_and_the_past_follows_competence():
    city = simulated_city(3, replace(TINY, needs=200, cooperations=400, at_random=0.0))

    outside = np.mean([city.fields[place].segment is None for place, _ in city.asked])
    partners = [
        city.competence[int(c.university[1:]), city.business[int(c.enterprise[1:])]]
        for c in city.cooperations
    ]

    assert 0.3 < outside < 0.7
    assert np.mean(partners) > 2 * city.competence.mean()


def test_a_tagger_knows_a_part_of_the_words_only():
    city = simulated_city(0, TINY)

    known = sum(len(s.keywords) for chain in city.definitions for s in chain.segments)
    whole = sum(len(s.keywords) for chain in reference.chains() for s in chain.segments)

    assert 0.3 < known / whole < 0.5


def test_the_graph_helps_and_its_gain_is_told_need_by_need():
    found = report()

    assert found.gain.n == found.text.n <= TINY.needs
    assert found.gain.mean == pytest.approx(found.graph.mean - found.text.mean)
    assert found.gain.mean > 0
    assert found.by_seed == (pytest.approx(found.gain.mean),)
    assert {row.group for row in found.signals.groups} > set(GRAPH_SIGNALS)
    tags = [gain for kind, gain in found.where.items() if kind.startswith("tag: ")]
    assert sum(gain.n for gain in tags) == found.gain.n


def test_every_control_is_measured_and_the_graph_of_others_helps_nobody():
    controls = report().controls

    assert list(controls) == [world.value for world in World]
    assert controls[World.ASSUMED].gain == report().gain
    assert abs(controls[World.OTHER].gain.mean) < 0.5 * report().gain.mean


def test_variety_never_crowds_a_list():
    variety = report().variety

    assert variety.after <= variety.before <= 1
    assert variety.repeat < 1


def test_a_report_is_plain_json_and_words():
    found = report()

    plain = json.loads(json.dumps(found.as_json()))

    assert plain["gain"]["mean"] == pytest.approx(found.gain.mean, abs=1e-6)
    assert set(plain["controls"]) == {world.value for world in World}
    assert len(found.control_rows()) == len(World)
    assert all(len(row) == len(found.where_columns()) for row in found.where_rows())


def test_hidden_signals_are_not_learnt_from():
    city = simulated_city(0, TINY)
    text = text_view(city, HashingEncoder())
    tags = tags_of(city, HashingEncoder())
    whole = graph_view(text, city, graph_of(city, tags, cooperations=city.cooperations))
    levels = city.levels()

    hidden = held_out(whole, levels, without=GRAPH_SIGNALS)

    assert reached(hidden, whole, levels) == reached(held_out(text, levels), text, levels)
    assert held_out(whole, levels).scores != hidden.scores
    columns = [NAMES.index(name) for name in ORGANIZATIONS]
    assert np.isfinite(whole.values[:, :, columns]).any()
    assert np.isnan(text.values[:, :, columns]).all()


def test_a_ranker_of_texts_gains_slopes_for_the_graph_and_loses_nothing():
    text = Ranker(UNTRAINED.centre, UNTRAINED.slopes, (0.0, 1.0, 2.0), {"data": "somewhere"})

    whole = with_graph_slopes(text, HashingEncoder(), seeds=[0, 1], config=TINY)

    learnt = [whole.slopes[name] for name in GRAPH_SIGNALS]
    assert min(learnt) >= 0
    assert max(learnt) > 0
    assert {n: s for n, s in whole.slopes.items() if n not in GRAPH_SIGNALS} == text.slopes
    assert whole.cuts == text.cuts
    assert whole.origin["data"] == "somewhere"
    assert whole.origin["graph"]["seeds"] == [0, 1]
    assert whole.origin["graph"]["part"] == PART


def test_a_part_of_what_is_learnt_is_taken_and_a_verdict_on_texts_leaves_less_to_learn(
    monkeypatch: pytest.MonkeyPatch,
):
    def slopes(text: Ranker) -> np.ndarray:
        whole = with_graph_slopes(text, HashingEncoder(), seeds=[0, 1], config=TINY)
        return np.array([whole.slopes[name] for name in GRAPH_SIGNALS])

    part = slopes(UNTRAINED)
    blind = slopes(Ranker({"fused": 0.0}, {"fused": 0.0}, (0.0, 1.0, 2.0)))
    monkeypatch.setattr(graph_slopes, "PART", 2 * PART)

    np.testing.assert_allclose(slopes(UNTRAINED), 2 * part)
    assert blind.sum() > 1.1 * part.sum()


def test_achievements_can_be_given_the_chains_and_universities_of_others():
    city = simulated_city(0, TINY)
    tags = tags_of(city, HashingEncoder())
    others = [*range(1, TINY.achievements), 0]

    graph = graph_of(city, tags, cooperations=(), given=others)

    own = graph_of(city, tags, cooperations=())
    for place, other in enumerate(others):
        given, real = f"achievement:a{place}", f"achievement:a{other}"
        assert owner(graph, given) == f"organization:{city.achievements[other].organization}"
        assert places(graph, given) == places(own, real)
    assert any(places(own, f"achievement:a{i}") for i in others)
