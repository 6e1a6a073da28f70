"""Running jobs: what people see, what a restart does, and who runs them."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import URL, Engine, update

from api.jobs.errors import JobFailed
from api.jobs.schedule import Nightly
from api.jobs.turn import turn_on
from api.jobs.work import Work
from data.access.desk import Desk
from data.access.trail import Trail
from data.errors import DatabaseBusy
from data.jobs import JobKind, JobState, JobStore
from data.migrate import upgrade
from data.policy.actor import Actor
from data.session import make_engine, session_scope
from data.tables import JobRow
from tests.api.jobs.conftest import ANNE, job_in, wait_for

ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


def jobs_of(session, actor: Actor):
    return Desk(session, actor, Trail(actor)).jobs


def test_a_job_runs_in_the_name_of_whoever_ordered_it_and_tells_how_far_it_is(engine: Engine, run):
    seen = []

    def work(work: Work):
        seen.append((work.actor, work.job.parameters["of"]))
        work.tell(1, 2, "读取", "reading")
        seen.append(job_in(engine, work.job.id))
        return {"rows": work.step("count", lambda: 7)}

    runner = run(engine, handlers={JobKind.EXPORT: work})
    job_id = runner.submit(JobKind.EXPORT, {"of": "n1"}, ANNE)
    job = wait_for(engine, job_id, *ENDED)

    assert job.state is JobState.DONE
    assert job.result == {"rows": 7}
    assert seen[0] == (ANNE, "n1")
    assert (seen[1].state, seen[1].done, seen[1].total) == (JobState.RUNNING, 1, 2)
    assert (seen[1].message_zh, seen[1].message_en) == ("读取", "reading")
    assert job.created_at <= job.started_at <= job.finished_at


def test_a_job_that_a_key_ordered_may_do_no_more_than_the_key(sqlite_engine: Engine, run):
    key = replace(ANNE, scopes=frozenset({"export.create"}))
    seen = []

    runner = run(sqlite_engine, handlers={JobKind.EXPORT: lambda work: seen.append(work.actor)})
    for actor in (key, ANNE):
        wait_for(sqlite_engine, runner.submit(JobKind.EXPORT, {}, actor), *ENDED)

    assert seen == [key, ANNE]


def test_a_trouble_that_passes_is_tried_again_and_one_that_does_not_fails_the_job(
    sqlite_engine: Engine, run, monkeypatch
):
    monkeypatch.setattr("api.jobs.durable._FIRST_PAUSE_S", 0.01)
    calls = {"busy": 0, "wrong": 0, "never": 0}

    def busy():
        calls["busy"] += 1
        if calls["busy"] < 3:
            raise DatabaseBusy("x")

    def wrong():
        calls["wrong"] += 1
        raise JobFailed("文件不见了", "the file is gone")

    def never():
        calls["never"] += 1
        raise DatabaseBusy("x")

    handlers = {
        JobKind.EXPORT: lambda work: {"busy": work.step("busy", busy)},
        JobKind.IMPORT: lambda work: {"wrong": work.step("wrong", wrong)},
        JobKind.TRAIN: lambda work: {"never": work.step("never", never)},
    }
    runner = run(sqlite_engine, handlers=handlers)
    passed, failed, gave_up = (
        wait_for(sqlite_engine, runner.submit(kind, {}), *ENDED) for kind in handlers
    )

    assert (passed.state, calls["busy"]) == (JobState.DONE, 3)
    assert (failed.state, calls["wrong"]) == (JobState.FAILED, 1)
    assert (failed.error_zh, failed.error_en) == ("文件不见了", "the file is gone")
    assert (gave_up.state, calls["never"]) == (JobState.FAILED, 4)
    assert "等待超时" in gave_up.error_zh


def test_a_defect_fails_the_job_without_telling_its_inside(sqlite_engine: Engine, run, caplog):
    def work(work: Work):
        raise KeyError("secret-column")

    runner = run(sqlite_engine, handlers={JobKind.TRAIN: work})
    job = wait_for(sqlite_engine, runner.submit(JobKind.TRAIN, {}), *ENDED)

    assert job.state is JobState.FAILED
    assert "内部错误" in job.error_zh
    assert "secret" not in job.error_zh + job.error_en
    assert "secret-column" in caplog.text


def test_a_running_job_is_cancelled_between_two_steps_and_can_be_ordered_again(engine: Engine, run):
    started, go_on = Event(), Event()
    made = []

    def work(work: Work):
        work.step("first", lambda: made.append(1) or started.set() or go_on.wait(10))
        work.step("second", lambda: made.append(2))
        return {}

    runner = run(engine, handlers={JobKind.IMPORT: work})
    job_id = runner.submit(JobKind.IMPORT, {}, ANNE)
    assert started.wait(10)
    with session_scope(engine) as session:
        assert jobs_of(session, ANNE).cancel(job_id).cancelling
    go_on.set()
    cancelled = wait_for(engine, job_id, *ENDED)
    made_by_then = list(made)
    with session_scope(engine) as session:
        jobs_of(session, ANNE).retry(job_id)
    again = wait_for(engine, job_id, JobState.DONE)

    assert cancelled.state is JobState.CANCELLED
    assert made_by_then == [1]
    assert made == [1, 1, 2]
    assert again.attempt == 2


def test_a_job_of_a_closed_account_does_nothing(sqlite_engine: Engine, run):
    made = []
    runner = run(sqlite_engine, handlers={JobKind.EXPORT: lambda work: made.append(1) or {}})
    gone = Actor(id="u-gone", role=ANNE.role, organization="e1")

    job = wait_for(sqlite_engine, runner.submit(JobKind.EXPORT, {}, gone), *ENDED)

    assert job.state is JobState.FAILED
    assert "停用" in job.error_zh
    assert made == []


def test_stopping_leaves_a_job_for_the_next_start_which_goes_on_where_it_was(engine: Engine, run):
    made, in_second, stopped = [], Event(), Event()

    def second():
        in_second.set()
        stopped.wait(10)

    def work(work: Work):
        work.step("first", lambda: made.append("first"))
        if not stopped.is_set():
            work.step("second", second)
        else:
            work.step("second", lambda: made.append("second"))
        work.step("third", lambda: made.append("third"))
        return {}

    runner = run(engine, handlers={JobKind.IMPORT: work})
    job_id = runner.submit(JobKind.IMPORT, {})
    assert in_second.wait(10)
    runner._stopping.set()
    stopped.set()
    assert runner.stop(10)
    left = job_in(engine, job_id)
    run(engine, handlers={JobKind.IMPORT: work})
    job = wait_for(engine, job_id, *ENDED)

    assert left.state is JobState.RUNNING
    assert job.state is JobState.DONE
    assert (made, job.attempt) == (["first", "third"], 1)


def test_a_job_that_was_queued_before_the_start_is_run(sqlite_engine: Engine, run):
    with session_scope(sqlite_engine) as session:
        job_id = JobStore(session).add(JobKind.EXPIRE, {}, "system").id

    run(sqlite_engine, handlers={JobKind.EXPIRE: lambda work: {"n": 0}})

    assert wait_for(sqlite_engine, job_id, *ENDED).state is JobState.DONE


def test_a_service_without_jobs_loads_no_job_library(sqlite_engine: Engine, run):
    runner = run(sqlite_engine, handlers={})
    sleep(0.1)

    assert runner._durable is None


def test_the_second_runner_of_a_store_waits_until_the_first_stops(engine: Engine, run):
    by = []
    first = run(engine, handlers={JobKind.EXPIRE: lambda work: by.append("first") or {}})
    wait_for(engine, first.submit(JobKind.EXPIRE, {}), JobState.DONE)
    run(engine, handlers={JobKind.EXPIRE: lambda work: by.append("second") or {}})

    wait_for(engine, first.submit(JobKind.EXPIRE, {}), JobState.DONE)
    first.stop(10)
    wait_for(engine, first.submit(JobKind.EXPIRE, {}), JobState.DONE)

    assert by == ["first", "first", "second"]


def test_one_process_at_a_time_has_the_turn(engine: Engine):
    first, second = turn_on(engine, "jobs"), turn_on(engine, "jobs")

    before = first.held(), second.held(), first.held()
    first.give_up()
    after = second.held(), first.held()
    second.give_up()

    assert before == (True, False, True)
    assert after == (True, False)


@pytest.mark.parametrize(
    ("status", "state", "attempt"),
    [
        ("SUCCESS", JobState.DONE, 2),
        ("ERROR", JobState.DONE, 2),
        ("MAX_RECOVERY_ATTEMPTS_EXCEEDED", JobState.FAILED, 1),
    ],
)
def test_a_table_that_was_restored_is_followed_and_a_job_that_kills_is_given_up(
    sqlite_engine: Engine, run, status: str, state: JobState, attempt: int
):
    handlers = {JobKind.EXPIRE: lambda work: {}}
    runner = run(sqlite_engine, handlers=handlers)
    job_id = runner.submit(JobKind.EXPIRE, {})
    wait_for(sqlite_engine, job_id, JobState.DONE)
    runner.stop(5)
    beside = Path(str(sqlite_engine.url.database)).with_name("yilian-jobs.sqlite")
    with closing(sqlite3.connect(beside)) as connection, connection:
        connection.execute("UPDATE workflow_status SET status = ?", [status])
    with session_scope(sqlite_engine) as session:
        session.execute(update(JobRow).values(state="queued", finished_at=None))

    run(sqlite_engine, handlers=handlers)

    job = wait_for(sqlite_engine, job_id, *ENDED)
    assert (job.state, job.attempt) == (state, attempt)
    assert ("多次" in job.error_zh) is (state is JobState.FAILED)


def test_the_jobs_file_may_lie_in_a_folder_with_any_name(tmp_path: Path, run):
    engine = make_engine(URL.create("sqlite", database=str(tmp_path / "50% #1?x=y" / "y.db")))
    upgrade(engine)

    runner = run(engine, handlers={JobKind.EXPIRE: lambda work: {}})
    job = wait_for(engine, runner.submit(JobKind.EXPIRE, {}), *ENDED)

    assert job.state is JobState.DONE
    engine.dispose()


_PROGRAM = """
import sys
from pathlib import Path
from time import sleep
from api.jobs.runner import JobRunner
from data.jobs import JobKind
from data.session import make_engine

