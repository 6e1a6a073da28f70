"""A store with jobs and a runner that is stopped after each test."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine

from api.jobs.runner import JobRunner
from data.jobs import Job, JobState, JobStore
from data.policy.actor import Actor, Role
from data.session import session_scope
from tests.data.conftest import (
    empty_engine,
    engine,
    postgres_server,
    postgres_url,
    sqlite_engine,
    sqlite_url,
)

__all__ = [
    "empty_engine",
    "engine",
    "postgres_server",
    "postgres_url",
    "sqlite_engine",
    "sqlite_url",
]

ANNE = Actor(id="u-anne", role=Role.ENTERPRISE, organization="e1")
OFFICE = Actor(id="u-office", role=Role.OFFICE)
PEOPLE = {actor.id: actor for actor in (ANNE, OFFICE)}


def job_in(engine: Engine, job_id: str) -> Job:
    """The job as the table has it."""
    with session_scope(engine, write=False) as session:
        job = JobStore(session).get(job_id)
    assert job is not None
    return job


def wait_for(engine: Engine, job_id: str, *states: JobState, within_s: float = 20.0) -> Job:
    """The job once it is in one of these states."""
    end = monotonic() + within_s
    while monotonic() < end:
        job = job_in(engine, job_id)
        if job.state in states:
            return job
        sleep(0.02)
    raise AssertionError(f"after {within_s} s the job is still {job.state}: {job}")


@pytest.fixture
def run() -> Iterator[Callable[..., JobRunner]]:
    """Starts a runner with these handlers."""
    started: list[JobRunner] = []

    def start(engine: Engine, **options) -> JobRunner:
        runner = JobRunner(engine, **{"actors": PEOPLE.get, "poll_s": 0.05} | options)
        runner.start()
        started.append(runner)
        return runner

    yield start
    for runner in started:
        runner.stop(5.0)
