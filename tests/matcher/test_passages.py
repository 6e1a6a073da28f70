import time

from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.passages import MAX_PASSAGE_CHARS, Passage, shared_passages

LETTERS = st.text("甲乙丙，", max_size=14)


def longest(asked: str, text: str, at: int) -> Passage | None:
    """By trying everything."""

    def length(place: int) -> int:
        size = 0
        while (
            at + size < len(asked)
            and place + size < len(text)
            and asked[at + size] == text[place + size] != "，"
        ):
            size += 1
        return size

    best = max(((length(place), -place) for place in range(len(text))), default=(0, 0))
    return Passage(at, -best[1], best[0]) if best[0] >= 2 else None


def by_trying(asked: str, text: str) -> list[Passage]:
    return [found for at in range(len(asked)) if (found := longest(asked, text, at))]


@settings(deadline=None)
@given(LETTERS, st.lists(LETTERS, max_size=4))
def test_every_longest_passage_is_found_in_every_text(asked, texts):
    found = shared_passages(asked, texts)

    for text, passages in zip(texts, found, strict=True):
        expected = by_trying(asked, text)
        assert [(p.at, p.length) for p in passages] == [(p.at, p.length) for p in expected]
        for passage in passages:
            stretch = asked[passage.at : passage.at + passage.length]
            assert text[passage.place : passage.place + passage.length] == stretch


def test_the_first_of_equal_places_is_taken():
    assert shared_passages("电机", ["风电机与电机"]) == [[Passage(0, 1, 2)]]
    assert shared_passages("发电机", ["一发电机与发电机"])[0][0] == Passage(0, 1, 3)


def test_a_place_beyond_the_sixteenth_is_not_tried():
    assert shared_passages("电机座圈", ["电机座，" * 15 + "电机座圈"])[0][0] == Passage(0, 60, 4)
    assert shared_passages("电机座圈", ["电机座，" * 16 + "电机座圈"])[0][0] == Passage(0, 0, 3)
    assert len(shared_passages("电机，" * 20, ["电机"])[0]) == 16


def test_passages_do_not_run_from_one_text_into_the_next():
    assert shared_passages("磁流体密封", ["磁流", "体密封"]) == [
        [Passage(0, 0, 2)],
        [Passage(2, 0, 3), Passage(3, 1, 2)],
    ]


def test_a_text_does_not_depend_on_its_neighbours():
    texts = [f"电机{n}号转子护套与电机端盖" for n in range(50)]

    together = shared_passages("电机转子护套，电机端盖", texts)

    assert together == [shared_passages("电机转子护套，电机端盖", [text])[0] for text in texts]


def test_passages_have_at_most_forty_characters():
    passage = "".join(chr(0x4E00 + n) for n in range(100))

    ((first, *_),) = shared_passages(passage, [passage])

    assert first == Passage(0, 0, MAX_PASSAGE_CHARS)


def test_nothing_to_ask_or_to_read_shares_nothing():
    assert shared_passages("", ["电机"]) == [[]]
    assert shared_passages("电机", []) == []
    assert shared_passages("，，", ["，，"]) == [[]]


def test_long_and_repetitive_texts_are_read_in_time():
    texts = ["电机" * 5_000] * 20

    start = time.process_time()
    shared_passages("电机" * 5_000, texts)

    # when every place is tried against every other this takes minutes
    assert time.process_time() - start < 5
