import time

import numpy as np
import pytest

from matcher.explain import shared_phrases
from matcher.text import query_of
from matcher.types import Document, Need, Query
from tests.builders import make_query


def length_as_rarity(phrases):
    return np.array([len(p) for p in phrases], dtype=np.float32)


def phrases(query: Query, document: Document, limit: int = 6):
    (found,) = shared_phrases(query, [document], rarity=length_as_rarity, limit=limit)
    return found


def quoted(query: Query, document: Document) -> list[str]:
    return [p.text for p in phrases(query, document)]


def test_phrases_are_quoted_with_their_place_in_both_texts():
    query = make_query("电机降噪", "希望降低永磁电机的噪声。")
    document = Document(id="a", title="一种永磁电机", text="用于风扇")

    (phrase,) = phrases(query, document)

    assert phrase.text == "永磁电机"
    assert (phrase.query_span.field, phrase.document_span.field) == ("text", "title")
    assert query.text[phrase.query_span.start : phrase.query_span.end] == "永磁电机"
    assert document.title[phrase.document_span.start : phrase.document_span.end] == "永磁电机"


def test_places_are_those_of_the_original_before_folding():
    query = make_query("５㎡　ＰＥＥＫ薄膜")
    document = Document(id="a", title="peek薄膜挤出")

    (phrase,) = phrases(query, document)

    assert phrase.text == "ＰＥＥＫ薄膜"


def test_latin_words_and_numbers_are_not_cut():
    assert quoted(make_query("SiCp增强"), Document(id="a", title="SiC增强")) == ["增强"]
    assert quoted(make_query("1400度"), Document(id="a", title="400度")) == []


def test_what_two_words_have_in_common_by_chance_is_not_quoted():
    assert quoted(make_query("碳化硅逆变器"), Document(id="a", title="氮化硅陶瓷球")) == []
    assert quoted(make_query("冷挤压模具"), Document(id="a", title="旋压模具")) == ["模具"]


def test_a_word_within_a_compound_is_quoted():
    assert quoted(make_query("锂电池回收"), Document(id="a", title="各种电池的拆解")) == ["电池"]


def test_function_words_do_not_stand_at_the_edges():
    query, document = make_query("对于电机的轴承"), Document(id="a", title="关于电机的轴承")

    assert quoted(query, document) == ["电机的轴承"]


def test_phrases_do_not_run_across_punctuation():
    assert quoted(make_query("电机，轴承"), Document(id="a", title="电机，轴承")) == [
        "电机",
        "轴承",
    ]


def test_a_phrase_within_a_longer_one_is_not_repeated():
    query = make_query("锂电池", "动力锂电池回收")
    document = Document(id="a", title="动力锂电池拆解", text="锂电池")

    assert quoted(query, document) == ["动力锂电池"]


def test_weights_are_shares_and_the_rarest_are_kept():
    query = make_query("磁流体密封，轴承钢，真空")
    document = Document(id="a", title="真空用磁流体密封，轴承钢")

    found = phrases(query, document, limit=2)

    assert [p.text for p in found] == ["磁流体密封", "轴承钢"]
    assert [p.weight for p in found] == [pytest.approx(5 / 8), pytest.approx(3 / 8)]


def test_a_longer_phrase_is_not_lost_to_one_that_begins_before_it():
    query = make_query("高速永磁电机")
    document = Document(id="a", title="高速永磁发电装置与永磁电机")

    assert quoted(query, document) == ["高速永磁", "永磁电机"]


def test_a_phrase_is_found_however_often_it_begins_elsewhere():
    document = Document(id="a", title="题", text="电机座、" * 40 + "电机转子护套")

    assert "电机转子护套" in quoted(make_query("电机转子护套"), document)


def test_places_name_the_item_that_holds_the_phrase():
    need = Need(id="n", title="题", text="正文", must_have=("不改模具", "须用磁流体密封"))
    document = Document(id="a", title="磁流体密封")

    (phrase,) = phrases(query_of(need), document)

    assert phrase.query_span.field == "must_have[1]"
    assert need.must_have[1][phrase.query_span.start : phrase.query_span.end] == "磁流体密封"


def test_a_long_common_passage_is_quoted_in_pieces():
    passage = "甲乙丙丁戊己庚辛壬癸" * 10

    found = quoted(make_query("题", passage), Document(id="a", title=passage))

    assert found
    assert all(len(phrase) <= 40 for phrase in found)


def test_each_document_is_explained_as_if_it_were_alone():
    query = make_query("永磁电机降噪", "希望降低永磁电机的噪声，用于锂电池风扇。")
    documents = [
        Document(id="a", title="一种永磁电机", text="锂电池与电机"),
        Document(id="b", title="染料", text="无"),
        Document(id="c", title="锂电池", text="降噪的风扇"),
    ]

    together = shared_phrases(query, documents, rarity=length_as_rarity, limit=6)

    assert together == [phrases(query, document) for document in documents]
    assert together[1] == ()


def test_of_very_many_shared_passages_the_rarest_are_quoted():
    many = [f"{a}{b}" for a in "甲乙丙丁戊己庚辛壬癸" for b in "子丑寅卯辰巳午未申酉戌亥"]
    text = "，".join([*many, "磁流体密封", *many[::-1]])

    found = phrases(make_query("题", text), Document(id="a", title="文", text=text), limit=1)

    assert [p.text for p in found] == ["磁流体密封"]


def test_nothing_in_common_is_no_phrase():
    assert phrases(make_query("电机"), Document(id="a", title="染料")) == ()


def test_degenerate_repetition_stays_linear():
    def seconds(n: int) -> float:
        start = time.perf_counter()
        phrases(make_query("题", "甲乙" * n), Document(id="a", title="文", text="甲乙" * n))
        return time.perf_counter() - start

    seconds(100)

    # quadratic growth would make this a factor of 400
    assert seconds(20_000) < 100 * max(seconds(1_000), 1e-3)
