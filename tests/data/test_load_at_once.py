"""Two loads at once, and a load that is killed."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.importers.load import load
from data.repositories import NeedRepository
from data.session import make_engine, session_scope
from data.versions import data_version
from tests.data.builders import write_lines


def _load(url: str, path: str, barrier, outcomes) -> None:
    engine = make_engine(url)
    barrier.wait()
    try:
        report = load([path], engine=engine)
        outcomes.put((report.stored, [p.message for p in report.problems]))
    except Exception as error:
        outcomes.put(repr(error))


@pytest.mark.parametrize(
    "kind_of_url", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
)
def test_two_processes_may_load_into_a_new_database_at_once(
    request: pytest.FixtureRequest, tmp_path: Path, kind_of_url: str
):
    url = request.getfixturevalue(kind_of_url)
    processes = multiprocessing.get_context("spawn")
    barrier, outcomes = processes.Barrier(2), processes.Queue()
    both = []
    for name in ("a", "b"):
        # 500 needs in common, 1,000 of its own
        own = [{"id": f"{name}{i}", "title": "甲", "organization": "示例电机"} for i in range(1000)]
        shared = [{"id": f"s{i}", "title": "甲" + name} for i in range(500)]
        path = write_lines(tmp_path / f"needs-{name}.jsonl", *own, *shared)
        both.append(processes.Process(target=_load, args=(url, str(path), barrier, outcomes)))

    for process in both:
        process.start()
    for process in both:
        process.join(60)

    assert [outcomes.get(timeout=5) for _ in both] == [(True, []), (True, [])]
    engine = make_engine(url)
    with session_scope(engine, write=False) as session:
        stored = NeedRepository(session)
        assert stored.count() == 2500
        # the shared ones all come from whichever load was last
        assert (
            len({need.title for need in stored.get_many(f"s{i}" for i in range(500)).values()}) == 1
        )
    engine.dispose()


_SLOW_LOAD = """
import sys, time
from data.importers.load import load
from data.session import make_engine
def progress(stage, file, done, total):
    if stage == "store" and done >= 1000:
        print("half way", flush=True)
        time.sleep(60)
load([sys.argv[2]], engine=make_engine(sys.argv[1]), progress=progress)
"""


def test_a_load_killed_half_way_leaves_the_database_as_it_was(
    sqlite_engine: Engine, tmp_path: Path
):
    before = write_lines(tmp_path / "needs1.jsonl", {"id": "n1", "title": "早先"})
    load([before], engine=sqlite_engine)
    more = write_lines(
        tmp_path / "needs2.jsonl", *({"id": f"n{i}", "title": "后来"} for i in range(3000))
    )
    child = subprocess.Popen(
        [sys.executable, "-c", _SLOW_LOAD, str(sqlite_engine.url), str(more)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdout is not None
    with child.stdout as said:
        assert said.readline() == b"half way\n"
        child.send_signal(signal.SIGKILL)
        child.wait(10)

    with session_scope(sqlite_engine, write=False) as session:
        assert [need.title for need in NeedRepository(session).all()] == ["早先"]
        assert data_version(session) == 1
    assert load([more], engine=sqlite_engine).tables[0].counts.added == 2999
