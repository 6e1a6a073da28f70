"""``yilian eval simulation``: what the chain graph is worth where the truth is known."""

import json
from typing import Any

import pytest

from embeddings.encoder import Encoder
from embeddings.hashing_encoder import HashingEncoder
from evaluation import simulation
from evaluation.simulation_city import CityConfig
from evaluation.simulation_report import SimulationReport
from tests.api.conftest import Run

TINY = CityConfig(
    chains=2, universities=6, enterprises=20, achievements=120, needs=24, cooperations=40
)


@pytest.fixture
def small(yilian: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on small cities, read by an encoder that takes no time."""
    simulate = simulation.simulate

    def quick(encoder: Encoder, **asked: Any) -> SimulationReport:
        return simulate(HashingEncoder(), config=TINY, **asked)

    monkeypatch.setattr(simulation, "simulate", quick)
    return yilian


def test_the_gain_its_controls_and_where_it_comes_from_are_shown(small: Run):
    shown = small("eval", "simulation", "--seeds", "1").stdout

    wanted = ("text and graph", "competence unrelated to the past", "right segment", "walk")
    assert [words for words in wanted if words not in shown] == []
    assert "模型 model" in shown


def test_programs_read_the_same_as_json(small: Run):
    plain = json.loads(small("eval", "simulation", "--seeds", "2", "--json").stdout)

    assert plain["seeds"] == [0, 1]
    assert plain["gain"]["n"] > 0
    assert plain["model"]


def test_a_simulation_without_a_city_is_refused(yilian: Run):
    assert yilian("eval", "simulation", "--seeds", "0").exit_code == 2
