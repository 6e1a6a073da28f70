"""What people say of an item's chains, and what becomes of it when chains change."""

import json
from pathlib import Path

import pytest

from tests.api.conftest import Run
from tests.data.builders import write_lines


@pytest.fixture
def city(yilian: Run, tmp_path: Path) -> Run:
    """The command on a home with one need and one achievement."""
    needs = write_lines(tmp_path / "needs.jsonl", {"id": "n1", "title": "棉织物低盐印染"})
    achievements = write_lines(
        tmp_path / "achievements.jsonl",
        {"id": "a1", "title": "棉织物低盐印染工艺", "chains": ["textile"]},
    )
    assert yilian("load", needs, achievements).exit_code == 0
    return yilian


def chains_of_match(run: Run) -> list[str]:
    return [c["zh"] for c in json.loads(run("match", "n1", "--json").stdout)["chains"]]


def test_a_persons_word_is_set_used_shown_and_taken_back(city: Run):
    (inferred,) = chains_of_match(city)
    assert inferred.startswith("纺织服装")

    said = city("chain", "tag", "n1", "--set", "新能源汽车/驱动电机:0.8", "--who", "李工", "--json")
    assert json.loads(said.stdout)["said"]["who"] == "李工"
    assert chains_of_match(city) == ["新能源汽车 › 驱动电机"]
    shown = city("chain", "tag", "n1").stdout
    assert "李工" in shown
    assert "推断" in shown

    city("chain", "tag", "n1", "--none", "--who", "李工")
    assert chains_of_match(city) == []

    city("chain", "tag", "n1", "--clear")
    assert chains_of_match(city) == [inferred]
    assert "nothing was changed" in city("chain", "tag", "n1", "--clear").stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("n1", "--set", "光伏链"), "没有这个产业链"),
        (("n1", "--set", "nev/印染"), "没有这个环节"),
        (("n1", "--set", "nev:1.5"), "权重"),
        (("n1", "--set", "nev:x"), "权重"),
        (("n1", "--set", "nev", "--none"), "只能选一个"),
        (("--text", "印染", "--none"), "只能选一个"),
        (("n1", "--set", "nev", "--who", " "), "请写明谁指定"),
    ],
)
def test_a_word_that_cannot_be_meant_is_refused(city: Run, arguments: tuple, words: str):
    done = city("chain", "tag", *arguments)

    assert done.exit_code == 2
    assert words in "".join(done.output.split()).replace("│", "")
    assert "人工指定" not in city("chain", "tag", "n1").stdout


def test_an_unknown_item_is_refused(city: Run):
    assert "zzz" in str(city("chain", "tag", "zzz", "--none").exception)


def edited(run: Run, tmp_path: Path, change) -> Path:
    path = tmp_path / "chains.json"
    assert run("chain", "save", path, "--force").exit_code == 0
    content = json.loads(path.read_text(encoding="utf-8"))
    for chain in list(content["chains"]):
        change(chain, content["chains"])
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def rename_motor(chain: dict, chains: list) -> None:
    for segment in chain["segments"]:
        if segment["id"] == "nev.drive-motor":
            segment["id"] = "nev.motors"


def rename_textile(chain: dict, chains: list) -> None:
    if chain["id"] == "textile":
        chain |= {"id": "cloth", "name_zh": "布业", "name_en": "Cloth trade", "aliases": []}
        chain["aliases"] = [{"name": "织造业", "basis": "unsourced"}]
        chain["segments"] = []


def drop_textile(chain: dict, chains: list) -> None:
    if chain["id"] == "textile":
        chains.remove(chain)


def empty_textile(chain: dict, chains: list) -> None:
    if chain["id"] == "textile":
        chain["segments"] = []


def test_a_saved_file_loads_as_the_chains_that_there_were(city: Run, tmp_path: Path):
    before = city("chain", "show", "nev").stdout

    done = city("chain", "load", edited(city, tmp_path, lambda chain, chains: None))

    assert done.exit_code == 0
    assert "is gone" not in done.stderr
    assert city("chain", "show", "nev").stdout == before


