from matcher.text import Folded, document_of, fold, has_words, query_from_text, query_of
from matcher.types import Achievement, Need


def test_full_width_case_and_control_characters_fold_to_one_form():
    assert fold("ＰＥＥＫ　材料\x00\x07５０％\r\n增强") == "peek 材料 50% 增强"


def test_folding_keeps_the_way_back_to_the_original():
    original = "约５㎡的Ｔi板"

    folded = Folded.of(original)

    assert folded.text == "约5m2的ti板"
    start = folded.text.index("m2")
    assert original[slice(*folded.span(start, start + 2))] == "㎡"


def test_the_way_back_is_kept_where_one_character_grows_and_another_goes():
    original = "５\u200b㎡板"

    folded = Folded.of(original)

    assert folded.text == "5m2板"
    assert [original[origin] for origin in folded.origins] == ["５", "㎡", "㎡", "板"]


def test_a_need_is_searched_with_its_requirements_and_keywords():
    need = Need(
        id="n", title="题", text="正文", must_have=("必须",), nice_to_have=("最好",),
        indicators=("≥1 %",), keywords=("词甲", "词乙"),
    )  # fmt: skip

    assert query_of(need).text == "正文\n必须\n最好\n≥1 %\n词甲\n词乙"
    assert query_of(need).title == "题"


def test_positions_in_the_own_text_stay_valid_in_the_searched_text():
    achievement = Achievement(id="a", title="题", text="正文在前", keywords=("词",))

    assert document_of(achievement).text.startswith("正文在前")


def test_short_free_text_is_all_title():
    query = query_from_text("  降低电机噪声  ")

    assert (query.title, query.text) == ("降低电机噪声", "")


def test_long_free_text_is_split_at_its_first_sentence():
    rest = "背景很长。" * 30
    query = query_from_text(f"注塑件翘曲怎么办？{rest}")

    assert query.title == "注塑件翘曲怎么办？"
    assert query.text == rest


def test_long_free_text_without_sentences_loses_nothing():
    text = "字" * 100_000

    query = query_from_text(text)

    assert query.title + query.text == text


def test_english_free_text_is_not_cut_within_a_word():
    text = "We need a quieter permanent magnet motor for hand tools. It should run at 20000 rpm."
    unbroken = "a very long sentence without any stop that goes on and on about motors and bearings"

    assert query_from_text(text).title == "We need a quieter permanent magnet motor for hand tools."
    assert unbroken.startswith(query_from_text(unbroken).title + " ")


def test_zero_width_marks_do_not_part_a_word():
    assert fold("电\u200b机") == "电机"
    assert Folded.of("电\u200b机").text == "电机"


def test_punctuation_alone_is_no_words():
    assert not has_words(" ，。！\n\t—— ")
    assert has_words("。锂。")
