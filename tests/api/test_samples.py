"""The samples are part of the product: varied, consistent and plainly invented."""

import json
from collections import Counter
from pathlib import Path

from api.service import MatchService
from data import reference
from data.samples import sample_files, sample_texts
from matcher.text import document_of
from tests.api.conftest import settings_for


def rows(name: str) -> list[dict]:
    with sample_files() as paths:
        path = next(p for p in paths if p.name == f"{name}.jsonl")
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_of_every_kind_over_all_ten_chains():
    kinds = Counter(o["kind"] for o in rows("organizations"))
    chains = {c.id for c in reference.chains()}

    assert len(rows("needs")) >= 60
    assert len(rows("achievements")) >= 150
    assert kinds["enterprise"] >= 30
    assert kinds["university"] + kinds["institute"] >= 12
    for name in ("needs", "achievements"):
        assert {chain for row in rows(name) for chain in row["chains"]} == chains


def test_every_organisation_is_marked_as_an_example():
    assert [o["name"] for o in rows("organizations") if not o["name"].startswith("示例")] == []
    assert [a["id"] for a in rows("achievements") for t in a["team"] if "示例" not in t] == []
    assert [a["id"] for a in rows("achievements") if a["patents"]] == []


def test_every_posting_names_an_organisation_of_the_samples():
    known = {o["id"] for o in rows("organizations")}

    postings = rows("needs") + rows("achievements")

    assert [p["id"] for p in postings if p["organization"] not in known] == []


def test_industry_codes_and_counties_exist():
    for organization in rows("organizations"):
        code = organization["gbt4754"]
        assert code is None or reference.industry_class(code) is not None
        county = organization["county"]
        assert county is None or reference.find_county(county) is not None


def test_no_text_is_there_twice():
    texts = [row["text"] for row in rows("needs") + rows("achievements")]

    assert len(set(texts)) == len(texts)


def test_the_texts_for_checking_a_model_come_in_pairs():
    titles, texts = sample_texts()

    assert len(titles) == len(texts) >= 150


def test_most_sample_needs_are_tagged_with_a_chain_that_they_declare(
    sample_home: Path, model_folder: Path
):
    service = MatchService(settings_for(sample_home, model_folder))
    needs = service.records.published_needs()

    tags = service.tags.tagger().tag([document_of(need) for need in needs])

    pairs = zip(needs, tags, strict=True)
    right = [need.id for need, found in pairs if {t.chain for t in found} & set(need.chains)]
    assert len(right) >= 0.8 * len(needs)
