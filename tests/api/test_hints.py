"""Who asks for little, or for what cannot be, is told so."""

import pytest

from api.hints import hints_of
from matcher.config import MatchConfig
from matcher.match import MatchList
from matcher.requirements import requirements_of
from matcher.text import query_from_text


def told(text: str) -> list[tuple[str, str]]:
    requirements = requirements_of(query_from_text(text))
    return [
        (hint.zh, hint.en) for hint in hints_of(MatchList("q", (), MatchConfig(), requirements))
    ]


def test_one_word_is_answered_with_a_request_for_more():
    ((zh, en),) = told("阀")

    assert "只有一个词" in zh
    assert "one word" in en


def test_a_figure_that_cannot_be_is_quoted():
    ((zh, en),) = told("高速风机，风机效率≥130 %")

    assert "≥130 %" in zh
    assert "≥130 %" in en


@pytest.mark.parametrize("text", ["高速风机，风机效率≥80 %", "响应国家号召，推动产业转型升级"])
def test_any_other_need_is_left_alone(text):
    assert told(text) == []
