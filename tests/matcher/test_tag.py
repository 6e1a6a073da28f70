import subprocess
import sys

import numpy as np
import pytest

from embeddings.hashing_encoder import HashingEncoder
from matcher.chain import IndustryChain, OutsideField, Position, Segment
from matcher.dense import document_vectors, query_vector
from matcher.tag import ChainTagger, TagConfig
from matcher.tag_terms import TermIndex
from matcher.tag_training import UnknownChain, lesson_from, train_tagger
from matcher.types import Document, Query

BOATS = IndustryChain(
    id="boats",
    name_zh="船舶",
    name_en="Boats",
    keywords=("游艇",),
    codes=("B63",),
    segments=(
        Segment(
            id="boats.hull",
            chain="boats",
            position=Position.MIDSTREAM,
            name_zh="船体",
            name_en="Hull",
            keywords=("龙骨", "甲板"),
            terms=("船底涂层",),
        ),
    ),
)
KITES = IndustryChain(
    id="kites", name_zh="风筝", name_en="Kites", keywords=("纸鸢", "LED 风筝线"), codes=("A63H",)
)
FOOD = OutsideField(id="food", name_zh="食品", name_en="Food", terms=("面包", "酵母", "船形面包"))


def make_tagger(config=None):
    return ChainTagger([BOATS, KITES], HashingEncoder(), outside=[FOOD], config=config)


def make_documents(*titles, text=""):
    return [Document(id=f"d{n}", title=t, text=text) for n, t in enumerate(titles)]


def test_a_text_gets_the_chain_and_segment_whose_words_it_uses():
    [[tag]] = make_tagger().tag(make_documents("游艇甲板防滑处理"))

    assert (tag.chain, tag.segment) == ("boats", "boats.hull")
    assert set(tag.evidence) == {"游艇", "甲板"}
    assert 0.5 < tag.weight <= 1


def test_a_text_of_an_outside_field_belongs_to_no_chain():
    assert make_tagger().tag(make_documents("面包酵母发酵")) == [()]


def test_a_text_without_a_word_belongs_to_no_chain():
    tagger = make_tagger()
    blank = make_documents("", "  \n", "！？…")

    assert tagger.tag(blank) == [(), (), ()]
    assert tagger.scores(blank)[:, -1].tolist() == [1, 1, 1]
    assert not tagger.features(blank).any()


def test_the_text_speaks_where_the_title_is_blank():
    [[tag]] = make_tagger().tag(make_documents("", text="甲板与龙骨的连接"))

    assert tag.chain == "boats"


def test_a_word_in_the_text_counts_and_fades_with_the_length_of_the_text():
    tagger = make_tagger(TagConfig(meaning=0, none=0, wordless=0, read_chars=10))
    short, long = ("甲板".ljust(length, "，") for length in (10, 40))

    scores = [tagger.scores(make_documents("zzz", text=text))[0].tolist() for text in (short, long)]

    once = float(np.log(2))
    assert scores == [pytest.approx([once, 0, 0]), pytest.approx([once / 4, 0, 0])]


def test_a_segment_is_named_by_nearness_where_no_word_is_shared():
    tagger = make_tagger(TagConfig(none=-100))

    [[near, *_], [far, *_]] = tagger.tag(make_documents("船底的涂层", "船厂起重"))

    assert (near.chain, near.segment, near.evidence) == ("boats", "boats.hull", ("≈船底涂层",))
    assert (far.chain, far.segment) == ("boats", None)


def test_the_order_and_company_of_texts_change_nothing():
    tagger = make_tagger()
    documents = make_documents("游艇甲板", "面包酵母", "纸鸢风筝", "")

    alone = [tagger.tag([document])[0] for document in documents]

    together = tagger.tag(documents)
    backwards = tagger.tag(documents[::-1])[::-1]
    for one, many, turned in zip(alone, together, backwards, strict=True):
        assert [(t.chain, t.segment, t.evidence) for t in many] == [
            (t.chain, t.segment, t.evidence) for t in one
        ]
        assert [t.weight for t in many] == pytest.approx([t.weight for t in one], rel=1e-4)
        assert [t.chain for t in turned] == [t.chain for t in one]


def test_weights_of_one_text_are_shares_and_heaviest_first():
    [tags] = make_tagger(TagConfig(also=0.0)).tag(make_documents("游艇上放风筝与甲板"))

    weights = [tag.weight for tag in tags]
    assert {tag.chain for tag in tags} == {"boats", "kites"}
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) <= 1 + 1e-6


