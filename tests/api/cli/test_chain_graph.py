"""The city graph of a database, and the commands that show it."""

import json
from datetime import date
from pathlib import Path

import networkx as nx
import pytest

from api.bench.graph import time_graph
from api.service import MatchService
from matcher.graph.export import from_node_link
from matcher.graph.problems import problems
from tests.api.conftest import Run, settings_for

TODAY = date(2025, 6, 1)


@pytest.fixture
def service(sample_home: Path, model_folder: Path):
    service = MatchService(settings_for(sample_home, model_folder))
    yield service
    service.close()


def test_the_samples_make_a_graph_without_a_problem(service: MatchService):
    graph = service.graphs.current(today=TODAY)

    kinds = [kind for _, kind in graph.nodes(data="kind")]
    counts = service.records.counts()
    assert kinds.count("need") == counts["needs"]
    assert kinds.count("achievement") == counts["achievements"]
    assert kinds.count("organization") == counts["organizations"]
    assert graph.graph["data_version"] > 0
    assert problems(graph) == []


def test_a_declared_chain_stays_a_persons_word_and_its_segment_an_inference(service: MatchService):
    graph = service.graphs.current(today=TODAY)

    origins = {
        head: facts["origin"]
        for _, head, key, facts in graph.out_edges(["need:n-textile-01"], keys=True, data=True)
        if key == "member_of"
    }
    assert origins.pop("chain:textile") == "person"
    assert set(origins.values()) == {"inferred"}
    assert all(name.startswith("segment:textile.") for name in origins)


def test_needs_past_their_deadline_take_no_part(service: MatchService):
    closing = [need for need in service.records.published_needs() if need.deadline is not None]
    last = max(need.deadline for need in closing)

    graph = service.graphs.current(today=replace_year(last))

    assert all(f"need:{need.id}" not in graph for need in closing)


def replace_year(day: date) -> date:
    return day.replace(year=day.year + 1, day=1)


def test_the_graph_is_exported_as_graphml_with_its_chinese(on_samples: Run, tmp_path: Path):
    file = tmp_path / "city.graphml"

    done = on_samples("chain", "export", file)

    assert done.exit_code == 0, done.output
    graph = nx.read_graphml(file, force_multigraph=True)
    assert graph.nodes["chain:textile"]["label"] == "纺织服装"
    assert str(len(graph)) in done.stdout


def test_names_that_are_not_public_are_exported_only_on_request(on_samples: Run, tmp_path: Path):
    public, everything = tmp_path / "public.json", tmp_path / "all.json"

    on_samples("chain", "export", public)
    on_samples("chain", "export", everything, "--all")

    whole = from_node_link(everything.read_text(encoding="utf-8"))
    shown = from_node_link(public.read_text(encoding="utf-8"))
    hidden = [n for n, v in whole.nodes(data="visibility") if v not in (None, "public")]
    assert hidden
    for name in hidden:
        assert whole.nodes[name]["name"]
        assert "name" not in shown.nodes[name]


@pytest.mark.parametrize("name", ["city.txt", "nowhere/city.json"])
def test_a_file_that_cannot_be_written_is_refused_before_any_work(
    on_samples: Run, tmp_path: Path, name: str
):
    done = on_samples("chain", "export", tmp_path / name)

    assert done.exit_code == 2
    assert " / " in done.output


def test_introductions_come_with_their_reasons(on_samples: Run):
    found = json.loads(on_samples("chain", "links", "-k", "4", "--json").stdout)

    assert set(found) == {"university_chain", "enterprise_university"}
    for pairs in found.values():
        assert len(pairs) == 4
        assert all(pair["reasons"][0]["achievements"] > 0 for pair in pairs)
        scores = [pair["score"] for pair in pairs]
        assert scores == sorted(scores, reverse=True)


def test_introductions_are_told_in_a_table(on_samples: Run):
    done = on_samples("chain", "links", "-k", "2")

    assert done.exit_code == 0
    assert "示例" in done.stdout
    assert "成果" in done.stdout


def test_nobody_is_introduced_in_an_empty_city(yilian: Run):
    done = yilian("chain", "links")

    assert done.exit_code == 0
    assert "yilian load" in done.stdout


def test_the_bench_agrees_with_its_peer_on_a_small_city():
    times = time_graph(achievements=300, needs=20, progress=lambda words: None)

    assert times.worst_difference < 1e-5
    assert times.speedup > 1
    assert times.add_need_ms > 0


def test_the_bench_prints_its_figures(yilian: Run):
    done = yilian("bench", "graph", "--achievements", "50", "--needs", "3", "--json")

    figures = json.loads(done.stdout)
    assert figures["needs"] == 3
    assert {"speedup", "add_need_ms", "peer_need_s"} <= set(figures)
