"""Threads that parse Python do so one after the other, on an interpreter that needs it."""

import ast
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import sleep
from typing import Any

import pytest

from api.operations import parsing


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many threads were parsing, each time that one came in."""
    inside, seen, counting = [0], list[int](), Lock()

    def parse(*args: Any, **options: Any) -> str:
        with counting:
            inside[0] += 1
            seen.append(inside[0])
        sleep(0.01)
        with counting:
            inside[0] -= 1
        return "tree"

    monkeypatch.setattr(parsing, "_parse", parse)
    monkeypatch.setattr(ast, "parse", parse)
    return seen


def parse_by_many() -> list[Any]:
    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(lambda _: ast.parse("1"), range(8)))


def test_one_thread_parses_at_a_time(crowd: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parsing, "_MENDED_IN", (99,))

    parsing.parse_in_turn()
    parsing.parse_in_turn()

    assert parse_by_many() == ["tree"] * 8
    assert set(crowd) == {1}


def test_a_mended_interpreter_is_left_alone(crowd: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parsing, "_MENDED_IN", (3, 0))

    parsing.parse_in_turn()

    parse_by_many()
    assert max(crowd) > 1
