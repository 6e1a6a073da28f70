import json
from collections import Counter

import pytest

from data import reference
from data.reference import BadReference, load_reference
from matcher.chain import Basis, Position, chain_graph
from tests.data.builders import PACKAGED, edit


def problems_of(folder):
    with pytest.raises(BadReference) as caught:
        load_reference(folder)
    assert all(str(problem) in str(caught.value) for problem in caught.value.problems)
    return [(p.file, p.place, p.zh, p.en) for p in caught.value.problems]


def objects_in(value):
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value:
        if isinstance(child, dict | list):
            yield from objects_in(child)


# --- the packaged facts


def test_ten_chains_ten_counties_and_nine_levels_are_packaged():
    assert {chain.id for chain in reference.chains()} == {
        *("nev", "pv-storage", "ic-xinchuang", "life-health", "tools-agri"),
        *("textile", "robot", "machine-tool", "e-materials", "smart-home"),
    }
    assert {county.id for county in reference.counties()} == {
        *("wucheng", "jindong", "wuyi", "pujiang", "panan"),
        *("lanxi", "yiwu", "dongyang", "yongkang", "kaifaqu"),
    }
    assert [level.level for level in reference.trl_levels()] == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_every_chain_has_segments_at_all_three_positions_and_known_counties():
    known = {county.id for county in reference.counties()}

    for chain in reference.chains():
        assert {segment.position for segment in chain.segments} == set(Position)
        assert chain.counties
        assert set(chain.counties) <= known


def test_every_county_reports_at_least_one_chain():
    reported = {county for chain in reference.chains() for county in chain.counties}

    assert reported == {county.id for county in reference.counties()}


def test_segment_ids_are_unique_and_each_has_three_to_eight_keywords():
    segments = [segment for chain in reference.chains() for segment in chain.segments]

    assert len(segments) == 119
    assert [id_ for id_, n in Counter(s.id for s in segments).items() if n > 1] == []
    assert [s.id for s in segments if not 3 <= len(s.keywords) <= 8] == []


def test_names_carry_no_remarks():
    names = [
        name
        for chain in reference.chains()
        for name in (chain.name_zh, *chain.aliases, *(s.name_zh for s in chain.segments))
    ]

    assert [name for name in names if "（" in name or "(" in name] == []


@pytest.mark.parametrize("name", ["chains.json", "counties.json", "trl.json"])
def test_every_packaged_fact_has_a_basis(name):
    content = json.loads((PACKAGED / name).read_text(encoding="utf-8"))

    facts = [thing for thing in objects_in(content) if thing is not content]

    assert facts
    assert [fact for fact in facts if fact.get("basis") not in set(Basis)] == []
    for field in ("keywords", "counties", "adcode"):
        assert all(f"{field}_basis" in fact for fact in facts if field in fact)


def test_the_packaged_chains_make_a_graph_of_chains_segments_and_counties():
    graph = chain_graph(reference.chains(), reference.counties())

    kinds = Counter(kind for _, kind in graph.nodes(data="kind"))
    assert kinds == {"chain": 10, "segment": 119, "county": 10}


def test_every_industry_class_can_be_had_and_belongs_to_another():
    entries = {entry.code: entry for entry in reference.industry_classes()}

    assert {entry.level for entry in entries.values()} == {"section", "division", "group", "class"}
    assert all(e.parent in entries for e in entries.values() if e.level != "section")
    assert entries["3829"] == reference.industry_class("3829")


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("3829", "class", "382"),
        ("382", "group", "38"),
        ("38", "division", "C"),
        ("C", "section", None),
    ],
)
def test_industry_classes_are_found_by_code_with_their_parents(code, level, parent):
    found = reference.industry_class(code)

    assert found is not None
    assert (found.code, found.level, found.parent) == (code, level, parent)


def test_a_code_that_the_classification_lacks_is_not_found():
    assert reference.industry_class("0000") is None
    assert reference.industry_class("") is None


# --- finding by name


@pytest.mark.parametrize(
    ("name", "chain"),
    [
        ("nev", "nev"),
        ("ＮＥＶ", "nev"),
        ("PV_Storage", "pv-storage"),
        (" 新能源汽车 ", "nev"),
        ("新能源汽车产业链", "nev"),
        ("机器人链", "robot"),
        ("新能源汽车及关键零部件", "nev"),
        ("电动工具", "tools-agri"),
        ("SMART HOME", "smart-home"),
        ("Robotics chain", "robot"),
        ("光伏", None),
        ("", None),
        ("……", None),
    ],
)
def test_a_chain_is_found_by_id_name_or_alias(name, chain):
    assert reference.find_chain(name) == chain