def test_evidence_without_a_common_word_is_marked_as_nearness():
    [tags] = make_tagger(TagConfig(none=-100)).tag(make_documents("zzz"))

    assert [tag.evidence[0][0] for tag in tags] == ["≈"] * len(tags)
    assert tags


def test_nearness_without_a_common_word_weighs_less():
    document = make_documents("zzz")
    lenient, strict = (make_tagger(TagConfig(wordless=w)).scores(document)[0] for w in (0.0, 2.0))

    assert (lenient - strict).tolist() == pytest.approx([2, 2, 0], abs=1e-5)


def test_a_code_of_the_chain_speaks_for_it():
    tagger = make_tagger(TagConfig(code=50.0))
    documents = make_documents("面包酵母发酵")

    [[tag]] = tagger.tag(documents, codes={"d0": ["A21D2/00", "B63B3/14"]})

    assert tag.chain == "boats"
    assert tag.evidence[-1] == "B63B3/14"


def test_a_text_of_a_hundred_thousand_characters_is_read_to_its_end():
    filler = "用于各类场合的一般说明文字，" * 7_150

    counts = TermIndex([BOATS, KITES], [FOOD]).counts([filler + "龙骨"])

    assert counts.sum() == 1
    assert len(make_tagger().tag(make_documents("游艇", text=filler))) == 1


def test_no_chains_tag_nothing():
    tagger = ChainTagger([], HashingEncoder())
    documents = make_documents("游艇")

    assert tagger.tag(documents) == [()]
    assert train_tagger(tagger, documents, ["none"]).tag(documents) == [()]


def test_a_chain_without_segments_or_keywords_is_known_by_its_name():
    bare = IndustryChain(id="bare", name_zh="热气球", name_en="Balloons")

    [[tag]] = ChainTagger([bare], HashingEncoder()).tag(make_documents("热气球"))

    assert (tag.chain, tag.segment, tag.evidence) == ("bare", None, ("热气球",))


def test_the_longest_term_hides_the_shorter_ones_within_it():
    index = TermIndex([BOATS, KITES], [FOOD])

    counts = index.counts(["船形面包", "面包与面包"])

    found = [
        {index.wordings[i]: int(row[i]) for i in np.flatnonzero(row)} for row in counts.toarray()
    ]
    assert found == [{"船形面包": 1}, {"面包": 2}]


def test_a_latin_term_counts_only_as_a_whole_word():
    led = IndustryChain(id="led", name_zh="灯", name_en="Lamps", keywords=("LED",))
    index = TermIndex([led], [])

    counts = index.counts(["controlled", "ＬＥＤ灯", "LEDs", "大led"]).toarray()

    assert counts[:, index.wordings.index("LED")].tolist() == [0, 1, 0, 1]


def test_what_two_chains_call_their_own_speaks_half_for_each():
    rivals = [
        IndustryChain(id=i, name_zh=i * 3, name_en=i, keywords=("轴承",)) for i in ("甲", "乙")
    ]
    sole = [rivals[0], IndustryChain(id="乙", name_zh="乙乙乙", name_en="b")]
    config = TagConfig(meaning=0, none=0, wordless=0)
    document = make_documents("轴承")

    shared = ChainTagger(rivals, HashingEncoder(), config=config).scores(document)[0]
    alone = ChainTagger(sole, HashingEncoder(), config=config).scores(document)[0]

    assert alone.tolist() == [1, 0, 0]
    assert shared.tolist() == [0.5, 0.5, 0]