database, ledger = sys.argv[1:]

def note(word):
    with open(ledger, "a") as file:
        file.write(word + "\\n")

def handler(work):
    for number in range(4):
        work.step(f"part {number}", lambda: note(f"part {number}"))
        sleep(0.15)
    work.step("end", lambda: note("end"))
    return {}

handlers = {JobKind.IMPORT: handler}
runner = JobRunner(make_engine(database), handlers=handlers, actors={}.get, poll_s=0.1)
runner.start()
sleep(60)
"""


def test_a_job_that_kill_9_cut_off_is_finished_after_the_restart_exactly_once(
    engine: Engine, tmp_path: Path
):
    ledger = tmp_path / "ledger"
    with session_scope(engine) as session:
        job_id = JobStore(session).add(JobKind.IMPORT, {}, "system").id
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _PROGRAM, url, str(ledger)]

    first = subprocess.Popen(command)
    end = monotonic() + 30
    while not ledger.exists() or len(ledger.read_text().splitlines()) < 2:
        assert monotonic() < end
        sleep(0.02)
    first.kill()
    first.wait()
    before = job_in(engine, job_id)
    second = subprocess.Popen(command)
    try:
        job = wait_for(engine, job_id, *ENDED, within_s=30)
    finally:
        second.kill()
        second.wait()

    lines = ledger.read_text().splitlines()
    assert before.state is JobState.RUNNING
    assert (job.state, job.attempt) == (JobState.DONE, 1)
    # the step under way may be repeated; a finished one is not
    assert lines.count("part 0") == lines.count("end") == 1
    assert set(lines) == {"part 0", "part 1", "part 2", "part 3", "end"}


@pytest.mark.parametrize(
    ("now", "ordered"),
    [
        ("2026-03-02 02:29", []),  # not yet
        ("2026-03-02 02:30", ["2026-03-02"]),
        ("2026-03-05 01:00", ["2026-03-04"]),  # of the nights missed the latest
    ],
)
def test_every_night_is_ordered_once_and_a_missed_one_made_up_for(
    sqlite_engine: Engine, now: str, ordered: list[str]
):
    nightly = Nightly(time(2, 30), (JobKind.REMATCH,))

    with session_scope(sqlite_engine) as session:
        first = nightly.order(session, datetime.fromisoformat("2026-03-01 12:00"))
    with session_scope(sqlite_engine) as session:
        jobs = nightly.order(session, datetime.fromisoformat(now))
        again = nightly.order(session, datetime.fromisoformat(now))
        # the clock is set back by a day and an hour
        back = nightly.order(session, datetime.fromisoformat("2026-03-01 11:00"))
        marks = [JobStore(session).has_mark(f"nightly/rematch/{day}") for day in ordered]

    assert first == []
    assert len(jobs) == len(ordered)
    assert marks == [True] * len(ordered)
    assert again == back == []
