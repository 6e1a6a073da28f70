"""Chains and segments are found by whatever a city calls, or called, them."""

import pytest
from sqlalchemy import Engine

from data.chain_names import ChainNames, packaged_names
from data.chains import ChainRepository
from data.definitions import Definitions
from data.importers.load import load
from data.importers.rows import Kind
from data.migrate import upgrade
from data.repositories import NeedRepository
from data.session import make_engine, session_scope
from data.template import write_template
from matcher.chain import IndustryChain, Position, Segment
from tests.data.builders import write_lines


def segment(id: str, name: str) -> Segment:
    chain = id.partition(".")[0]
    return Segment(id=id, chain=chain, position=Position.UPSTREAM, name_zh=name, name_en=id)


BOATS = IndustryChain(
    id="boats",
    name_zh="船艇",
    name_en="Leisure boats",
    aliases=("游艇",),
    segments=(segment("boats.oars", "船桨"), segment("boats.parts", "配件")),
)
KITES = IndustryChain(
    id="kites", name_zh="风筝", name_en="Kites", segments=(segment("kites.parts", "配件"),)
)
RENAMED = {"ships": "vessels", "vessels": "boats", "boats.paddles": "boats.oars"}
NAMES = ChainNames(Definitions((BOATS, KITES), RENAMED))


@pytest.fixture
def engine(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'y.db'}")
    upgrade(engine)
    with session_scope(engine) as session:
        ChainRepository(session).replace_all([BOATS, KITES])
        ChainRepository(session).rename({"ships": "boats"}, who="李工")
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    "name", ["boats", "BOATS", "船艇", "船艇产业链", "leisure  boats", "游艇", "ships", "Vessels"]
)
def test_a_chain_goes_by_id_names_alias_and_earlier_ids(name: str):
    assert NAMES.find(name) == "boats"


@pytest.mark.parametrize("name", ["新能源汽车", "nev", "boats.paddles", "船桨", ""])
def test_a_packaged_chain_or_a_segment_is_no_chain_of_the_city(name: str):
    assert NAMES.find(name) is None


def test_an_earlier_id_whose_heir_is_gone_too_is_unknown():
    assert ChainNames(Definitions((KITES,), {"ships": "boats"})).find("ships") is None


def test_renames_in_a_circle_end():
    names = ChainNames(Definitions((KITES,), {"a.x": "a.y", "a.y": "a.x"}))

    assert names.find_segments("a.x") == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("船桨", ["boats.oars"]),
        ("boats.oars", ["boats.oars"]),
        ("boats.paddles", ["boats.oars"]),
        ("配件", ["boats.parts", "kites.parts"]),
        ("帆", []),
    ],
)
def test_segments_go_by_name_id_and_earlier_id(name: str, found: list[str]):
    assert NAMES.find_segments(name) == found


def test_suggestions_and_lists_are_of_the_city():
    assert NAMES.nearest("船挺") == ["船艇"]
    assert NAMES.all() == ["船艇", "风筝"]
    assert NAMES.all_segments() == ["船桨", "配件", "配件"]


def test_the_packaged_names_are_those_of_the_packaged_chains():
    assert packaged_names().find("新能源汽车") == "nev"


def test_files_are_read_by_the_citys_own_chains(engine: Engine, tmp_path):
    rows = [
        {"id": "n1", "title": "桨", "chains": "游艇；Kites"},
        {"id": "n2", "title": "旧", "chains": ["ships"]},
        {"id": "n3", "title": "车", "chains": "新能源汽车"},
    ]

    report = load([write_lines(tmp_path / "needs.jsonl", *rows)], engine=engine)

    with session_scope(engine, write=False) as session:
        stored = {need.id: need.chains for need in NeedRepository(session).all()}
    assert stored == {"n1": ("boats", "kites"), "n2": ("boats",)}
    (problem,) = report.problems
    assert "船艇、风筝" in problem.message


def test_segments_of_cooperations_are_the_citys_too(engine: Engine, tmp_path):
    row = {"enterprise": "示例船厂", "university": "示例大学", "segment": "船桨"}

    report = load([write_lines(tmp_path / "cooperations.jsonl", row)], engine=engine)

    assert report.problems == ()


def test_a_template_offers_the_citys_chains(tmp_path):
    from openpyxl import load_workbook

    path = tmp_path / "template.xlsx"
    write_template(Kind.NEEDS, path, chains=[BOATS, KITES])

    words = [str(cell) for row in load_workbook(path)["选项"].values for cell in row]
    assert {"船艇", "风筝"} <= set(words)
    assert "新能源汽车" not in words
