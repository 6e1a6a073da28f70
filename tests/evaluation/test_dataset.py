import json

import pytest

from evaluation.dataset import load_dataset, load_unjudged
from evaluation.errors import EmptyFile, MalformedLine, MissingFile, UnknownIds, UnknownSplit
from matcher.types import Document, Query


def test_a_beir_folder_is_read_whole(write_beir):
    dataset = load_dataset(write_beir(), "dev")

    assert (dataset.name, dataset.split) == ("tiny", "dev")
    assert dataset.queries[1] == Query(id="q2", title="涂料", text="耐腐蚀涂料")
    assert dataset.documents[0] == Document(id="d1", title="轴承", text="高速电机用轴承")
    assert dataset.qrels == {"q1": {"d1": 3, "d3": 0}, "q2": {"d2": 2}}
    assert dataset.groups == {}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("电机轴承", "电机轴承"),
        ("  第一行\n第二行", "第一行"),
        ("需要一种材料。" + "它应当轻便" * 30, "需要一种材料。"),
        (
            "The U.S. maker needs a coating. " + "It must last " * 9,
            "The U.S. maker needs a coating.",
        ),
        ("长" * 500, "长" * 80),
        ("", ""),
    ],
)
def test_a_missing_title_falls_back_to_the_beginning_of_the_text(write_beir, text, title):
    line = json.dumps({"_id": "q1", "text": text})
    folder = write_beir({"queries.jsonl": line, "qrels/dev.tsv": "q1\td1\t1\n"})

    query = load_dataset(folder, "dev").queries[0]

    assert query == Query(id="q1", title=title, text=text)


@pytest.mark.parametrize(
    "qrels",
    [
        "q1 0 d1 3\nq1 0 d3 0\nq2 0 d2 2\n",
        "q1\t0\td1\t3\nq1\t0\td3\t0\nq2\t0\td2\t2\n",
        "q1\td1\t3\n\nq1\td3\t0\r\nq2\td2\t2",
        "\ufeffquery-id\tcorpus-id\tscore\nq1\td1\t3\nq1\td3\t0\nq2\td2\t2\n",
    ],
    ids=["trec", "trec with tabs", "no header, blank line, CRLF", "byte order mark"],
)
def test_other_ways_to_write_judgements_are_understood(write_beir, qrels):
    folder = write_beir({"qrels/dev.tsv": qrels})

    assert load_dataset(folder, "dev").qrels == {"q1": {"d1": 3, "d3": 0}, "q2": {"d2": 2}}


def test_numeric_ids_and_line_separators_inside_a_text_are_kept(write_beir):
    corpus = '{"_id": 7, "title": null, "text": "甲\u2028乙"}'
    folder = write_beir({"corpus.jsonl": corpus, "qrels/dev.tsv": "q1\t7\t1\n"})

    documents = load_dataset(folder, "dev").documents

    assert documents == (Document(id="7", title="甲\u2028乙", text="甲\u2028乙"),)


def test_groups_are_read_for_the_queries_that_exist(write_beir):
    folder = write_beir({"groups.csv": "need_id,group\nq1,g1\nq2,g1\nq99,g2\n"})

    assert load_dataset(folder, "dev").groups == {"q1": "g1", "q2": "g1"}


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(MissingFile, match="nowhere") as caught:
        load_dataset(tmp_path / "nowhere", "dev")

    assert caught.value.path == tmp_path / "nowhere"


@pytest.mark.parametrize("name", ["queries.jsonl", "corpus.jsonl"])
def test_a_missing_file_is_named(write_beir, name):
    folder = write_beir({name: None})

    with pytest.raises(MissingFile) as caught:
        load_dataset(folder, "dev")

    assert caught.value.path == folder / name


def test_a_folder_without_judgements_is_not_a_data_set(tmp_path):
    with pytest.raises(MissingFile) as caught:
        load_dataset(tmp_path, "dev")

    assert caught.value.path == tmp_path / "qrels"


@pytest.mark.parametrize("split", ["tets", "../qrels/dev"])
def test_an_unknown_split_lists_those_that_exist(write_beir, split):
    folder = write_beir({"qrels/test.tsv": "q1\td1\t1\n"})

    with pytest.raises(UnknownSplit, match="dev, test") as caught:
        load_dataset(folder, split)

    assert caught.value.available == ("dev", "test")


@pytest.mark.parametrize("name", ["queries.jsonl", "corpus.jsonl", "qrels/dev.tsv"])
def test_an_empty_file_is_refused(write_beir, name):
    folder = write_beir({name: "\n"})

    with pytest.raises(EmptyFile) as caught:
        load_dataset(folder, "dev")

    assert caught.value.path == folder / name


