"""Past cooperations: stored, loaded from files, and handed over with their organisations."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.cooperations import CooperationRepository, as_edges
from data.importers.load import load
from data.importers.rows import Kind
from data.repositories import OrganizationRepository
from data.repository import UpsertCounts
from data.session import session_scope
from data.tags import TagRepository
from data.versions import data_version
from matcher.cooperation import BadCooperation, PastCooperation
from matcher.graph.schema import Cooperation, NodeKind
from matcher.tag_types import Tag
from matcher.types import CooperationMode
from tests.data.builders import MOMENT, make_cooperation, make_organization, write_lines


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A database that holds the enterprise e1 and the university u1."""
    with session_scope(engine) as session:
        organizations = [make_organization("e1"), make_organization("u1", name="示例大学")]
        OrganizationRepository(session).upsert_many(organizations)
    return engine


def stored(engine: Engine) -> tuple[PastCooperation, ...]:
    with session_scope(engine, write=False) as session:
        return CooperationRepository(session).all()


def table(path: Path, *rows: str) -> Path:
    header = "合作企业,合作高校院所,合作产业链,产业链环节,起始年份,最近年份,合作方式,信息来源"
    path.write_text("\n".join((header, *rows)), encoding="utf-8")
    return path


def test_a_cooperation_comes_back_as_stored_and_only_changes_move_the_version(store: Engine):
    with session_scope(store) as session:
        repository = CooperationRepository(session)
        first = data_version(session)
        assert repository.upsert_many([make_cooperation()]) == UpsertCounts(added=1)
        second = data_version(session)
        assert repository.upsert_many([make_cooperation()]) == UpsertCounts(unchanged=1)
        assert data_version(session) == second > first
        assert repository.upsert_many([make_cooperation(year=2025)]) == UpsertCounts(changed=1)
        assert repository.changed_since(second)
        assert not repository.changed_since(data_version(session))
        assert repository.count() == 1

    assert stored(store) == (make_cooperation(year=2025),)


def test_rows_name_organisations_by_id_or_name_and_segments_by_id_or_name(
    store: Engine, tmp_path: Path
):
    path = table(
        tmp_path / "合作关系.csv",
        "e1,示例大学,新能源汽车,驱动电机,2021,2024,委托开发,合同登记",
        "示例新厂,示例大学,,nev.drive-motor,,2023年,,",
    )

    report = load([path], engine=store)

    first, second = sorted(stored(store), key=lambda c: c.since is None)
    assert (report.problems, report.warnings) == ((), ())
    assert report.counts == {Kind.COOPERATIONS: UpsertCounts(added=2)}
    assert report.added_organizations == ("示例新厂",)
    assert first == make_cooperation(first.id)
    assert (second.university, second.chain, second.segment) == ("u1", "nev", "nev.drive-motor")
    assert (second.since, second.year, second.kind, second.source) == (None, 2023, None, "")


def test_loading_a_file_again_changes_nothing(store: Engine, tmp_path: Path):
    path = table(tmp_path / "合作关系.csv", "e1,u1,,,,2024,,", "e1,u1,,,2020,2021,许可,")

    load([path], engine=store)
    again = load([path], engine=store)

    assert again.counts == {Kind.COOPERATIONS: UpsertCounts(unchanged=2)}


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("e1,,,,,,,", "合作高校院所", "不能为空"),
        ("e1,u1,示例链条,,,,,", "合作产业链", "没有产业链"),
        ("e1,u1,新能源汽车；纺织服装,,,,,", "合作产业链", "只填一条"),
        ("e1,u1,,驱动马达,,,,", "产业链环节", "是否为：驱动电机"),
        ("e1,u1,,,明年,,,", "起始年份", "应为 1950"),
        ("e1,u1,,,1900,,,", "起始年份", "应为 1950"),
        ("e1,u1,,,,,吃饭,", "合作方式", "应为以下之一"),
        ("e1,e1,,,,,,", None, "同一单位"),
        ("e1,u1,纺织服装,nev.drive-motor,,,,", None, "不属于产业链"),
        ("e1,u1,,,2024,2020,,", None, "早于起始年份"),
    ],
)
def test_a_bad_row_is_reported_with_its_number_and_its_neighbours_are_stored(
    store: Engine, tmp_path: Path, row: str, column: str | None, words: str
):
    report = load([table(tmp_path / "合作关系.csv", row, "e1,u1,,,,2024,,")], engine=store)

    (problem,) = report.problems
    assert (problem.row, problem.column) == (2, column)
    assert words in problem.message
    assert " / " in problem.message
    assert [c.year for c in stored(store)] == [2024]


def test_an_id_and_a_name_of_one_organisation_do_not_make_a_cooperation(
    store: Engine, tmp_path: Path
):
    report = load([table(tmp_path / "合作关系.csv", "u1,示例大学,,,,,,")], engine=store)

    assert ["同一单位" in problem.message for problem in report.problems] == [True]
    assert stored(store) == ()


def test_a_full_record_takes_over_what_hangs_on_a_bare_name(store: Engine, tmp_path: Path):
    load([table(tmp_path / "合作关系.csv", "示例新厂,u1,,,,2024,,")], engine=store)
    with session_scope(store) as session:
        (stub,) = {c.enterprise for c in CooperationRepository(session).all()}
        TagRepository(session).say(
            NodeKind.ORGANIZATION, stub, [Tag("nev", None, 1.0, ())], who="李工", made_at=MOMENT
        )
    full = write_lines(tmp_path / "organizations.jsonl", {"id": "e9", "name": "示例新厂"})

    report = load([full], engine=store, kind=Kind.ORGANIZATIONS)

    assert report.merged_organizations == ("示例新厂",)
    assert [(c.enterprise, c.university) for c in stored(store)] == [("e9", "u1")]
    with session_scope(store, write=False) as session:
        assert list(TagRepository(session).said(NodeKind.ORGANIZATION)) == ["e9"]


def test_a_cooperation_that_would_be_of_one_organisation_is_dropped(store: Engine):
    with session_scope(store) as session:
        OrganizationRepository(session).upsert_many([make_organization("u2")])
        repository = CooperationRepository(session)
        repository.upsert_many([make_cooperation(enterprise="u2", university="u1")])

        repository.hand_over({"u2": "u1"})

        assert repository.all() == ()


def test_several_cooperations_of_two_make_one_edge_of_the_latest_year():
    edges = as_edges(
        [
            make_cooperation("c1", year=2020, since=None),
            make_cooperation("c2", year=None, since=2023),
            make_cooperation("c3", university="u2", year=None, since=None),
        ]
    )

    assert edges == [
        Cooperation(enterprise="e1", university="u1", year=2023),
        Cooperation(enterprise="e1", university="u2"),
    ]


def test_a_segment_needs_its_chain():
    with pytest.raises(BadCooperation, match="None"):
        make_cooperation(chain=None, kind=CooperationMode.LICENSE)