@pytest.mark.parametrize(
    ("name", "county"),
    [
        ("yongkang", "yongkang"),
        ("Ｙｏｎｇｋａｎｇ", "yongkang"),
        ("永康市", "yongkang"),
        ("永康", "yongkang"),
        ("浙江省金华市永康市", "yongkang"),
        ("金华 婺城", "wucheng"),
        ("Pan'an County", "panan"),
        ("PAN AN", "panan"),
        ("金义新区", "jindong"),
        ("金华经济技术开发区", "kaifaqu"),
        ("开发区", "kaifaqu"),
        ("永康县", None),
        ("杭州市", None),
        ("金华市", None),
        ("", None),
    ],
)
def test_a_county_is_found_with_or_without_its_ending_and_city(name, county):
    assert reference.find_county(name) == county


def test_a_misspelt_name_gets_the_nearest_known_names():
    assert reference.nearest_chains("光伏与储能")[0] == "光伏及储能"
    assert reference.nearest_chains("新能原汽车")[0] == "新能源汽车"
    assert reference.nearest_counties("永慷市")[0] == "永康市"
    assert reference.nearest_counties("永康县")[0] == "永康市"
    assert reference.nearest_counties("Yonkang")[0] == "永康市"


def test_a_segment_name_or_keyword_suggests_its_chain():
    assert reference.nearest_chains("减速器")[0] == "机器人"
    assert reference.nearest_chains("动力电池")[0] == "新能源汽车"


def test_at_most_three_names_are_suggested_and_none_where_nothing_is_alike():
    assert len(reference.nearest_chains("智能新能源汽车电动工具")) <= 3
    assert reference.nearest_chains("qqq") == []
    assert reference.nearest_counties("") == []


def test_a_pasted_text_in_place_of_a_name_is_answered_too():
    assert reference.find_chain("机" * 100_000) is None
    assert len(reference.nearest_chains("机" * 100_000)) <= 3


def test_ids_are_shown_by_name_and_unknown_ids_as_they_are():
    assert reference.chain_name("machine-tool") == "工业机床"
    assert reference.county_name("kaifaqu") == "开发区"
    assert reference.chain_name("gone") == "gone"
    assert reference.county_name("gone") == "gone"


# --- another city's folder


def test_another_folder_is_read_and_answers_for_itself(folder):
    def rename(content):
        content["chains"] = content["chains"][:1]
        content["chains"][0]["name_zh"] = "水上飞机"

    edit(folder / "chains.json", rename)

    city = load_reference(folder)

    assert city.find_chain("水上飞机") == "nev"
    assert city.chain_name("nev") == "水上飞机"
    assert reference.find_chain("水上飞机") is None


def test_a_file_saved_with_a_byte_order_mark_is_read(folder):
    path = folder / "chains.json"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")

    assert load_reference(folder).find_chain("nev") == "nev"


def test_an_unknown_position_is_refused_with_the_three_known(folder):
    edit(folder / "chains.json", lambda c: c["chains"][0]["segments"][1].update(position="upsteam"))

    [(file, place, zh, en)] = problems_of(folder)

    assert file == "chains.json"
    assert place == "chains[0] (nev).segments[1] (nev.battery-electrode-materials).position"
    assert zh == "不认识 'upsteam'，应为 upstream, midstream, downstream 之一"
    assert en == "'upsteam' is not one of upstream, midstream, downstream"


def test_a_segment_under_another_chains_id_is_refused(folder):
    edit(folder / "chains.json", lambda c: c["chains"][1]["segments"][0].update(id="nev.sand"))

    [(_, place, _, en)] = problems_of(folder)

    assert place == "chains[1] (pv-storage).segments[0] (nev.sand).id"
    assert en == "'nev.sand' should look like pv-storage.motor"


def test_a_segment_id_used_twice_is_refused(folder):
    edit(
        folder / "chains.json",
        lambda c: c["chains"][0]["segments"][1].update(id="nev.automotive-chips"),
    )

    [(_, place, _, en)] = problems_of(folder)

    assert place == "chains[0] (nev).segments[1] (nev.automotive-chips).id"
    assert en == "another segment of the chain has this id"


