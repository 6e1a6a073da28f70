"""The city graph between processes: saved, brought up to date, trusted only when it may be."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import networkx as nx
import pytest
from sqlalchemy import Engine

from api.graph.store import GraphStore
from api.graph.tags import CityTags
from data.chains import ChainRepository
from data.cooperations import CooperationRepository
from data.decisions import DecisionRepository
from data.index_store import Freshness
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from data.tags import TagRepository
from embeddings.hashing_encoder import HashingEncoder
from matcher.cooperation import PastCooperation
from matcher.decision import Decision
from matcher.graph.problems import ProblemKind, problems
from matcher.graph.schema import NodeKind, Relation
from matcher.tag_types import Tag
from matcher.types import Achievement, Need, Organization, OrganizationKind, Status
from tests.api.graph.test_tags import BOATS, KITES, define, engine, say

__all__ = ["engine"]

TODAY = date(2026, 3, 4)


@pytest.fixture
def remarks() -> list[str]:
    return []


@pytest.fixture
def store(engine: Engine, tmp_path: Path, remarks: list[str]) -> GraphStore:
    fill(engine)
    return opened(engine, tmp_path, remarks)


def opened(engine: Engine, tmp_path: Path, remarks: list[str]) -> GraphStore:
    """A store as a new process would have it."""
    tags = CityTags(engine, engine, encoder=HashingEncoder)
    return GraphStore(engine, tmp_path / "graph", tags, notify=remarks.append)


def fill(engine: Engine) -> None:
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(
            [
                Organization(id="e1", name="船厂", kind=OrganizationKind.ENTERPRISE),
                Organization(id="u1", name="大学", kind=OrganizationKind.UNIVERSITY),
            ]
        )
        NeedRepository(session).upsert_many(
            [
                Need(id="n1", title="船桨", organization="e1"),
                Need(id="n2", title="船体", deadline=TODAY, county="yongkang"),
                Need(id="n3", title="筝尾", status=Status.DRAFT),
            ]
        )
        AchievementRepository(session).upsert_many(
            [
                Achievement(id="a1", title="船桨", organization="u1", team=("张工（示例）",)),
                Achievement(id="a2", title="筝尾", organization="u1"),
            ]
        )


def decide(engine: Engine, level: int, id: str = "d1", achievement: str = "a1") -> None:
    with session_scope(engine) as session:
        decision = Decision(
            id=id,
            query_id="n1",
            document_id=achievement,
            level=level,
            who="李工",
            made_at=datetime(2026, 3, level, tzinfo=UTC),
        )
        DecisionRepository(session).add(decision)


def cooperate(engine: Engine, year: int) -> None:
    with session_scope(engine) as session:
        CooperationRepository(session).upsert_many(
            [PastCooperation(id="c1", enterprise="e1", university="u1", year=year)]
        )


def edges(graph: nx.MultiDiGraph, relation: Relation) -> list[tuple[str, str]]:
    return sorted((a, b) for a, b, key in graph.edges(keys=True) if key == relation)


def content(graph: nx.MultiDiGraph) -> tuple:
    nodes = {name: dict(facts) for name, facts in graph.nodes(data=True)}
    links = {(a, b, key): dict(facts) for a, b, key, facts in graph.edges(keys=True, data=True)}
    return nodes, links, graph.graph


def rebuilt(engine: Engine, tmp_path: Path, day: date = TODAY) -> nx.MultiDiGraph:
    return opened(engine, tmp_path / "elsewhere", []).current(today=day)


def test_open_needs_and_published_achievements_are_in_the_graph(store: GraphStore, engine: Engine):
    cooperate(engine, 2024)
    decide(engine, 4)

    graph = store.current(today=TODAY)

    assert {"need:n1", "need:n2", "achievement:a1", "organization:e1"} <= set(graph)
    assert "need:n3" not in graph
    assert edges(graph, Relation.COOPERATES_WITH) == [("organization:e1", "organization:u1")]
    assert edges(graph, Relation.DECIDED) == [("need:n1", "achievement:a1")]
    assert ("need:n1", "segment:boats.oars") in edges(graph, Relation.MEMBER_OF)
    assert problems(graph) == []


def test_an_unchanged_city_keeps_its_graph_also_in_the_next_process(
    store: GraphStore, engine: Engine, tmp_path: Path, remarks: list[str]
):
    first = store.current(today=TODAY)
    manifest = (tmp_path / "graph" / "manifest.json").read_bytes()

    assert store.current(today=TODAY) is first
    later = opened(engine, tmp_path, remarks).current(today=TODAY)

    assert content(later) == content(first)
    assert (tmp_path / "graph" / "manifest.json").read_bytes() == manifest
    assert remarks == []


def test_every_change_reaches_the_graph_as_a_rebuild_would_have_it(
    store: GraphStore, engine: Engine, tmp_path: Path, remarks: list[str]
):
    cooperate(engine, 2020)
    decide(engine, 2)
    decide(engine, 3, "d3", "a2")
    before = store.current(today=TODAY)
    untouched = content(before)

    cooperate(engine, 2025)
    decide(engine, 4, "d2")
    say(engine, "n1", Tag("kites", "kites.tails", 0.6, ()))
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many(
            [Need(id="n3", title="筝尾"), Need(id="n4", title="船体", organization="e1")]
        )
        AchievementRepository(session).upsert_many(
            [Achievement(id="a2", title="筝尾", status=Status.WITHDRAWN)]
        )
    with session_scope(engine) as session:
        NeedRepository(session).remove_many(["n2"])
    after = store.current(today=TODAY)
    next_process = opened(engine, tmp_path, remarks).current(today=TODAY)

    assert content(after) == content(next_process) == content(rebuilt(engine, tmp_path))
    assert content(before) == untouched
    assert ("need:n1", "segment:kites.tails") in edges(after, Relation.MEMBER_OF)
    assert "need:n4" in after
    assert not {"need:n2", "achievement:a2"} & set(after)
    assert remarks == []


def test_only_what_changed_is_put_in_again(
    store: GraphStore, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store.current(today=TODAY)
    asked: list[str] = []
    whole = CityTags.of

    def watched(tags, items):
        asked.extend(item.id for item in items)
        return whole(tags, items)

    monkeypatch.setattr(CityTags, "of", watched)

    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([Need(id="n4", title="船体")])
    store.current(today=TODAY)
    opened(engine, tmp_path, []).current(today=TODAY)

    assert asked == ["n4"]


def test_a_decision_alone_reaches_the_graph(store: GraphStore, engine: Engine, tmp_path: Path):
    decide(engine, 2)
    store.current(today=TODAY)
    decide(engine, 4, "d2")

    graph = store.current(today=TODAY)

    assert graph.edges["need:n1", "achievement:a1", "decided"]["level"] == 4
    assert content(graph) == content(rebuilt(engine, tmp_path))


def test_a_declared_chain_follows_a_rename_in_the_graph(store: GraphStore, engine: Engine):
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([Need(id="n5", title="缆绳", chains=("ships",))])
    assert ("need:n5", "chain:ships") in edges(store.current(today=TODAY), Relation.MEMBER_OF)

    define(engine, BOATS, KITES, ships="boats")

    graph = store.current(today=TODAY)
    assert "chain:ships" not in graph
    assert any(tail == "need:n5" for tail, _ in edges(graph, Relation.MEMBER_OF))


def test_a_persons_word_taken_back_reaches_the_graph(
    store: GraphStore, engine: Engine, tmp_path: Path
):
    say(engine, "n1", Tag("kites", None, 0.6, ()))
    store.current(today=TODAY)

    with session_scope(engine) as session:
        TagRepository(session).unsay(NodeKind.NEED, "n1")

    graph = store.current(today=TODAY)
    assert ("need:n1", "segment:boats.oars") in edges(graph, Relation.MEMBER_OF)
    assert content(graph) == content(rebuilt(engine, tmp_path))


def test_a_need_leaves_the_graph_after_its_deadline(
    store: GraphStore, engine: Engine, tmp_path: Path, remarks: list[str]
):
    store.current(today=TODAY)
    tomorrow = TODAY + timedelta(days=1)

    graph = opened(engine, tmp_path, remarks).current(today=tomorrow)

    assert "need:n2" not in graph
    assert content(graph) == content(rebuilt(engine, tmp_path, tomorrow))
    # a clock set back makes it open again
    assert "need:n2" in opened(engine, tmp_path, remarks).current(today=TODAY)


def test_new_definitions_and_renames_make_a_new_graph(store: GraphStore, engine: Engine):
    say(engine, "n1", Tag("kites", "kites.tails", 0.6, ()))
    store.current(today=TODAY)

    define(engine, BOATS, replace(KITES, segments=()))
    lost = store.current(today=TODAY)
    define(engine, BOATS, kites="boats", kites_tails="boats.oars")
    moved = store.current(today=TODAY)

    found = {(p.kind, p.nodes, p.others) for p in problems(lost)}
    assert (ProblemKind.REVIEW, ("need:n1",), ("kites.tails",)) in found
    assert (ProblemKind.EMPTY_CHAIN, ("chain:kites",), ()) in found
    assert ("need:n1", "segment:boats.oars") in edges(moved, Relation.MEMBER_OF)
    assert "chain:kites" not in moved


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", None])
def test_a_damaged_file_is_rebuilt_and_said(
    store: GraphStore, engine: Engine, tmp_path: Path, remarks: list[str], damage: bytes | None
):
    whole = content(store.current(today=TODAY))
    for name in ("graph.json", "manifest.json"):
        (file,) = (tmp_path / "graph").rglob(name)
        old = file.read_bytes()
        file.write_bytes(old[:-20] if damage is None else damage)
        remarks.clear()

        assert content(opened(engine, tmp_path, remarks).current(today=TODAY)) == whole
        assert ["rebuilding" in remark for remark in remarks] == [True]


def test_a_graph_of_another_database_is_not_trusted(
    store: GraphStore, engine: Engine, tmp_path: Path, remarks: list[str]
):
    store.current(today=TODAY)
    other = engine.url.set(database=str(tmp_path / "other.db"))
    fresh = make_engine(other)
    upgrade(fresh)
    define(fresh, BOATS, KITES)

    graph = opened(fresh, tmp_path, remarks).current(today=TODAY)

    assert not [name for name in graph if name.startswith("need:")]
    fresh.dispose()


def test_a_folder_that_cannot_be_written_costs_a_remark_only(
    engine: Engine, tmp_path: Path, remarks: list[str]
):
    fill(engine)
    (tmp_path / "graph").write_text("in the way")

    graph = opened(engine, tmp_path, remarks).current(today=TODAY)

    assert "need:n1" in graph
    assert any("not saved" in remark for remark in remarks)


def test_threads_share_one_graph(store: GraphStore):
    found: list[nx.MultiDiGraph] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.current(today=TODAY))) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(graph) for graph in found}) == 1


def test_an_empty_city_and_one_need_make_graphs_too(
    engine: Engine, tmp_path: Path, remarks: list[str]
):
    store = opened(engine, tmp_path, remarks)
    empty = store.current(today=TODAY)
    with session_scope(engine) as session:
        ChainRepository(session).replace_all([])
        NeedRepository(session).upsert_many([Need(id="n1", title="船桨")])

    one = store.current(today=TODAY)

    assert {kind for _, kind in empty.nodes(data="kind")} == {"chain", "segment", "county"}
    assert [name for name in one if not name.startswith("county:")] == ["need:n1"]


def test_what_was_prepared_follows_the_graph(
    store: GraphStore, engine: Engine, tmp_path: Path, remarks: list[str]
):
    before = store.kept(today=TODAY)
    with session_scope(engine) as session:
        AchievementRepository(session).upsert_many([Achievement(id="a3", title="船桨")])

    after = store.kept(today=TODAY)
    saved = opened(engine, tmp_path, remarks).kept(today=TODAY)

    walks = [kept.prepared.walks[NodeKind.ACHIEVEMENT].nodes for kept in (before, after, saved)]
    assert "achievement:a3" not in walks[0]
    assert "achievement:a3" in walks[1]
    assert walks[1] == walks[2]
    assert remarks == []


def test_parts_prepared_by_another_method_are_made_anew(
    store: GraphStore,
    engine: Engine,
    tmp_path: Path,
    remarks: list[str],
    monkeypatch: pytest.MonkeyPatch,
):
    old = store.kept(today=TODAY)
    monkeypatch.setattr("api.graph.store.method", lambda: "another")

    state = opened(engine, tmp_path, remarks).state(today=TODAY)
    new = opened(engine, tmp_path, remarks).kept(today=TODAY)

    assert state.freshness is Freshness.UNUSABLE
    assert new.mark.fingerprint != old.mark.fingerprint
