"""1+N panels: small needs whose best panel can be seen, and properties of all."""

from itertools import combinations

import numpy as np
import pytest

from matcher.pairing import panel_search
from matcher.pairing.panel_types import Candidate, Conflict, Panel, Proof, TeamConfig
from matcher.pairing.plan import Solver
from matcher.pairing.team import choose_team
from matcher.requirements import Requirement
from matcher.span import Span

MET, NEAR = True, False


def make_requirements(*musts: bool) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(f"要求{i}", Span("text", 0, 1), must, must, ()) for i, must in enumerate(musts)
    )


def make_candidate(id: str, answers: dict[int, bool], **changes: object) -> Candidate:
    proofs = tuple(
        Proof(r, f"a-{id}", f"{id} 回应 {r}", met, 0.5) for r, met in sorted(answers.items())
    )
    return Candidate(**({"id": id, "name": id, "proofs": proofs} | changes))


def ids(panel: Panel) -> list[str]:
    return [member.candidate.id for member in panel.members]


REQUIREMENTS = make_requirements(True, True, False, False)
"""Two must-haves worth 2 each and two others worth 1 each: 6 in all."""


def test_the_lead_answers_most_and_the_others_fill_what_it_leaves_open():
    lead = make_candidate("lead", {0: MET, 2: MET})
    filler = make_candidate("filler", {1: MET, 2: NEAR})
    same = make_candidate("same", {0: MET})

    panel = choose_team(REQUIREMENTS, [same, filler, lead])

    assert ids(panel) == ["lead", "filler"]
    assert panel.coverage == pytest.approx(5 / 6)
    assert (panel.open, panel.near) == ((3,), ())
    first, second = panel.members
    assert [proof.requirement for proof in first.proofs] == [0, 2]
    assert [proof.requirement for proof in second.proofs] == [1]
    # beside the filler, the lead's third item is half answered
    assert (first.adds, first.only) == (pytest.approx(3 / 6), pytest.approx(2.5 / 6))
    assert (second.adds, second.only) == (pytest.approx(2 / 6), pytest.approx(2 / 6))


def test_between_equals_the_one_that_fits_the_need_better_leads():
    worse = make_candidate("worse", {0: MET}, fit=0.2)
    better = make_candidate("better", {1: MET}, fit=0.9)

    assert ids(choose_team(REQUIREMENTS, [worse, better])) == ["better", "worse"]


def test_a_near_answer_counts_by_half_and_stays_open():
    panel = choose_team(REQUIREMENTS, [make_candidate("c", {0: NEAR, 2: MET})])

    assert panel.coverage == pytest.approx((1 + 1) / 6)
    assert (panel.open, panel.near) == ((0, 1, 3), (0,))


def test_a_met_requirement_is_told_of_who_meets_it():
    near, met = make_candidate("near", {0: NEAR, 2: MET, 3: MET}), make_candidate("met", {0: MET})

    panel = choose_team(REQUIREMENTS, [near, met])

    told = [(m.candidate.id, p.requirement) for m in panel.members for p in m.proofs]
    assert told == [("near", 2), ("near", 3), ("met", 0)]


def test_nobody_is_asked_who_adds_nothing():
    panel = choose_team(
        REQUIREMENTS, [make_candidate("a", {0: MET}), make_candidate("b", {0: MET}, fit=1.0)]
    )

    assert ids(panel) == ["b"]


def test_without_any_answer_there_is_no_panel_and_everything_stays_open():
    panel = choose_team(REQUIREMENTS, [make_candidate("a", {})])

    assert (panel.members, panel.open, panel.coverage) == ((), (0, 1, 2, 3), 0.0)


@pytest.mark.parametrize("requirements", [(), REQUIREMENTS])
def test_nobody_to_ask_or_nothing_to_answer_is_an_empty_panel(requirements):
    panel = choose_team(requirements, [])

    assert (panel.members, panel.coverage, panel.solver) == ((), 0.0, Solver.EXACT)


def test_those_barred_and_those_too_busy_are_told_and_not_asked():
    barred = make_candidate("barred", {0: MET}, barred="需求方本单位")
    busy = make_candidate("busy", {0: MET}, load=3)
    free = make_candidate("free", {0: NEAR}, load=2)

    panel = choose_team(REQUIREMENTS, [barred, busy, free])

    assert ids(panel) == ["free"]
    assert (panel.passed_over, panel.busy) == ((barred,), (busy,))


