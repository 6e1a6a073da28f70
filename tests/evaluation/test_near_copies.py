"""Needs posted twice are found from their words."""

import csv
from itertools import combinations

from evaluation.dataset import load_unjudged
from evaluation.near_copies import near_copies
from matcher.types import Query

TEXT = "现有电机在高温下退磁，要求提高转子护套强度，并给出可批量生产的工艺方案"


def query(name: str, title: str, text: str = "") -> Query:
    return Query(id=name, title=title, text=text)


def test_a_need_posted_again_with_small_changes_is_a_copy():
    first = query("a", "高速电机转子护套", TEXT)
    again = query("b", "高速电机 转子护套。", TEXT.replace("批量", "规模"))
    other = query("c", "毛巾织物退浆废水回用", "退浆水中浆料浓度高，回用困难")

    groups = near_copies([other, again, first])

    assert groups == {"a": "a", "b": "a", "c": "c"}


def test_copies_of_copies_belong_together():
    a = query("a", "一二三四五六七八九十")
    b = query("b", "五六七八九十甲乙丙丁")
    c = query("c", "九十甲乙丙丁戊己庚辛")

    assert set(near_copies([a, b, c], threshold=0.2).values()) == {"a"}
    assert near_copies([a, c], threshold=0.2) == {"a": "a", "c": "c"}


def test_very_short_needs_are_copies_only_when_equal():
    groups = near_copies([query("a", "电机"), query("b", "电 机"), query("c", "电池")])

    assert groups == {"a": "a", "b": "a", "c": "c"}


def test_nothing_has_no_groups():
    assert near_copies([]) == {}


def test_most_copies_marked_by_hand_are_found_and_few_others(benchmarks):
    dataset = load_unjudged(benchmarks / "needs2019")
    with (benchmarks / "needs2019" / "groups.csv").open() as rows:
        marked = {row["need_id"]: row["group"] for row in csv.DictReader(rows)}

    found = near_copies(dataset.queries)

    pairs = list(combinations(sorted(found), 2))
    ours = {(a, b) for a, b in pairs if found[a] == found[b]}
    theirs = {(a, b) for a, b in pairs if marked[a] == marked[b]}
    assert len(ours & theirs) / len(theirs) > 0.94
    assert len(ours & theirs) / len(ours) > 0.90
