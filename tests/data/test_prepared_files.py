"""What is prepared of a city graph comes back from the disk as it was, or not at all."""

from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from data.graph_files import GraphMark, load_graph, load_mark, load_parts, save_graph
from embeddings.index_errors import IndexBroken
from matcher.graph import relations as relations_module
from matcher.graph.build import city_graph
from matcher.graph.prepared import prepare
from matcher.graph.relations import GraphRelations
from matcher.text import document_of, query_of
from tests.matcher.graph_builders import (
    COUNTIES,
    achievement,
    enterprise,
    make_chains,
    need,
    tag,
    university,
)

MARK = GraphMark(fingerprint="f", stamp="db/7", decisions=2, day=date(2026, 3, 4))
NEED = need("hull", organization="yard", county="harbour")
OFFERS = [achievement("hull", organization="partner", trl=8), achievement("loose")]


def make_city() -> nx.MultiDiGraph:
    return city_graph(
        make_chains(),
        COUNTIES,
        organizations=[university("partner"), enterprise("yard", county="harbour")],
        needs=[NEED],
        achievements=OFFERS,
        tags={
            "need:hull": [tag("boats.hull", 0.9)],
            "achievement:hull": [tag("boats.hull", 0.8)],
        },
    )


def save(folder: Path) -> nx.MultiDiGraph:
    graph = make_city()
    save_graph(graph, prepare(graph), folder, MARK)
    return graph


def test_a_saved_graph_tells_the_same_without_being_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plain = GraphRelations(save(tmp_path))
    prepared, mark = load_parts(tmp_path)
    by_need = (query_of(NEED), [document_of(a) for a in OFFERS])
    by_achievement = (query_of(OFFERS[0]), [document_of(NEED)])
    expected = [plain.of(*by_need), plain.of(*by_achievement)]
    for reading in ("_scored", "_weights"):
        monkeypatch.delattr(relations_module.CityWalk, reading)
    monkeypatch.delattr(relations_module, "latest_supply_table")

    kept = GraphRelations(prepared)

    assert mark == MARK
    for found, wanted in zip((kept.of(*by_need), kept.of(*by_achievement)), expected, strict=True):
        assert found.keys() == wanted.keys()
        for name, values in wanted.items():
            np.testing.assert_array_equal(found[name], values)
    assert kept.table == plain.table


def test_an_empty_graph_has_empty_parts(tmp_path: Path):
    graph = nx.MultiDiGraph()
    save_graph(graph, prepare(graph), tmp_path, MARK)

    _, prepared, _ = load_graph(tmp_path)

    assert [list(parts.nodes) for parts in prepared.walks.values()] == [[], []]
    assert prepared.table.by_place == {}


@pytest.mark.parametrize("name", ["walk-achievement.npz", "walk-need.npz", "supply.json"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_part_spoils_the_saved_graph(tmp_path: Path, name: str, damage: str):
    save(tmp_path)
    (path,) = tmp_path.rglob(name)
    content = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(content[:-5])

    with pytest.raises(IndexBroken):
        load_graph(tmp_path)
    with pytest.raises(IndexBroken):
        load_mark(tmp_path)


def test_the_mark_is_read_without_the_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    graph = save(tmp_path)
    monkeypatch.setattr("data.graph_files.read_prepared", None)

    assert load_mark(tmp_path) == (MARK, len(graph))