@pytest.mark.parametrize("wrong", [{"title": -1.0}, {"nearest": 0}, {"read_chars": 0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="must be at least 1|cannot be negative"):
        TagConfig(**wrong)


# --- learning


def test_labels_decide_where_the_definitions_know_nothing():
    tagger = make_tagger(TagConfig(meaning=0, none=0.01, wordless=0))
    documents = make_documents(*["桅杆绳索张紧"] * 60, *["烘焙火候控制"] * 60)

    trained = train_tagger(tagger, documents, ["kites"] * 60 + ["none"] * 60)

    fresh = make_documents("桅杆绳索", "烘焙火候")
    assert tagger.tag(fresh) == [(), ()]
    assert [[tag.chain for tag in tags][:1] for tags in trained.tag(fresh)] == [["kites"], []]


def test_a_few_wrong_labels_do_not_outvote_the_definitions():
    tagger = make_tagger()
    documents = make_documents("游艇甲板龙骨", "纸鸢风筝")

    trained = train_tagger(tagger, documents, ["none", "boats"])

    assert [[tag.chain for tag in tags][:1] for tags in trained.tag(documents)] == [
        ["boats"],
        ["kites"],
    ]


BLIND = TagConfig(meaning=0, none=0.01, wordless=0)
"""For a tagger that tells "none" of every text without a chain's term."""


def test_a_lesson_tells_how_it_was_checked_on_texts_that_it_did_not_see():
    documents = make_documents(*["桅杆绳索张紧"] * 20, *["烘焙火候控制"] * 60)

    lesson = lesson_from(make_tagger(BLIND), documents, ["kites"] * 20 + ["none"] * 60)

    assert lesson.learned is not None
    assert (lesson.labels, lesson.taught, lesson.untaught) == (80, 1.0, 0.75)


def test_what_only_near_copies_teach_is_not_learned():
    documents = make_documents(*["桅杆绳索张紧"] * 20, *["烘焙火候控制"] * 60)
    groups = [0] * 20 + [1] * 60

    lesson = lesson_from(
        make_tagger(BLIND), documents, ["kites"] * 20 + ["none"] * 60, groups=groups
    )

    assert lesson.learned is None


def test_mistakes_of_the_definitions_count_for_a_quarter_at_most():
    documents = make_documents(*["桅杆绳索张紧"] * 60, *["烘焙火候控制"] * 30)
    labels = ["kites"] * 60 + ["none"] * 30

    assert lesson_from(make_tagger(BLIND), documents, labels).untaught == pytest.approx(0.75)


def test_corrections_without_confirmations_teach_nothing():
    documents = make_documents(*["桅杆绳索张紧"] * 40, *["烘焙火候控制"] * 40, *["织机"] * 5)
    labels = ["kites"] * 40 + ["boats"] * 40 + ["none"] * 5

    assert lesson_from(make_tagger(BLIND), documents, labels).learned is None


def test_labels_at_random_teach_nothing():
    titles = [f"烘焙{a}{b}" for a in "甲乙丙丁戊己" for b in "子丑寅卯辰巳"]
    labels = np.random.default_rng(0).choice(["none", "boats"], len(titles), p=[0.7, 0.3])

    lesson = lesson_from(make_tagger(BLIND), make_documents(*titles), labels.tolist())

    assert lesson.learned is None
    assert lesson.taught is not None


def test_as_many_labels_and_groups_as_documents_are_asked_for():
    with pytest.raises(ValueError, match="1 documents, 2 labels"):
        lesson_from(make_tagger(), make_documents("游艇"), ["none"] * 2)
    with pytest.raises(ValueError, match="2 groups"):
        lesson_from(make_tagger(), make_documents("游艇"), ["none"], groups=[1, 2])


def test_labels_all_alike_leave_the_definitions_alone():
    tagger = make_tagger()
    documents = make_documents("游艇甲板", "面包")

    assert train_tagger(tagger, documents, ["none"] * 2).tag(documents) == tagger.tag(documents)
    assert train_tagger(tagger, [], []).tag(documents) == tagger.tag(documents)


def test_a_label_that_is_no_chain_is_refused_with_the_known_ones():
    with pytest.raises(UnknownChain, match=r"no chain 'cars'; use one of: boats, kites, none"):
        train_tagger(make_tagger(), make_documents("游艇"), ["cars"])


def test_tagging_loads_no_library_for_training():
    code = "import sys, matcher.tag; sys.exit('sklearn' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_text_that_search_has_encoded_is_not_encoded_again():
    asked = []

    class Asked(HashingEncoder):
        def encode(self, texts, *, role):
            asked.extend((text, role) for text in texts)
            return super().encode(texts, role=role)

    [document] = make_documents("游艇甲板", text="防滑处理")
    tagger = ChainTagger([BOATS], Asked())
    tagger.tag([document])
    of_tagging = set(asked)
    asked.clear()

    query_vector(Asked(), Query(id="d0", title=document.title, text=document.text))
    document_vectors(Asked(), [document])

    assert {(text, role) for text, role in of_tagging if text.startswith("游艇甲板")} <= set(asked)
