from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from matcher.pairing.check import check, nearest
from matcher.pairing.errors import BadProblem
from matcher.pairing.problem import (
    Coupling,
    Fixed,
    Forbidden,
    Hub,
    OpenNeed,
    Problem,
    Supplier,
    Weights,
)
from tests.matcher.pairing.pairing_builders import make_problem

GOOD = make_problem(
    {("n1", "u1"): 0.5},
    hubs=(Hub(id="nev", name="新能源汽车"),),
    suppliers=(Supplier(id="u1", name="江海大学"), Supplier(id="u2", name="山川学院")),
    needs=(OpenNeed(id="n1", hubs=("nev",)),),
)


def faults(**changes: object) -> str:
    with pytest.raises(BadProblem) as caught:
        check(replace(GOOD, **changes))
    return str(caught.value)


def test_a_sound_problem_has_neither_faults_nor_notices():
    assert check(GOOD) == ()


def test_no_universities_is_said():
    assert "load organisations" in faults(suppliers=(), levels=sparse.csr_array((1, 0)))


def test_an_unknown_name_comes_with_the_nearest_ones():
    said = faults(fixed=(Fixed(hub="新能源汽", supplier="江海大"),))

    assert "没有名为 新能源汽 的产业链或县市区，是否指 新能源汽车（nev）" in said
    assert "no university 江海大; did you mean 江海大学（u1）" in said


def test_a_pair_both_fixed_and_forbidden_names_the_reason():
    said = faults(
        fixed=(Fixed(hub="nev", supplier="u1"),),
        forbidden=(Forbidden(hub="nev", supplier="u1", reason="利益冲突"),),
    )

    assert "江海大学 既被指定又被禁止（利益冲突）" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"needs": (OpenNeed(id="n1", hubs=("nev",), weight=-1),)}, "cannot be negative"),
        ({"needs": (OpenNeed(id="n1", hubs=("nev",), weight=float("nan")),)}, "cannot be negative"),
        ({"levels": sparse.csr_array([[1.5, 0.0]])}, r"levels must be within [0, 1]"),
        ({"levels": sparse.csr_array((2, 2))}, "levels must be (1, 2)"),
        ({"distance_km": np.array([[-1.0, 0.0]])}, "distances must be within ≥ 0"),
        ({"cooperation": np.ones((2, 2))}, "cooperation must be (1, 2)"),
        ({"min_county_share": 1.1}, "least share of a county"),
        ({"couplings": (Coupling(first="nev", second="x", strength=1),)}, "no chain or county x"),
        ({"couplings": (Coupling(first="nev", second="nev", strength=2),)}, "coupling strengths"),
        ({"hubs": (Hub(id="nev", min_partners=2, max_partners=1),)}, "contradict each other"),
        (
            {"suppliers": (Supplier(id="u1", min_hubs=3, max_hubs=1), Supplier(id="u2"))},
            "contradict each other",
        ),
        ({"suppliers": (Supplier(id="u1"), Supplier(id="u1"))}, "is there 2 times"),
        ({"hubs": (), "needs": (OpenNeed(id="n1", hubs=()),)}, "no chain or county to pair"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, object], said: str):
    assert said in faults(**changes)


def test_all_faults_are_told_at_once():
    twice = (
        OpenNeed(id="n1", hubs=("nev",), weight=-1),
        OpenNeed(id="n2", hubs=("nev",), weight=-2),
    )

    said = faults(needs=twice, levels=sparse.csr_array((2, 2)))

    assert "n1" in said
    assert "n2" in said


def test_one_university_under_two_names_is_a_warning():
    twins = (Supplier(id="u1", name="江海大学（东区）"), Supplier(id="u2", name="江海大学 (东区)"))

    (notice,) = check(replace(GOOD, suppliers=twins))

    assert "u1" in notice.en
    assert "merge" in notice.en


def test_a_chain_without_needs_and_a_need_without_supply_are_told():
    hubs = (*GOOD.hubs, Hub(id="robot"))
    needs = (*GOOD.needs, OpenNeed(id="n2", hubs=("nev",)))
    problem: Problem = replace(
        GOOD, hubs=hubs, needs=needs, levels=sparse.csr_array([[0.5, 0], [0, 0]])
    )

    idle, unmet = check(problem)

    assert "robot" in idle.en
    assert unmet.en.startswith("1 needs")


def test_weights_of_a_plan_cannot_be_negative():
    with pytest.raises(ValueError, match="negative"):
        Weights(distance_per_100km=-1)


def test_nearest_finds_by_name_id_and_part():
    known = {"u1": "江海大学", "u2": "山川学院", "u3": ""}

    assert nearest("江海太学", known) == ["u1"]
    assert nearest("山川", known) == ["u2"]
    assert nearest("u3x", known)[0] == "u3"
    assert nearest("zzzz", known) == []