def test_a_chain_named_like_another_is_refused(folder):
    edit(folder / "chains.json", lambda c: c["chains"][1].update(name_zh="新能源汽车产业"))

    [(_, place, _, en)] = problems_of(folder)

    assert place == "chains[1] (pv-storage)"
    assert en == "'新能源汽车产业' already means 'nev'; use another id or name"


def test_a_county_listed_twice_is_refused(folder):
    edit(folder / "counties.json", lambda c: c["counties"].append(c["counties"][0]))

    [(file, place, _, en)] = problems_of(folder)

    assert (file, place) == ("counties.json", "counties[10] (wucheng)")
    assert "already means 'wucheng'" in en


def test_a_chain_in_an_unknown_county_is_refused_with_the_nearest(folder):
    edit(folder / "chains.json", lambda c: c["chains"][5].update(counties=["lanxy"]))

    [(_, place, zh, en)] = problems_of(folder)

    assert place == "chains[5] (textile).counties"
    assert zh.startswith("counties.json 中没有 'lanxy'，可用：lanxi")
    assert en.startswith("counties.json lists no 'lanxy'; use one of: lanxi")


def test_a_misspelt_field_is_named_with_the_right_one(folder):
    def misspell(content):
        content["chains"][0]["keyword"] = content["chains"][0].pop("keywords")

    edit(folder / "chains.json", misspell)

    misspelt, missing = problems_of(folder)
    assert misspelt[1] == "chains[0] (nev).keyword"
    assert misspelt[3].startswith("no such field; is it 'keywords'?")
    assert missing[1] == "chains[0] (nev).keywords"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("id", "Not A Slug", "'Not A Slug' should look like machine-tool"),
        ("name_zh", "  ", "must be a text, not empty"),
        ("basis", "rumour", "'rumour' is not one of sourced, unsourced"),
        ("basis", None, "None is not one of sourced, unsourced"),
        ("keywords", ["焊接", "焊接"], "'焊接' stands there twice"),
        ("keywords", "焊接", "must be a list of texts […]"),
        ("segments", {}, "must be a list of objects [{…}]"),
        ("aliases", ["别名"], "must be an object {…}"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(folder, field, value, expected):
    edit(folder / "chains.json", lambda c: c["chains"][7].update({field: value}))

    assert expected in [en for _, _, _, en in problems_of(folder)]


@pytest.mark.parametrize("levels", [[1, 2, 3], [2, 1, 3, 4, 5, 6, 7, 8, 9], ["1"] * 9])
def test_levels_other_than_one_to_nine_are_refused(folder, levels):
    def renumber(content):
        content["levels"] = [
            {**entry, "level": level}
            for level, entry in zip(levels, content["levels"], strict=False)
        ]

    edit(folder / "trl.json", renumber)

    assert "must be levels 1 to 9, once each, in order" in [en for *_, en in problems_of(folder)]


def test_all_mistakes_of_all_files_are_reported_at_once(folder):
    edit(folder / "chains.json", lambda c: c["chains"][0].update(name_en=""))
    edit(folder / "counties.json", lambda c: c["counties"][0].update(adcode="33"))
    (folder / "trl.json").unlink()

    assert [(file, place) for file, place, _, _ in problems_of(folder)] == [
        ("counties.json", "counties[0] (wucheng).adcode"),
        ("chains.json", "chains[0] (nev).name_en"),
        ("trl.json", ""),
    ]


def test_a_missing_county_file_is_one_problem_not_one_for_each_chain(folder):
    (folder / "counties.json").unlink()

    [(file, _, zh, _)] = problems_of(folder)

    assert file == "counties.json"
    assert zh.startswith("无法读取")


def test_broken_json_is_refused_with_line_and_column(folder):
    (folder / "trl.json").write_text('{\n  "levels": [,]\n}', encoding="utf-8")

    [(file, place, _, en)] = problems_of(folder)

    assert (file, place) == ("trl.json", "2:14")
    assert en.startswith("not JSON")


def test_a_file_in_another_encoding_is_refused(folder):
    path = folder / "chains.json"
    path.write_text(path.read_text(encoding="utf-8"), encoding="gb18030")

    [(file, _, _, en)] = problems_of(folder)

    assert file == "chains.json"
    assert en == "not UTF-8; save it as UTF-8"
