"""The load bench, small."""

from pathlib import Path

import pytest

from api.bench.corpus import CHARACTERS, invented_achievements, invented_needs
from api.bench.load import measure_load


def test_invented_postings_are_long_enough_different_and_the_same_again():
    made = list(invented_achievements(50))

    assert made == list(invented_achievements(50))
    assert len({a.title for a in made}) == 50
    assert all(CHARACTERS <= len(a.text) < 2 * CHARACTERS for a in made)
    assert next(invented_needs(1)).id == "n-0"


def test_a_small_service_bears_the_mix_without_an_error(tmp_path: Path):
    report = measure_load(tmp_path, achievements=200, clients=5, seconds=2)

    assert report.errors == 0
    assert report.share == pytest.approx(report.per_second / report.peer_per_second)
    assert 0 < report.by_kind_ms["list"]
    assert report.list_p95_s > 0
