"""What of a match list is left for a reader who may not see everything."""

from typing import Any

import pytest

from api.redaction import shown_list
from data.access.posting_reader import Seen
from data.policy.subject import View
from matcher.types import Achievement, Need

NEED = Need(
    id="n",
    title="高速电机降噪",
    text="效率保持不变。",
    organization="e1",
    must_have=("噪声≤65 dB",),
)
FACE = Need(id="n", title="电机降噪", text="效率保持不变。")
OFFER = Achievement(id="a", title="降噪定子", text="样机噪声63 dB。", organization="u1")
OFFER_FACE = Achievement(id="a", title="降噪技术", text="有样机。")
RESULT: dict[str, Any] = {
    "query_id": "n",
    "supply": "good",
    "config": {"good_supply": 0.5},
    "hints": [{"zh": "请核对指标：65 dB", "en": "65 dB"}],
    "chains": [{"nodes": ["chain:nev"], "zh": "新能源汽车", "en": "NEV", "weight": 1.0}],
    "requirements": [
        {"text": "噪声≤65 dB", "span": {"start": 0}, "must": True, "marked": True,
         "quantities": [{"high": 65.0}]},
        {"text": "效率保持不变", "span": {"start": 0}, "must": False, "marked": False,
         "quantities": []},
    ],
    "matches": [
        {
            "rank": 1, "document_id": "a", "score": 3.0, "fused": 1.0,
            "levels": [0.1, 0.1, 0.4, 0.4],
            "title": "降噪定子", "organization": "u1",
            "signals": [{"name": "lexical", "value": 0.5}],
            "phrases": [
                {"text": "电机", "weight": 0.5, "query_span": {}, "document_span": {}},
                {"text": "噪声", "weight": 0.5, "query_span": {}, "document_span": {}},
            ],
            "answers": [
                {"requirement": 0, "strength": 0.9, "sentence": "样机噪声63 dB。",
                 "span": {"start": 0}, "figures": [{"wanted": "≤65 dB", "offered": "63 dB"}],
                 "met": True},
                {"requirement": 1, "strength": 0.1, "sentence": None, "span": None,
                 "figures": [], "met": False},
            ],
            "precedent": {"zh": "先例", "need": {}, "achievement": {}},
            "paths": [{"kind": "same_chain"}, {"kind": "strength"}, {"kind": "same_county"},
                      {"kind": "cooperation"}],
        }
    ],
}  # fmt: skip


def seen(posting: Any, view: View = View.FULL) -> Seen[Any]:
    return Seen(posting, view, "", owner=False)


def show(asked: Seen[Any], found: Seen[Any] | None, **options: Any) -> dict[str, Any]:
    documents = {} if found is None else {"a": found}
    return shown_list(RESULT, asked, documents, k=10, **options)


def test_who_may_see_both_sees_everything():
    shown = show(seen(NEED), seen(OFFER), citable={"a"})

    whole = {k: v for k, v in RESULT.items() if k != "config"}
    match = RESULT["matches"][0]
    told = [p for p in match["phrases"] if p["text"] == "噪声"]  # 电机 is not in the achievement
    assert shown == whole | {"matches": [match | {"phrases": told}]}


def test_of_a_masked_need_only_its_summary_is_quoted():
    shown = show(seen(FACE, View.SUMMARY), seen(OFFER), citable={"a"})

    assert shown["requirements"][0] == {
        "text": None, "span": None, "must": True, "marked": True, "quantities": [],
    }  # fmt: skip
    assert (shown["requirements"][1]["text"], shown["hints"]) == ("效率保持不变", [])
    match = shown["matches"][0]
    assert match["levels"] == [0.1, 0.1, 0.4, 0.4]
    assert match["answers"][0] == {
        "requirement": 0, "strength": 0.9, "sentence": "样机噪声63 dB。", "span": None,
        "figures": [], "met": None,
    }  # fmt: skip
    assert [p["kind"] for p in match["paths"]] == ["same_chain", "strength"]
    assert (match["precedent"], match["signals"], match["fused"]) == (None, [], None)
    assert match["phrases"] == []
    for word in ("65", "高速", "e1"):
        assert word not in str(shown)


def test_of_a_masked_achievement_only_its_summary_is_quoted():
    shown = show(seen(NEED), seen(OFFER_FACE, View.SUMMARY), citable={"a"})

    match = shown["matches"][0]
    assert (match["title"], match["organization"]) == ("降噪技术", None)
    assert match["answers"][0]["sentence"] is None
    assert match["answers"][0]["met"] is None
    assert [p["kind"] for p in match["paths"]] == ["same_chain"]
    for word in ("63", "定子", "u1"):
        assert word not in str(match)


@pytest.mark.parametrize(
    ("threshold", "levels", "supply"),
    [(0.5, [0.3, 0.3, 0.2, 0.2], "nothing_near"), (0.3, [0.3, 0.3, 0.2, 0.2], "good")],
)
def test_supply_does_not_tell_of_an_achievement_that_is_not_shown(threshold, levels, supply):
    other = RESULT["matches"][0] | {"document_id": "b", "levels": levels}
    result = RESULT | {
        "matches": [*RESULT["matches"], other],
        "config": {"good_supply": threshold},
    }

    shown = shown_list(result, seen(NEED), {"b": seen(OFFER)}, k=10)

    assert [(m["rank"], m["document_id"]) for m in shown["matches"]] == [(1, "b")]
    assert shown["supply"] == supply
    assert show(seen(NEED), None)["supply"] == "nothing_near"


def test_a_list_older_than_its_postings_quotes_none_of_their_former_words():
    need = Need(id="n", title="电机降噪", text="效率保持不变。", organization="e1")
    offer = Achievement(id="a", title="降噪定子", text="有样机。", organization="u1")

    shown = show(seen(need), seen(offer))

    for word in ("65", "63", "噪声"):
        assert word not in str(shown)


def test_a_precedent_is_told_to_those_only_who_may_know_of_it():
    assert show(seen(NEED), seen(OFFER))["matches"][0]["precedent"] is None
    assert show(seen(NEED), seen(OFFER), citable={"a"})["matches"][0]["precedent"]
