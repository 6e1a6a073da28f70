"""The command as a person uses it."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.api.conftest import Run


def test_a_need_gets_ranked_matches_with_reasons(on_samples: Run):
    done = on_samples("match", "n-textile-01", "-k", "3", "--json")

    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert [m["rank"] for m in answer["matches"]] == [1, 2, 3]
    assert all(m["phrases"] and m["organization"] for m in answer["matches"][:2])
    assert {m["document_id"] for m in answer["matches"][:2]} == {"a-textile-01", "a-textile-02"}


@pytest.mark.parametrize("need_id", ["n-nev-03", "n-robot-06", "n-textile-01"])
def test_every_phrase_stands_where_it_says_in_both_records(on_samples: Run, need_id: str):
    answer = json.loads(on_samples("match", need_id, "-k", "5", "--json").stdout)
    need = record(on_samples, need_id)

    phrases = 0
    for match in answer["matches"]:
        achievement = record(on_samples, match["document_id"])
        for phrase in match["phrases"]:
            phrases += 1
            assert quoted(need, phrase["query_span"]) == phrase["text"]
            assert quoted(achievement, phrase["document_span"]).lower() == phrase["text"].lower()
    assert phrases > 5


def record(run: Run, record_id: str) -> dict:
    return json.loads(run("show", record_id, "--json").stdout)


def quoted(posting: dict, span: dict) -> str:
    field, _, place = span["field"].partition("[")
    text = posting[field][int(place.rstrip("]"))] if place else posting[field]
    return text[span["start"] : span["end"]]


def test_an_achievement_gets_needs(on_samples: Run):
    answer = json.loads(on_samples("match", "a-textile-02", "-k", "2", "--json").stdout)

    assert answer["matches"][0]["document_id"] == "n-textile-01"


def test_free_text_gets_achievements(on_samples: Run):
    answer = json.loads(on_samples("match", "--text", "靛蓝染色不用保险粉", "--json").stdout)

    assert answer["matches"][0]["document_id"].startswith("a-textile-")


def test_the_same_question_prints_the_same_bytes(on_samples: Run):
    first, second = (on_samples("match", "n-robot-06", "--json").stdout for _ in range(2))

    assert first == second


def test_filters_act_inside_retrieval(on_samples: Run):
    done = on_samples("match", "n-textile-01", "-k", "16", "--chain", "机器人", "--json")

    found = [m["document_id"] for m in json.loads(done.stdout)["matches"]]
    shown = [json.loads(on_samples("show", i, "--json").stdout) for i in found[:3]]
    assert len(found) == 16
    assert all("robot" in s["chains"] for s in shown)


def test_the_table_for_people_names_title_and_organisation(on_samples: Run):
    done = on_samples("match", "n-textile-01", "-k", "1")

    assert done.exit_code == 0
    assert "靛蓝" in done.stdout
    assert "示例" in done.stdout


def test_an_unknown_chain_is_answered_with_the_nearest_names(on_samples: Run):
    done = on_samples("match", "n-textile-01", "--chain", "纺织服饰")

    assert done.exit_code == 2
    # the box around the message breaks lines wherever it likes
    assert "纺织服装" in "".join(c for c in done.output if c not in " │\n")


def test_id_and_text_together_are_refused(on_samples: Run):
    assert on_samples("match", "n-textile-01", "--text", "x").exit_code == 2
    assert on_samples("match").exit_code == 2


def test_an_unknown_id_says_how_to_find_the_ids(on_samples: Run):
    done = on_samples("match", "n-none")

    assert done.exit_code == 1
    assert "yilian list" in str(done.exception)


def test_a_question_without_words_is_refused(on_samples: Run):
    done = on_samples("match", "--text", "？？？")

    assert done.exit_code == 1
    assert "describe the technical problem" in str(done.exception)


def test_pairing_gives_every_chain_a_lead_within_the_limits(on_samples: Run):
    plan = json.loads(on_samples("pair", "--partners", "1", "--capacity", "2", "--json").stdout)

    chosen = [u for team in plan["teams"] for u in (team["lead"], *team["partners"])]
    assert len(plan["teams"]) == 10
    assert all(team["lead"] for team in plan["teams"])
    assert max(chosen.count(u) for u in chosen) <= 2
    assert plan["gap"] <= 1e-4


def test_needs_have_no_maturity_to_filter_by(on_samples: Run):
    assert on_samples("match", "a-textile-02", "--min-trl", "6").exit_code == 2


@pytest.mark.parametrize("name", ["机器人", "robot", "机器人产业链"])
def test_a_chain_is_shown_with_its_segments(on_samples: Run, name: str):
    done = on_samples("chain", "show", name)

    assert done.exit_code == 0
    assert "减速器" in done.stdout


def test_an_unknown_chain_is_answered_with_known_ones(on_samples: Run):
    done = on_samples("chain", "show", "机械人")

    assert done.exit_code == 2
    assert "机器人" in done.output


def test_a_text_is_tagged_with_its_chain_and_the_evidence(on_samples: Run):
    tags = json.loads(on_samples("chain", "tag", "--text", "谐波减速器寿命", "--json").stdout)
    nothing = json.loads(on_samples("chain", "tag", "--text", "高速公路边坡防护", "--json").stdout)

    assert tags[0]["chain"] == "robot"
    assert "谐波减速器" in tags[0]["evidence"]
    assert nothing == []


def test_all_ten_chains_are_listed(on_samples: Run):
    done = on_samples("chain", "list")

    assert [c for c in ("新能源汽车", "纺织服装", "智能家居") if c not in done.stdout] == []


def test_records_can_be_listed(on_samples: Run):
    records = json.loads(on_samples("list", "needs", "--limit", "5", "--json").stdout)

    assert len(records) == 5
    assert all(r["title"] for r in records)


def test_the_model_says_what_it_is(yilian: Run):
    facts = json.loads(yilian("model", "info", "--json").stdout)

    assert facts["dim"] == 384


def test_a_filled_template_loads_and_matches(yilian: Run, tmp_path: Path):
    form = tmp_path / "成果.xlsx"
    assert yilian("template", "achievements", str(form)).exit_code == 0
    book = load_workbook(form)
    sheet = book.worksheets[0]
    headers = {str(cell.value).split("\n")[0].strip("* "): cell.column for cell in sheet[1]}
    title = next(column for header, column in headers.items() if "名称" in header)
    identifier = next(column for header, column in headers.items() if "编号" in header)
    row = sheet.max_row + 1
    sheet.cell(row, identifier, "a-1")
    sheet.cell(row, title, "靛蓝电化学还原染色")
    book.save(form)

    loaded = yilian("load", str(form), "--json")
    answer = json.loads(yilian("match", "--text", "靛蓝染色", "--json").stdout)

    assert loaded.exit_code == 0, loaded.output
    assert answer["matches"][0]["document_id"] == "a-1"


def test_an_id_of_both_kinds_can_be_told_apart(yilian: Run, tmp_path: Path):
    for kind, header, title in (
        ("needs", "需求名称", "电机异响"),
        ("achievements", "成果名称", "轴承"),
    ):
        table = tmp_path / f"{kind}.csv"
        table.write_text(f"编号,{header}\nS1,{title}\n")
        yilian("load", str(table))

    assert json.loads(yilian("show", "S1", "--json").stdout)["title"] == "电机异响"
    done = yilian("show", "S1", "--kind", "achievements", "--json")
    assert json.loads(done.stdout)["title"] == "轴承"
    assert yilian("match", "S1", "--kind", "achievements").stdout.startswith("轴承")


def test_emoji_codes_are_shown_as_they_are(yilian: Run, tmp_path: Path):
    table = tmp_path / "needs.csv"
    table.write_text("编号,需求名称\n:smile:,电机[red]异响\n")
    yilian("load", str(table))

    shown = yilian("list", "needs").stdout
    assert ":smile:" in shown
    assert "电机[red]异响" in shown


def test_a_template_never_overwrites_unasked(yilian: Run, tmp_path: Path):
    form = tmp_path / "n.xlsx"
    form.write_text("mine")

    assert yilian("template", "needs", str(form)).exit_code == 2
    assert yilian("template", "needs", str(tmp_path / "n.csv")).exit_code == 2
    assert form.read_text() == "mine"
    assert yilian("template", "needs", str(form), "--force").exit_code == 0


def test_good_rows_load_and_bad_ones_are_reported(yilian: Run, tmp_path: Path):
    table = tmp_path / "needs.csv"
    table.write_text("编号,需求名称,产业链\nn1,降低噪声,机器人\nn2,,机器人\nn3,防腐,纺织服饰\n")

    done = yilian("load", str(table), "--kind", "needs")

    assert done.exit_code == 3
    assert "第 3 行" in done.output
    assert "纺织服装" in done.output
    assert len(json.loads(yilian("list", "needs", "--json").stdout)) == 1


def test_strict_loads_all_or_nothing(yilian: Run, tmp_path: Path):
    table = tmp_path / "needs.csv"
    table.write_text("编号,需求名称\nn1,降低噪声\nn2,\n")

    done = yilian("load", str(table), "--kind", "needs", "--strict")

    assert done.exit_code == 1
    assert json.loads(yilian("list", "needs", "--json").stdout) == []


def test_loading_twice_changes_nothing(yilian: Run, tmp_path: Path):
    table = tmp_path / "needs.csv"
    table.write_text("编号,需求名称\nn1,降低噪声\n")
    yilian("load", str(table), "--kind", "needs")

    again = json.loads(yilian("load", str(table), "--kind", "needs", "--json").stdout)

    counts = again["tables"][0]["counts"]
    assert (counts["added"], counts["changed"], counts["unchanged"]) == (0, 0, 1)


def test_a_change_is_seen_by_the_next_match(yilian: Run, tmp_path: Path):
    table = tmp_path / "achievements.csv"
    for title in ("陶瓷轴承", "靛蓝染色"):
        table.write_text(f"编号,成果名称\na1,{title}\n")
        yilian("load", str(table), "--kind", "achievements")

    answer = json.loads(yilian("match", "--text", "染色", "--json").stdout)

    assert answer["matches"][0]["title"] == "靛蓝染色"
    assert answer["matches"][0]["phrases"][0]["text"] == "染色"


def test_an_empty_store_is_an_answer_that_says_what_to_do(yilian: Run):
    done = yilian("match", "--text", "染色")

    assert done.exit_code == 0
    assert "yilian load" in done.output


@pytest.mark.parametrize("command", [("doctor",), ("doctor", "--json")])
def test_the_doctor_finds_nothing_wrong_with_the_samples(on_samples: Run, command: tuple[str]):
    assert on_samples(*command).exit_code == 0