@pytest.mark.parametrize(
    ("name", "content", "line", "problem"),
    [
        ("queries.jsonl", '{"_id": "q1"}\n{"_id":', 2, "not JSON"),
        ("queries.jsonl", '{"_id": "q1", "text": "\\ud800"}', 1, "half a character"),
        ("queries.jsonl", '["q1"]', 1, "JSON object"),
        ("corpus.jsonl", '\n{"title": "x"}', 2, '"_id"'),
        ("corpus.jsonl", '{"_id": true}', 1, '"_id"'),
        ("corpus.jsonl", '{"_id": "d1"}\n{"_id": "d1 "}', 2, "repeats id 'd1'"),
        ("corpus.jsonl", '{"_id": "d1", "text": 5}', 1, '"text" must be a string'),
        ("corpus.jsonl", '{"_id": "d1", "title": "轴承"}'.encode("gb18030"), 1, "UTF-8"),
        ("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq1\td1", 2, "three tab-separated columns"),
        ("qrels/dev.tsv", "q1\td1\t1\nq1\t\t1", 2, "three tab-separated columns"),
        ("qrels/dev.tsv", "q1\td1\t1\nq1\td1\t1", 2, "judged before"),
        ("qrels/dev.tsv", "q1\td1\t-1", 1, "whole number from 0 to 10"),
        ("qrels/dev.tsv", "q1\td1\t1.5", 1, "whole number from 0 to 10"),
        ("qrels/dev.tsv", "q1\td1\t11", 1, "whole number from 0 to 10"),
        ("qrels/dev.tsv", "q1\td1\tstrong", 1, "whole number from 0 to 10"),
        ("qrels/dev.tsv", "q1\td1\t" + "9" * 5000, 1, "whole number from 0 to 10"),
        ("groups.csv", "need,group\nq1,g1", 1, "header need_id,group"),
        ("groups.csv", "", 1, "header need_id,group"),
        ("groups.csv", "need_id,group\n\nq1", 3, "both need_id and group"),
        ("groups.csv", "need_id,group\nq1,g1\nq1,g2", 3, "another group"),
    ],
)
def test_a_malformed_line_is_cited(write_beir, name, content, line, problem):
    folder = write_beir({name: content})

    with pytest.raises(MalformedLine) as caught:
        load_dataset(folder, "dev")

    assert (caught.value.path, caught.value.line) == (folder / name, line)
    assert problem in caught.value.problem
    assert f"第 {line} 行" in str(caught.value)


@pytest.mark.parametrize(
    ("qrels", "kind", "ids"),
    [
        ("q1\td1\t1\nq8\td1\t1\nq9\td1\t1\n", "query", ("q8", "q9")),
        ("q1\td1\t1\nq1\td7\t1\nq2\td7\t0\n", "document", ("d7",)),
    ],
)
def test_judgements_on_unknown_ids_are_counted_and_named(write_beir, qrels, kind, ids):
    folder = write_beir({"qrels/dev.tsv": qrels})

    with pytest.raises(UnknownIds, match=f"names {len(ids)} ids") as caught:
        load_dataset(folder, "dev")

    assert (caught.value.kind, caught.value.ids) == (kind, ids)


def test_many_unknown_ids_are_shown_in_part(write_beir):
    folder = write_beir({"qrels/dev.tsv": "".join(f"q1\tx{n}\t1\n" for n in range(9))})

    with pytest.raises(UnknownIds, match="x0, x1, x2, x3, x4 …") as caught:
        load_dataset(folder, "dev")

    assert len(caught.value.ids) == 9


def test_texts_and_groups_are_read_without_any_judgements(write_beir):
    folder = write_beir({"qrels/dev.tsv": None, "groups.csv": "need_id,group\nq2,g1\nq9,g1\n"})
    (folder / "qrels").rmdir()

    dataset = load_unjudged(folder)

    assert (dataset.name, dataset.split, dataset.qrels) == ("tiny", "", {})
    assert [query.id for query in dataset.queries] == ["q1", "q2"]
    assert [document.id for document in dataset.documents] == ["d1", "d2", "d3"]
    assert dataset.groups == {"q2": "g1"}


def test_texts_without_judgements_need_their_folder(tmp_path):
    with pytest.raises(MissingFile) as caught:
        load_unjudged(tmp_path / "nowhere")

    assert caught.value.path == tmp_path / "nowhere"
