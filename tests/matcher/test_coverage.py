import math

import numpy as np
import pytest

from matcher.comparison import Verdict
from matcher.coverage import coverage, open_must_haves
from matcher.ngrams import N_FEATURES
from matcher.requirements import requirements_of
from matcher.text import document_of, query_of
from matcher.types import Achievement, Document, Need

PUMP = Document(
    id="pump",
    title="耐气蚀泵叶轮涂层",
    text="涂层结合强度62 MPa。叶轮效率由71 %提高到83 %；已在两台海水泵上试用。",
)
OTHER = Document(id="other", title="棉织物染色", text="色牢度4级，结合当地条件试用。")
IDF = np.full(N_FEATURES, 6, dtype=np.float32)


def requirements(**fields: tuple[str, ...]):
    return requirements_of(query_of(Need(id="n", title="题", **fields)))


def covered(document: Document = PUMP, similarity=None, **fields: tuple[str, ...]):
    wanted = requirements(**fields)
    (found,) = coverage(wanted, [document], idf=IDF, similarity=similarity)
    return found


def test_the_answer_is_the_sentence_that_says_it_with_its_place():
    (answer,) = covered(must_have=("可用于海水泵",)).answers

    assert answer.met
    assert answer.sentence == "已在两台海水泵上试用。"
    assert answer.span is not None
    assert answer.span.field == "text"
    assert PUMP.text[answer.span.start : answer.span.end] == answer.sentence


def test_places_name_the_field_of_the_document():
    document = document_of(Achievement(id="a", title="泵", text="叶轮", keywords=("海水泵",)))

    (answer,) = covered(document, must_have=("海水泵",)).answers

    assert answer.span is not None
    assert (answer.span.field, answer.span.start, answer.span.end) == ("keywords[0]", 0, 3)


def test_a_title_answers_too():
    (answer,) = covered(must_have=("耐气蚀的叶轮涂层",)).answers

    assert answer.span is not None
    assert answer.span.field == "title"


def test_what_a_document_does_not_speak_of_stays_open():
    wanted = requirements(must_have=("可用于海水泵", "耐酸雾"), nice_to_have=("便于染色",))

    (found,) = coverage(wanted, [PUMP], idf=IDF)

    assert [answer.met for answer in found.answers] == [True, False, False]
    assert found.answers[1].sentence is None
    assert (found.must, found.all) == (1 / 2, 2 / 5)
    assert [r.text for r in open_must_haves(wanted, found)] == ["耐酸雾"]


def test_a_figure_that_is_reached_answers():
    (answer,) = covered(indicators=("叶轮效率≥80 %",)).answers

    assert answer.met
    (figure,) = answer.figures
    assert (figure.wanted, figure.offered, figure.verdict) == ("≥80 %", "83 %", Verdict.MET)


def test_a_figure_that_is_missed_is_near_but_no_answer():
    found = covered(indicators=("叶轮效率≥90 %",))

    (answer,) = found.answers
    assert not answer.met
    assert answer.sentence is not None
    assert answer.figures[0].verdict == Verdict.UNMET
    assert found.must == 0


MODULE = Document(
    id="module",
    title="关节模组",
    text="磁环分段。外径76 mm，含驱动质量0.6 kg，额定转矩9 N·m，堵转24 N·m。轴向长31 mm。",
)


def figures(document: Document, indicator: str) -> tuple[bool, list[tuple[str | None, Verdict]]]:
    (answer,) = covered(document, indicators=(indicator,)).answers
    return answer.met, [(figure.offered, figure.verdict) for figure in answer.figures]


def test_two_figures_are_answered_by_a_sentence_that_meets_both_in_few_words():
    indicator = "模组最大外径≤80 mm，质量≤0.7 kg（整机连同减速器）"

    (answer,) = covered(MODULE, indicators=(indicator,)).answers

    assert answer.strength < 0.3
    assert answer.met
    assert [figure.offered for figure in answer.figures] == ["76 mm", "0.6 kg"]
    assert answer.sentence == "外径76 mm，含驱动质量0.6 kg，额定转矩9 N·m，堵转24 N·m。"


def test_one_figure_of_two_is_near_but_no_answer():
    met, found = figures(MODULE, "外径≤80 mm，质量≤0.5 kg")

    assert not met
    assert found == [("76 mm", Verdict.MET), ("0.6 kg", Verdict.UNMET)]


def test_a_figure_that_nobody_offers_leaves_the_other_near():
    met, found = figures(MODULE, "外径≤80 mm，厚度≤30 mm")

    assert not met
    assert found == [("76 mm", Verdict.MET), (None, Verdict.UNKNOWN)]


@pytest.mark.parametrize("order", [1, -1])
def test_figures_of_two_sentences_in_a_row_answer_together(order):
    told = "".join(["海水泵叶轮镀层厚度12 μm。", "孔隙率0.4 %。"][::order])
    document = Document(id="d", title="题", text=f"先做封孔。{told}完。")

    (answer,) = covered(document, indicators=("海水泵叶轮镀层厚度≤15 μm，孔隙率≤1 %",)).answers

    assert answer.met
    assert answer.sentence == told
    assert answer.span is not None
    assert document.text[answer.span.start : answer.span.end] == answer.sentence


def test_figures_do_not_meet_across_fields():
    achievement = Achievement(
        id="a", title="题", text="镀层厚度12 μm", keywords=("镀层孔隙率0.4 %",)
    )

    met, _ = figures(document_of(achievement), "镀层厚度≤15 μm，镀层孔隙率≤1 %")

    assert not met