def test_names_on_the_command_line_are_those_of_the_citys_own_chains(city: Run, tmp_path: Path):
    path = edited(city, tmp_path, rename_textile)
    assert city("chain", "load", path, "--rename", "textile=cloth", "--who", "李工").exit_code == 0

    for name in ("布业", "cloth TRADE", "织造业产业链", "cloth", "textile"):
        found = json.loads(city("match", "n1", "--chain", name, "--json").stdout)
        assert [match["document_id"] for match in found["matches"]] == ["a1"]
    assert json.loads(city("match", "n1", "--chain", "nev", "--json").stdout)["matches"] == []
    assert "Cloth trade" in city("chain", "show", "textile").stdout
    assert city("chain", "tag", "n1", "--set", "织造业", "--who", "李工").exit_code == 0


def test_a_chain_that_the_city_does_not_have_is_answered_with_those_it_has(
    city: Run, tmp_path: Path
):
    city("chain", "load", edited(city, tmp_path, drop_textile))

    done = city("match", "n1", "--chain", "纺织服装")

    assert done.exit_code == 2
    told = "".join(done.output.split()).replace("│", "")
    assert "新能源汽车、" in told
    assert "光伏及储能" in told


def test_tags_wait_for_review_until_the_rename_is_told(city: Run, tmp_path: Path):
    city("chain", "tag", "n1", "--set", "nev/drive-motor", "--who", "李工")

    done = city("chain", "load", edited(city, tmp_path, rename_motor), "--who", "李工")
    assert "nev.drive-motor=nev.motors" in "".join(done.stderr.split())
    assert "1 项待复核" in done.stdout
    assert json.loads(city("chain", "review", "--json").stdout)[0]["gone"] == ["nev.drive-motor"]
    assert chains_of_match(city) == ["新能源汽车"]

    moved = city("chain", "rename", "nev.drive-motor=nev.motors", "--who", "李工")
    assert "moved: 1" in moved.stdout
    assert chains_of_match(city) == ["新能源汽车 › 驱动电机"]
    assert "没有待复核" in city("chain", "review").stdout


def test_a_rename_given_with_the_file_moves_tags_at_once(city: Run, tmp_path: Path):
    city("chain", "tag", "n1", "--set", "nev/drive-motor", "--who", "李工")
    path = edited(city, tmp_path, rename_motor)

    done = city("chain", "load", path, "--rename", "nev.drive-motor=nev.motors", "--who", "李工")

    assert "moved: 1" in done.stdout
    assert "待复核" not in done.stdout


def test_a_chain_that_is_removed_leaves_its_items_for_review(city: Run, tmp_path: Path):
    city("chain", "load", edited(city, tmp_path, drop_textile), "--who", "李工")

    assert "a1" in city("chain", "review").stdout
    assert city("match", "n1").exit_code == 0
    assert "textile" in city("chain", "export", tmp_path / "g.json").stderr


def test_a_chain_without_segments_is_still_a_chain(city: Run, tmp_path: Path):
    city("chain", "load", edited(city, tmp_path, empty_textile), "--who", "李工")

    assert chains_of_match(city) == ["纺织服装"]
    assert "没有环节" in city("chain", "export", tmp_path / "g.json").stderr


@pytest.mark.parametrize(
    ("pair", "words"), [("a=b", "没有 b"), ("nev=textile", "仍在使用"), ("nev", "旧=新")]
)
def test_a_rename_that_leads_nowhere_is_refused(city: Run, pair: str, words: str):
    done = city("chain", "rename", pair, "--who", "李工")

    assert done.exit_code != 0
    assert words in done.output + str(done.exception)


def test_a_bad_file_changes_nothing(city: Run, tmp_path: Path):
    path = tmp_path / "chains.json"
    path.write_text('{"chains": [{"id": "nev"}]}', encoding="utf-8")

    done = city("chain", "load", path, "--who", "李工")

    assert "处要改正" in str(done.exception)
    assert "驱动电机" in city("chain", "show", "nev").stdout
