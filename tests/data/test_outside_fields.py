import pytest

from data import reference
from data.reference import BadReference, load_reference
from matcher.text import fold
from tests.data.builders import edit


def test_fields_of_methods_weigh_less_than_fields_of_their_own():
    weights = {field.id: field.weight for field in reference.outside_fields()}

    assert weights["general-software"] < weights["metallurgy"] < weights["food"] == 1.0


def test_every_chain_has_terms_and_codes_beside_its_keywords():
    chains = reference.chains()

    assert [chain.id for chain in chains if not chain.terms or not chain.codes] == []
    assert [c.id for c in chains if set(map(fold, c.terms)) & set(map(fold, c.keywords))] == []


def test_a_file_without_outside_fields_terms_or_codes_is_complete(folder):
    def strip(content):
        del content["outside"]
        for chain in content["chains"]:
            for field in ("terms", "terms_basis", "codes", "codes_basis"):
                del chain[field]

    edit(folder / "chains.json", strip)

    facts = load_reference(folder)

    assert facts.outside == ()
    assert {chain.terms for chain in facts.chains} == {()}


@pytest.mark.parametrize("weight", [0, 1.5, "1", True])
def test_a_weight_outside_its_range_is_refused(folder, weight):
    edit(folder / "chains.json", lambda c: c["outside"][0].update(weight=weight))

    with pytest.raises(BadReference) as caught:
        load_reference(folder)

    [problem] = caught.value.problems
    assert problem.place == "outside[0] (coal-mining).weight"
    assert problem.en == "must be above 0 and at most 1"
