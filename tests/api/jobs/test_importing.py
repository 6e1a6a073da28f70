"""Importing within one's rights, on both databases, and what a job makes of a file."""

import json
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select

from api.jobs.handlers import expire, make_handlers
from api.jobs.import_file import NotImportable, plain_name, read_file
from api.jobs.importing import import_upload
from api.jobs.setup import stored_actor
from data.access.desk import Desk
from data.access.exports import ExportKind, forget_exports
from data.access.trail import Trail
from data.access.upload import NotConfirmable, Upload, UploadState, forget_contents
from data.importers.rows import Kind
from data.jobs import JobKind, JobState
from data.policy.actor import Actor, Role
from data.policy.errors import Forbidden, Unseen
from data.repositories import NeedRepository, OrganizationRepository
from data.session import session_scope
from data.tables import ExportRow, UploadRow, UserRow
from matcher.types import Status, Visibility
from tests.api.jobs.conftest import ANNE, OFFICE, wait_for
from tests.data.builders import make_need, make_organization

ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Two firms, a university, and a need of the second firm."""
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(
            make_organization(name, name=name) for name in ("e1", "e2", "u1")
        )
        NeedRepository(session).upsert_many([make_need("theirs", organization="e2")])
    return engine


def lines(*rows: dict[str, object]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def upload(engine: Engine, actor: Actor, content: bytes, kind: Kind = Kind.NEEDS) -> Upload:
    tables, complaints = read_file(content, "rows.jsonl", kind)
    trail = Trail(actor)
    with session_scope(engine) as session:
        desk = Desk(session, actor, trail)
        made = desk.imports.try_out(kind, "rows.jsonl", content, tables, complaints)
        trail.write(session)
    return made


def fates(made: Upload) -> dict[str, int]:
    return {
        name: made.report[name]
        for name in ("added", "changed", "unchanged", "refused")
        if made.report[name]
    }


def apply(engine: Engine, run, actor: Actor, made: Upload) -> Upload:
    with session_scope(engine) as session:
        job = Desk(session, actor, Trail(actor)).imports.confirm(made.id).job
    runner = run(engine, handlers={JobKind.IMPORT: import_upload})
    ended = wait_for(engine, job, *ENDED)
    assert ended.state is JobState.DONE, ended
    runner.stop(5)
    with session_scope(engine) as session:
        return Desk(session, actor, Trail(actor)).imports.get(made.id)


def test_a_firm_adds_changes_and_keeps_its_own_rows_only(store: Engine, run):
    with session_scope(store) as session:
        NeedRepository(session).upsert_many(
            [make_need("mine", organization="e1"), make_need("ended", organization="e1",
             status=Status.SIGNED)]
        )  # fmt: skip
    content = lines(
        {"id": "new", "title": "转子护套减薄"},
        {"id": "mine", "title": "改了名称", "status": "已发布", "organization": "e1"},
        {"id": "ended", "title": "签约后再改"},
        {"id": "theirs", "title": "抢注"},
        {"id": "foreign", "title": "替别家发布", "organization": "e2"},
        {"id": "unknown", "title": "替未知单位发布", "organization": "某某公司"},
    )

    made = upload(store, ANNE, content)
    done = apply(store, run, ANNE, made)

    assert fates(made) == {"added": 1, "changed": 1, "refused": 4}
    assert done.state is UploadState.APPLIED
    assert done.report["applied"] == {"added": 1, "changed": 1, "unchanged": 0, "refused": 4}
    with session_scope(store) as session:
        stored = NeedRepository(session).get_many(["new", "mine", "ended", "theirs", "foreign"])
        organizations = OrganizationRepository(session).count()
        told = Desk(session, ANNE, Trail(ANNE)).imports.problems(made.id)
    assert (stored["new"].status, stored["new"].organization) == (Status.SUBMITTED, "e1")
    assert stored["mine"].title == "改了名称"
    assert stored["mine"].text == make_need().text  # no column for it: it stays
    assert stored["ended"].title == stored["theirs"].title == make_need().title
    assert "foreign" not in stored
    assert organizations == 3
    assert [(p["row"], p["column"]) for p in told] == [
        (3, "需求编号"), (4, "需求编号"), (5, "需求单位"), (6, "需求单位"),
    ]  # fmt: skip


def test_a_masked_need_is_not_published_by_a_file_without_an_approved_summary(store: Engine):
    row = {"id": "m", "title": "涂层附着力", "visibility": "脱敏", "organization": "e1"}

    published = upload(store, OFFICE, lines({**row, "status": "已发布"}))
    drafted = upload(store, OFFICE, lines({**row, "status": "草稿"}))
    over = upload(store, OFFICE, lines({**row, "visibility": "公开", "status": "已关闭"}))

    assert fates(published) == {"refused": 1}
    assert fates(drafted) == {"added": 1}
    assert fates(over) == {"refused": 1}


def test_damaged_and_outrageous_values_refuse_their_row_and_no_other(store: Engine):
    content = lines(
        {"id": "ok", "title": "正常\x00一行"},
        {"id": "sur\ud800rogate", "title": "孤立\ud800代理"},
        {"id": "late", "title": "太远的期限", "deadline": "9999-12-31"},
        {"id": "long", "title": "长" * 501},
        {"id": "list", "title": "项目过多", "keywords": [str(n) for n in range(101)]},
    )

    made = upload(store, ANNE, content)

    assert fates(made) == {"added": 2, "refused": 3}


def test_the_same_file_uploaded_twice_at_once_is_one_import(store: Engine):
    content = lines({"id": "twice", "title": "同一文件"})
    barrier, ids = Barrier(4), []

    def go() -> None:
        barrier.wait()
        ids.append(upload(store, ANNE, content).id)

    threads = [Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with session_scope(store) as session:
        kept = list(session.scalars(select(UploadRow.id)))
    assert len(ids) == 4
    assert set(ids) == set(kept)
    assert len(kept) == 1


def test_confirming_twice_orders_one_job_and_brokers_import_nothing(store: Engine):
    made = upload(store, ANNE, lines({"id": "once", "title": "只写一次"}))

    with session_scope(store) as session:
        imports = Desk(session, ANNE, Trail(ANNE)).imports
        jobs = {imports.confirm(made.id).job for _ in range(2)}
    with pytest.raises(Forbidden):
        upload(store, Actor(id="b", role=Role.BROKER), lines({"id": "x", "title": "不可导入"}))
    with session_scope(store) as session, pytest.raises(Unseen):
        Desk(session, OFFICE, Trail(OFFICE)).imports.confirm(made.id)

    assert len(jobs) == 1


def test_a_job_checks_the_rights_of_the_day_on_which_it_runs(store: Engine, run):
    made = upload(store, ANNE, lines({"id": "moved", "title": "换了单位"}))
    with session_scope(store) as session:
        job = Desk(session, ANNE, Trail(ANNE)).imports.confirm(made.id).job
    moved = Actor(id=ANNE.id, role=Role.BROKER)

    run(store, handlers={JobKind.IMPORT: import_upload}, actors={ANNE.id: moved}.get)
    wait_for(store, job, *ENDED)

    with session_scope(store) as session:
        assert NeedRepository(session).get("moved") is None


def test_needs_past_their_deadline_expire_once_and_old_files_go(store: Engine, run):
    yesterday, tomorrow = (date.today() + timedelta(days=d) for d in (-1, 1))
    with session_scope(store) as session:
        NeedRepository(session).upsert_many(
            [
                make_need("late", organization="e1", deadline=yesterday),
                make_need("due", organization="e1", deadline=tomorrow),
                make_need("draft", organization="e1", deadline=yesterday, status=Status.DRAFT),
                make_need("never", organization="e1", deadline=None,
                          visibility=Visibility.PUBLIC),
            ]
        )  # fmt: skip
    runner = run(store, handlers={JobKind.EXPIRE: expire})

    first = wait_for(store, runner.submit(JobKind.EXPIRE, {}), *ENDED)
    second = wait_for(store, runner.submit(JobKind.EXPIRE, {}), *ENDED)

    assert (first.result["expired"], second.result["expired"]) == (1, 0)
    with session_scope(store) as session:
        found = NeedRepository(session).get_many(["late", "due", "draft", "never"])
    assert [need.status for need in found.values()] == [
        Status.EXPIRED, Status.PUBLISHED, Status.DRAFT, Status.PUBLISHED,
    ]  # fmt: skip


def test_files_that_nobody_needs_any_more_are_dropped(sqlite_engine: Engine):
    with session_scope(sqlite_engine) as session:
        OrganizationRepository(session).upsert_many([make_organization("e1")])
    made = upload(sqlite_engine, ANNE, lines({"id": "old", "title": "旧文件"}))
    now = datetime.now(UTC)
    with session_scope(sqlite_engine) as session:
        exports = Desk(session, ANNE, Trail(ANNE)).exports
        export = exports.order(ExportKind.CASES, "", "json", at_once=True)
        exports.fill(export.id, b"{}")

        kept = forget_contents(session, now), forget_exports(session, now)
        later = now + timedelta(days=31)
        dropped = forget_contents(session, later), forget_exports(session, later)
        with pytest.raises(Unseen):
            Desk(session, ANNE, Trail(ANNE)).imports.content(made.id)
        with pytest.raises(NotConfirmable):
            Desk(session, ANNE, Trail(ANNE)).imports.confirm(made.id)
        assert session.scalar(select(ExportRow.id)) is None

    assert (kept, dropped) == ((0, 0), (1, 1))


def test_an_account_that_was_disabled_orders_nothing_any_more(sqlite_engine: Engine):
    row = {"name": "", "role": "office", "chains": [], "counties": [], "totp_step": 0, "epoch": 0}
    row |= {"created_at": datetime.now(UTC), "revision": 1}
    with session_scope(sqlite_engine) as session:
        session.add(UserRow(id="on", email="on@example.com", **row))
        session.add(
            UserRow(id="off", email="off@example.com", disabled_at=datetime.now(UTC), **row)
        )

    assert stored_actor(sqlite_engine, "on") == Actor(id="on", role=Role.OFFICE)
    assert stored_actor(sqlite_engine, "off") is None
    assert stored_actor(sqlite_engine, "nobody") is None


def test_only_the_office_runs_work_of_the_whole_service(sqlite_engine: Engine, run):
    class Service:
        engine = sqlite_engine

    runner = run(sqlite_engine, handlers=make_handlers(Service()))

    refused = wait_for(sqlite_engine, runner.submit(JobKind.REMATCH, {}, ANNE), *ENDED)
    done = wait_for(sqlite_engine, runner.submit(JobKind.REMATCH, {}, OFFICE), *ENDED)
    backup = wait_for(sqlite_engine, runner.submit(JobKind.BACKUP, {}, OFFICE), *ENDED)

    assert refused.state is JobState.FAILED
    assert done.state is JobState.DONE
    assert "备份" in backup.error_zh


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\表\\需求.xlsx", "需求.xlsx"),
        ("a\x00b\ud800.csv", "ab.csv"),
        (None, "upload"),
        ("长" * 300 + ".csv", "长" * 200 + ".csv"),
    ],
)
def test_a_file_keeps_its_last_name_only(given: str | None, kept: str):
    assert plain_name(given) == kept


def test_a_file_of_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr("api.jobs.import_file.MOST_ROWS", 999)
    content = lines(*({"id": str(n), "title": f"第{n}项"} for n in range(1_000)))

    with pytest.raises(NotImportable, match="拆分"):
        read_file(content, "rows.jsonl", Kind.NEEDS)