def test_a_figure_of_another_name_answers_nothing():
    document = Document(id="d", title="关节模组", text="关节模组外径76 mm，负载0.6 kg。")

    met, found = figures(document, "关节模组外径≤80 mm，质量≤0.7 kg")

    assert not met
    assert found == [("76 mm", Verdict.MET), (None, Verdict.UNKNOWN)]


def test_two_figures_of_a_weak_sentence_must_both_be_met():
    indicator = "模组最大外径≤80 mm，质量≤0.5 kg（整机连同减速器）"

    (answer,) = covered(MODULE, indicators=(indicator,)).answers

    assert (answer.met, answer.sentence) == (False, None)


def test_a_condition_without_a_name_is_met_by_the_same_condition_only():
    indicator = "400～700 nm透光率≥90 %"
    same = Document(id="d", title="膜", text="400～700 nm平均透光率92 %。")
    other = Document(id="e", title="膜", text="500～600 nm平均透光率92 %。")

    assert figures(same, indicator)[0]
    assert not figures(other, indicator)[0]
    assert figures(other, indicator)[1] == [(None, Verdict.UNKNOWN), ("92 %", Verdict.MET)]


def test_a_figure_counts_under_its_own_condition():
    document = Document(id="d", title="铁芯", text="1 kHz铁芯损耗5 W，3 kHz约9 W。")

    assert figures(document, "3 kHz铁芯损耗≤8 W")[1][1] == ("9 W", Verdict.UNMET)
    assert figures(document, "1 kHz铁芯损耗≤8 W")[1][1] == ("5 W", Verdict.MET)
    met, found = figures(document, "2 kHz铁芯损耗≤8 W")
    assert not met
    assert found[1][1] == Verdict.UNKNOWN


def test_words_alone_answer_no_question_for_a_figure():
    (answer,) = covered(indicators=("叶轮涂层厚度≤20 μm",)).answers

    assert not answer.met
    assert answer.sentence is None


def test_without_must_haves_their_share_is_missing():
    found = covered(nice_to_have=("可用于海水泵",))

    assert math.isnan(found.must)
    assert found.all == 1


def test_without_requirements_everything_is_missing():
    (found,) = coverage((), [PUMP], idf=IDF)

    assert found.answers == ()
    assert math.isnan(found.must)
    assert math.isnan(found.all)
    assert coverage(requirements(must_have=("海水泵",)), [], idf=IDF) == []


def test_documents_do_not_mix():
    wanted = requirements(must_have=("可用于海水泵", "色牢度4级"))

    together = coverage(wanted, [PUMP, OTHER], idf=IDF)

    assert together == [coverage(wanted, [d], idf=IDF)[0] for d in (PUMP, OTHER)]
    assert [[a.met for a in found.answers] for found in together] == [[True, False], [False, True]]


def test_meaning_may_speak_where_words_do_not():
    def alike(items, sentences):
        return np.array([["试用" in s for s in sentences] for _ in items], dtype=np.float32)

    (answer,) = covered(similarity=alike, must_have=("现场验证过",)).answers

    assert answer.met
    assert answer.sentence == "已在两台海水泵上试用。"
    assert not covered(must_have=("现场验证过",)).answers[0].met


def test_strengths_stay_between_nothing_and_all():
    exact = Document(id="e", title="题", text="可用于海水泵和耐酸雾的叶轮涂层以及密封件端盖轴套")

    (answer,) = covered(exact, must_have=(exact.text,)).answers

    assert answer.strength == 1
    assert covered(OTHER, must_have=("耐酸雾",)).answers[0].strength == 0


def test_a_document_without_words_answers_nothing():
    (answer,) = covered(Document(id="e", title=""), must_have=("海水泵",)).answers

    assert (answer.strength, answer.met) == (0, False)


def test_a_short_word_is_never_answered_in_full():
    (short,) = covered(must_have=("气蚀",)).answers
    (longer,) = covered(must_have=("耐气蚀泵叶轮",)).answers

    # 气, 蚀 and 气蚀 weigh 1.6 pairs beside the 1.2 that are doubted
    assert short.strength == pytest.approx(1.6 / 2.8)
    assert longer.strength > short.strength


def test_a_figure_of_another_test_is_near_but_no_answer():
    cell = Document(id="cell", title="电芯", text="55 ℃循环700次容量保持率88 %。")

    met, found = figures(cell, "-15 ℃循环250次容量保持率≥80 %")

    assert not met
    assert found[-1] == ("88 %", Verdict.UNKNOWN)
    assert figures(cell, "55 ℃循环250次容量保持率≥80 %") == (
        True,
        [("55 ℃", Verdict.MET), ("700次", Verdict.UNKNOWN), ("88 %", Verdict.MET)],
    )


def test_a_figure_of_another_order_of_magnitude_is_no_near_miss():
    film = Document(id="film", title="镀膜", text="镀膜膜厚0.5 μm。")

    (answer,) = covered(film, indicators=("膜厚≥9 μm",)).answers

    assert answer.sentence is None


@pytest.mark.parametrize("indicator", ["叶轮效率≥88888888888888 %", "叶轮效率为-900 ℃"])
def test_a_figure_that_cannot_be_is_not_met_in_words(indicator):
    (answer,) = covered(indicators=(indicator,)).answers

    assert answer.sentence is not None
    assert not answer.met