def test_of_equal_ones_the_less_busy_is_asked():
    busy, idle = make_candidate("busy", {0: MET}, load=1), make_candidate("idle", {0: MET})

    assert ids(choose_team(REQUIREMENTS, [busy, idle])) == ["idle"]


def test_two_who_must_not_meet_do_not():
    one, other = make_candidate("one", {0: MET, 2: MET}), make_candidate("other", {1: MET})
    third = make_candidate("third", {1: NEAR})
    conflicts = [Conflict("other", "one", "诉讼"), Conflict("one", "nobody")]

    panel = choose_team(REQUIREMENTS, [one, other, third], conflicts=conflicts)

    # one and third are worth 3 + 1, other alone 2
    assert ids(panel) == ["one", "third"]


def test_the_lead_that_is_asked_for_leads_even_where_it_answers_least():
    strong, weak = make_candidate("strong", {0: MET, 1: MET}), make_candidate("weak", {3: NEAR})

    panel = choose_team(REQUIREMENTS, [strong, weak], lead="weak")

    assert ids(panel) == ["weak", "strong"]
    with pytest.raises(KeyError):
        choose_team(REQUIREMENTS, [strong], lead="nobody")


def random_candidates(draw: np.random.Generator, n: int) -> list[Candidate]:
    found = []
    for i in range(n):
        answers = {r: bool(draw.integers(2)) for r in range(6) if draw.random() < 0.4}
        found.append(
            make_candidate(f"c{i}", answers, fit=float(draw.random()), load=int(draw.integers(3)))
        )
    return found


SIX = make_requirements(True, False, True, False, False, True)


@pytest.mark.parametrize("seed", range(12))
def test_no_panel_of_the_size_is_worth_more(seed):
    draw = np.random.default_rng(seed)
    found, config = random_candidates(draw, 8), TeamConfig(others=2)
    conflicts = [Conflict("c0", "c1"), Conflict("c2", "c3")]

    panel = choose_team(SIX, found, conflicts=conflicts, config=config)

    def value(group: tuple[Candidate, ...]) -> float:
        worth = np.zeros(6)
        for candidate in group:
            for p in candidate.proofs:
                full = 2.0 if SIX[p.requirement].must else 1.0
                worth[p.requirement] = max(worth[p.requirement], full if p.met else full / 2)
        cost = sum(0.1 + 0.1 * c.load - 0.05 * c.fit for c in group)
        return float(worth.sum() - cost)

    def allowed(group: tuple[Candidate, ...]) -> bool:
        names = {c.id for c in group}
        return not names >= {"c0", "c1"} and not names >= {"c2", "c3"}

    groups = [g for size in range(4) for g in combinations(found, size) if allowed(g)]
    best = max(map(value, groups))
    assert panel.value == pytest.approx(best)
    assert panel.solver is Solver.EXACT
    assert allowed(tuple(m.candidate for m in panel.members))
    assert value(tuple(m.candidate for m in panel.members)) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(12))
def test_a_panel_built_seat_by_seat_says_so_and_never_lies_about_the_bound(seed, monkeypatch):
    draw = np.random.default_rng(seed)
    found, config = random_candidates(draw, 20), TeamConfig(others=2)
    best = choose_team(SIX, found, config=config)
    monkeypatch.setattr(panel_search, "EXACT_CANDIDATES", 10)

    panel = choose_team(SIX, found, config=config)

    assert panel.value <= best.value + 1e-9 <= panel.bound + 2e-9
    assert (panel.solver is Solver.EXACT) == (panel.gap == pytest.approx(0, abs=1e-6))
    assert len(panel.members) <= 3


def test_a_lead_that_is_asked_for_takes_its_seat_out_of_the_bound(monkeypatch):
    monkeypatch.setattr(panel_search, "EXACT_CANDIDATES", 0)
    lead, other = make_candidate("lead", {3: MET}), make_candidate("other", {0: MET, 1: MET})

    panel = choose_team(REQUIREMENTS, [lead, other], lead="lead", config=TeamConfig(others=0))

    # there is one seat, and it is taken: nothing else is possible
    assert (panel.solver, panel.gap) == (Solver.EXACT, 0.0)


def test_one_more_seat_never_makes_a_panel_worse():
    found = random_candidates(np.random.default_rng(5), 15)

    values = [choose_team(SIX, found, config=TeamConfig(others=n)).value for n in range(6)]

    assert values == sorted(values)


@pytest.mark.parametrize(
    "wrong", [{"others": -1}, {"max_load": 0}, {"near": 1.5}, {"fit": 0.2}, {"must": -1.0}]
)
def test_settings_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValueError, match="="):
        TeamConfig(**wrong)
