import json

import pytest

from data import reference
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.hashing_encoder import HashingEncoder
from embeddings.sentence_encoder import open_encoder
from evaluation.chains import (
    UnreadableLabels,
    cross_validate,
    evaluate_tagger,
    load_chain_labels,
    near_copies,
)
from evaluation.errors import EmptyFile, MalformedLine, UnusableFolds
from matcher.chain import IndustryChain, OutsideField
from matcher.tag import ChainTagger
from matcher.tag_training import train_tagger
from matcher.types import Document

CHAINS = [
    IndustryChain(id="boats", name_zh="船舶", name_en="Boats", keywords=("游艇", "甲板")),
    IndustryChain(id="kites", name_zh="风筝", name_en="Kites", keywords=("纸鸢",)),
]
FOOD = OutsideField(id="food", name_zh="食品", name_en="Food", terms=("面包", "酵母"))
ROWS = [
    {"_id": "1", "title": "游艇甲板", "text": "", "chain": "boats", "also": []},
    {"_id": "2", "title": "纸鸢风筝", "chain": "kites"},
    {"_id": "3", "title": "面包酵母", "chain": "none"},
    {"_id": "4", "title": "面包烘烤", "chain": "boats"},
]


def ids(documents):
    return [document.id for document in documents]


def make_tagger():
    return ChainTagger(CHAINS, HashingEncoder(), outside=[FOOD])


@pytest.fixture
def write(tmp_path):
    def write_lines(*lines):
        path = tmp_path / "labels.jsonl"
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        path.write_text(text, encoding="utf-8")
        return path

    return write_lines


def test_figures_agree_with_a_hand_count(write):
    labels = load_chain_labels(write(*ROWS, ""), ["boats", "kites"])

    report = evaluate_tagger(make_tagger(), labels)

    assert report.accuracy == 0.75
    assert report.per_chain["boats"] == pytest.approx(
        {"precision": 1, "recall": 0.5, "f1": 2 / 3, "support": 2}
    )
    assert report.macro_f1 == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert report.confusion == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert report.as_json()["confusion"]["labels"] == ["boats", "kites", "none"]
    assert json.loads(json.dumps(report.as_json()))["accuracy"] == 0.75


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "this is not JSON"),
        ("[1]", "field '_id' must be a text"),
        ({"_id": "1", "title": 3, "chain": "none"}, "field 'title' must be a text"),
        (
            {"_id": "1", "title": "游艇", "chain": "cars"},
            "no chain 'cars'; use one of: boats, none",
        ),
    ],
)
def test_a_line_that_is_no_label_is_refused_with_its_number(write, line, problem):
    path = write(ROWS[0], line)

    with pytest.raises(MalformedLine) as caught:
        load_chain_labels(path, ["boats"])

    assert (caught.value.line, caught.value.problem) == (2, problem)


def test_an_empty_file_and_a_missing_one_are_refused(write, tmp_path):
    with pytest.raises(EmptyFile):
        load_chain_labels(write("", " "), ["boats"])
    with pytest.raises(UnreadableLabels):
        load_chain_labels(tmp_path / "nowhere.jsonl", ["boats"])


def test_near_copies_share_a_group_and_others_do_not():
    titles = ["木船捻缝工具改进", "木船捻缝工具改进。", "竹骨烘弯设备", "面团醒发箱"]

    groups = near_copies([Document(id=t, title=t) for t in titles])

    assert groups[0] == groups[1]
    assert len(set(groups.tolist())) == 3


@pytest.mark.parametrize("folds", [1, 3])
def test_more_folds_than_the_labels_can_fill_are_refused(write, folds):
    labels = load_chain_labels(write(*ROWS), ["boats", "kites"])

    with pytest.raises(UnusableFolds, match=f"must be between 2 and 2.* not {folds}"):
        cross_validate(make_tagger(), labels, folds=folds)


def test_every_text_is_judged_by_a_tagger_that_did_not_see_it(write, monkeypatch):
    parts = ("龙骨桅杆", "缆绳绞盘", "风向云层", "面粉麸皮", "锅炉烟囱", "棉布染料")
    rows = [
        {"_id": f"{n}{mark}", "title": part * 2 + mark, "chain": "boats" if n % 2 else "none"}
        for n, part in enumerate(parts)
        for mark in ("", "。")
    ]
    labels = load_chain_labels(write(*rows), ["boats", "kites"])
    unwatched = cross_validate(make_tagger(), labels, folds=3)
    rounds = []

    def watched(tagger, documents, labels_learnt, *, groups):
        trained = train_tagger(tagger, documents, labels_learnt, groups=groups)
        # the first character is the part that near-copies share
        assert len(set(groups)) == len({i[0] for i in ids(documents)})
        tag, judged = trained.tag, []
        rounds.append((dict(zip(ids(documents), labels_learnt, strict=True)), judged))
        monkeypatch.setattr(trained, "tag", lambda some: judged.extend(ids(some)) or tag(some))
        return trained

    monkeypatch.setattr("evaluation.chains.train_tagger", watched)
    report = cross_validate(make_tagger(), labels, folds=3)

    truth = {row["_id"]: row["chain"] for row in rows}
    assert len(rounds) == 3
    assert sorted(i for _, judged in rounds for i in judged) == sorted(truth)
    for learnt, judged in rounds:
        assert learnt == {i: truth[i] for i in truth if i not in judged}
        assert not {i[0] for i in learnt} & {i[0] for i in judged}
    assert report == unwatched


@pytest.mark.model
def test_the_shipped_tagger_and_the_trained_one_reach_their_floors(
    benchmarks, model_folder, tmp_path
):
    encoder = CachedEncoder(open_encoder(model_folder), VectorCache(tmp_path / "vectors.sqlite3"))
    tagger = ChainTagger(reference.chains(), encoder, outside=reference.outside_fields())
    path = benchmarks / "chains" / "labels_dev.jsonl"
    labels = load_chain_labels(path, [chain.id for chain in tagger.chains])

    shipped = evaluate_tagger(tagger, labels)
    trained = cross_validate(tagger, labels)

    assert shipped.macro_f1 >= 0.75
    assert shipped.accuracy >= 0.85
    assert trained.macro_f1 >= 0.65
    assert trained.accuracy >= 0.80
