from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.words import Boundaries, jieba, words


@settings(deadline=None)
@given(st.text("锂电池热失控预警系统的在线监测abc12.-/%·，。（） 𠀀", max_size=60))
def test_boundaries_are_those_of_the_whole_text_cut_at_once(text):
    expected = {0}
    for word in words(text):
        expected.add(max(expected) + len(word))

    boundaries = Boundaries(text)

    assert {place for place in range(len(text) + 1) if place in boundaries} == expected


def test_only_the_stretch_that_is_asked_about_is_cut(monkeypatch):
    cut: list[str] = []
    monkeypatch.setattr("matcher.words.words", lambda text: cut.append(text) or [text])

    boundaries = Boundaries("永磁电机，行星减速器。")

    assert 7 not in boundaries
    assert 8 not in boundaries
    assert cut == ["行星减速器"]


def test_a_dictionary_read_in_part_cuts_as_the_whole_one_does():
    whole = jieba.Tokenizer()
    whole.FREQ, whole.total = whole.gen_pfdict(whole.get_dict_file())
    whole.initialized = True
    texts = [
        "研究生命起源的化学家买了 AT&T 的 T恤",
        "永磁电机转子护套在高速旋转下强度不足，𠀀难以冷却",
        "中国科学院计算技术研究所",
    ]

    assert [words(text) for text in texts] == [whole.lcut(text) for text in texts]
