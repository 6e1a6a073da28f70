"""Long texts in pieces, and their vectors."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.chunk import Chunk, EmptyText, encode_long, split
from embeddings.encoder import Role
from embeddings.hashing_encoder import HashingEncoder
from tests.embeddings.vectors import unit

PUNCTUATED = st.text(alphabet="电机效率ab3 。！？；…”」，、.!?'\")\n", min_size=1, max_size=300)
LENGTHS = st.integers(1, 40).flatmap(
    lambda max_chars: st.tuples(st.just(max_chars), st.integers(0, max_chars - 1))
)


class ShortSighted:
    """Reads ten characters; counts 东 and 西 on two axes that point opposite ways."""

    fingerprint = "short-sighted"
    dim = 2
    max_chars = 10

    def __init__(self):
        self.seen = []

    def encode(self, texts, *, role):
        assert all(0 < len(text) <= self.max_chars for text in texts)
        self.seen.append((list(texts), role))
        if not texts:
            return np.empty((0, 2), np.float32)
        return unit([[t.count("东") - t.count("西"), t.count("北") + 1e-9] for t in texts])


@given(PUNCTUATED | st.text(min_size=1, max_size=300), LENGTHS)
def test_every_character_is_in_a_piece_that_can_be_read_whole(text, lengths):
    max_chars, overlap = lengths

    chunks = split(text, max_chars=max_chars, overlap=overlap)

    assert chunks[0].start == 0
    assert chunks[-1].end == len(text)
    assert all(c.text == text[c.start : c.end] and 0 < len(c.text) <= max_chars for c in chunks)
    for before, after in zip(chunks, chunks[1:], strict=False):
        assert before.start < after.start <= before.end < after.end
        assert before.end - after.start <= overlap


def test_a_text_that_fits_stays_whole():
    assert split("电机。泵。", max_chars=5, overlap=2) == [Chunk(0, 5, "电机。泵。")]


def test_cuts_fall_between_sentences():
    text = "转子在高速下发热。轴承寿命不足！效率≥92.5 %，噪声低。Made of SiC. Tested at 3.5 kW."

    pieces = [chunk.text for chunk in split(text, max_chars=20, overlap=0)]

    assert pieces == [
        "转子在高速下发热。轴承寿命不足！",
        "效率≥92.5 %，噪声低。",
        "Made of SiC.",
        " Tested at 3.5 kW.",
    ]


def test_a_closing_quote_stays_with_its_sentence():
    text = "他说：“转子发热。”轴承寿命也不够"

    assert split(text, max_chars=12, overlap=0)[0].text == "他说：“转子发热。”"


def test_without_a_sentence_end_the_cut_falls_after_a_comma():
    text = "转子发热严重、轴承寿命很短且噪声大"

    assert split(text, max_chars=10, overlap=0)[0].text == "转子发热严重、"


def test_an_overlap_begins_where_a_sentence_begins():
    text = "一二三四五六七。八九。甲乙丙丁戊己庚辛"

    first, second = split(text, max_chars=12, overlap=5)

    assert (first.text, second.text) == ("一二三四五六七。八九。", "八九。甲乙丙丁戊己庚辛")


@pytest.mark.parametrize("lengths", [(10, 10), (10, 11), (10, -1), (0, 0), (-5, -6)])
def test_lengths_that_do_not_fit_are_refused(lengths):
    max_chars, overlap = lengths

    with pytest.raises(ValueError, match="overlap must be"):
        split("电机", max_chars=max_chars, overlap=overlap)


def test_nothing_to_split_is_the_callers_mistake():
    with pytest.raises(EmptyText):
        split("", max_chars=10, overlap=0)


@pytest.mark.parametrize("character", ["电", ".", "。", "!'", " ", "\n", "，", "”"])
def test_eight_times_the_text_takes_about_eight_times_as_long(character):
    def cpu_time(characters: int) -> float:
        text = (character * characters)[:characters]
        times = []
        for _ in range(5):
            started = time.process_time()
            chunks = split(text, max_chars=500, overlap=60)
            times.append(time.process_time() - started)
        assert sum(len(chunk.text) for chunk in chunks) < 1.5 * characters
        return min(times)

    # Quadratic time would be 64 times as long.
    assert cpu_time(160_000) < 30 * max(cpu_time(20_000), 1e-4)


def test_a_text_that_fits_is_encoded_as_it_is():
    encoder = HashingEncoder()
    texts = ["永磁电机转子", "棉织物染色"]

    np.testing.assert_array_equal(
        encode_long(encoder, texts, role=Role.QUERY), encoder.encode(texts, role=Role.QUERY)
    )


def test_a_long_text_is_the_mean_of_its_pieces_weighted_by_their_lengths():
    long_text = "东东东东东东东。北北北。"  # pieces of 8 and 4 characters

    vectors = encode_long(ShortSighted(), ["北", long_text], role=Role.DOCUMENT)

    np.testing.assert_allclose(vectors, unit([[0, 1], [8, 4]]), atol=1e-6)


def test_all_pieces_of_all_texts_are_encoded_in_one_call_with_the_role():
    encoder = ShortSighted()

    encode_long(encoder, ["东" * 25, "北"], role=Role.QUERY)

    [(texts, role)] = encoder.seen
    assert role == Role.QUERY
    assert texts[-1] == "北"


def test_when_the_pieces_cancel_out_the_opening_speaks():
    vectors = encode_long(ShortSighted(), ["东东东东东东东。西西西西西西西。"], role=Role.DOCUMENT)

    np.testing.assert_allclose(vectors, [[1, 0]], atol=1e-6)


def test_pieces_without_a_visible_character_are_left_out():
    encoder = ShortSighted()

    vectors = encode_long(encoder, ["东" + " " * 50 + "东"], role=Role.DOCUMENT)

    np.testing.assert_allclose(vectors, [[1, 0]], atol=1e-6)
    assert all(text.strip() for text in encoder.seen[0][0])


def test_no_texts_give_no_rows():
    assert encode_long(HashingEncoder(), [], role=Role.QUERY).shape == (0, 256)


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_blank_text_is_refused_by_its_place(blank):
    with pytest.raises(EmptyText, match="text 1 is empty") as caught:
        encode_long(HashingEncoder(), ["电机", blank], role=Role.QUERY)

    assert caught.value.position == 1
    assert isinstance(caught.value, ValueError)
