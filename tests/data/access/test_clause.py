"""The reading rules as SQL let through exactly what ``decide`` lets through."""

from dataclasses import replace

from sqlalchemy import Engine, select, update

from data.access.clause import readable
from data.access.posting_reader import PostingReader
from data.access.trail import Trail
from data.policy.actor import SYSTEM
from data.policy.decide import decide
from data.policy.operation import Operation
from data.policy.subject import View
from data.session import session_scope
from data.tables import AchievementRow, NeedRow, PostingMaskRow
from matcher.types import Achievement, Need
from tests.data.access.shelf_of_postings import store_postings
from tests.data.policy.people import people

OPERATIONS = {
    "need": ("need.read", "need.matches", "need.background", "run.read", "decision.read"),
    "achievement": ("achievement.read", "achievement.matches", "achievement.background"),
}


def test_sql_and_decide_agree_in_every_cell(engine: Engine):
    store_postings(engine)
    cells = 0
    with session_scope(engine, write=False) as session:
        for kind, item, rows in (
            ("need", Need, NeedRow),
            ("achievement", Achievement, AchievementRow),
        ):
            actors = people(of_achievement=kind == "achievement")
            key = replace(actors["owner"], scopes=frozenset({"need.matches"}))
            for actor in (*actors.values(), SYSTEM, key):
                reader: PostingReader[Need | Achievement] = PostingReader(
                    item, session, actor, Trail(actor)
                )
                ids = [f"{kind}-{row[0]}-{row[1]}" for row in _kinds(session, rows)]
                subjects = {i: reader.subject(p) for i, p in reader._stored.get_many(ids).items()}
                assert len(subjects) == 30
                for name in OPERATIONS[kind]:
                    operation = Operation(name)
                    decided = {i: decide(actor, operation, s) for i, s in subjects.items()}
                    for view in (None, View.FULL, View.SUMMARY):
                        listed = select(rows.id).where(readable(actor, rows, operation, view=view))
                        wanted = {i for i, v in decided.items() if v and view in (None, v)}
                        assert set(session.scalars(listed)) == wanted, (actor, name, view)
                        cells += len(subjects)

    assert cells == 15 * 30 * 3 * (5 + 3)


def test_no_summary_is_listed_that_nobody_approved(engine: Engine):
    store_postings(engine)
    rival = people(of_achievement=False)["rival"]
    with session_scope(engine) as session:
        before = select(NeedRow.id).where(readable(rival, NeedRow, Operation.NEED_READ))
        assert len(session.scalars(before).all()) == 6
        session.execute(update(PostingMaskRow).values(approved_at=None))

        assert {i.split("-")[1] for i in session.scalars(before)} == {"public"}


def _kinds(session, rows):
    return session.execute(select(rows.visibility, rows.status)).all()
