from itertools import combinations

import numpy as np
import pytest

from matcher.pairing.best_team import TeamSearch
from matcher.pairing.gains import Gains
from matcher.pairing.model import Model, compile_problem
from matcher.pairing.problem import Fixed, Hub, OpenNeed, Supplier
from matcher.pairing.score import covered_by
from matcher.pairing.seating import seating_of
from tests.matcher.pairing.pairing_builders import make_problem

SUPPLIERS = 9


def random_model(seed: int, **hub: object) -> Model:
    rng = np.random.default_rng(seed)
    needs = tuple(OpenNeed(id=f"n{i}", hubs=("c",)) for i in range(30))
    suppliers = tuple(Supplier(id=f"u{j}", local=j % 3 == 0) for j in range(SUPPLIERS))
    return compile_problem(
        make_problem(
            [
                (n.id, s.id, float(rng.random()))
                for n in needs
                for s in suppliers
                if rng.random() < 0.3
            ],
            hubs=(Hub(id="c", max_partners=3, **hub),),  # type: ignore[arg-type]
            suppliers=suppliers,
            needs=needs,
            fixed=(Fixed(hub="c", supplier="u4"),) if seed % 2 else (),
        )
    )


def every_team(
    model: Model, price: np.ndarray, lead_worth: np.ndarray
) -> dict[tuple[int, frozenset[int]], float]:
    """Worth of every allowed team, by lead and members."""
    seating = seating_of(model)
    worth = {}
    for size in range(int(seating.min_team[0]), int(seating.max_team[0]) + 1):
        for team in combinations(range(SUPPLIERS), size):
            members = np.isin(np.arange(SUPPLIERS), team)
            if seating.fixed[0, ~members].any():
                continue
            if (members & seating.local).sum() < seating.min_local[0]:
                continue
            value = covered_by(model, 0, team)[0].sum() + price[list(team)].sum()
            for lead in team:
                if seating.may_lead[0, lead]:
                    worth[lead, frozenset(team)] = float(value + lead_worth[lead])
    return worth


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "hub", [{}, {"min_partners": 2}, {"min_local": 2}, {"local_lead": True, "min_local": 1}]
)
def test_the_search_finds_what_trying_every_team_finds(seed: int, hub: dict[str, object]):
    model = random_model(seed, **hub)
    rng = np.random.default_rng(seed)
    price, lead_worth = rng.normal(-3, 2, SUPPLIERS), rng.random(SUPPLIERS)
    worth = every_team(model, price, lead_worth)
    search = TeamSearch(Gains(model), seating_of(model), 0)

    best = search.search(price, lead_worth)
    floor = sorted(worth.values())[-25] - 1e-6
    above = search.search(price, lead_worth, floor=floor, every_lead=True, keep=100)

    assert best.bound == pytest.approx(max(worth.values()))
    assert best.teams[0].value == pytest.approx(best.bound)
    found = {(t.members[0], frozenset(t.members)): t.value for t in above.teams}
    assert above.complete
    assert found == pytest.approx({team: v for team, v in worth.items() if v >= floor})


def test_with_one_lead_each_team_comes_once_with_its_best():
    model = random_model(0)
    price, lead_worth = np.full(SUPPLIERS, -2.0), np.linspace(0, 1, SUPPLIERS)
    search = TeamSearch(Gains(model), seating_of(model), 0)

    found = search.search(price, lead_worth, floor=-100.0, keep=10_000)

    assert len({frozenset(team.members) for team in found.teams}) == len(found.teams)
    assert all(team.members[0] == max(team.members) for team in found.teams)
    assert len(found.teams) == sum(len(list(combinations(range(9), k))) for k in (1, 2, 3, 4))


def test_a_search_that_is_cut_short_still_bounds_every_team():
    model = random_model(2)
    price, lead_worth = np.full(SUPPLIERS, -1.0), np.zeros(SUPPLIERS)
    search = TeamSearch(Gains(model), seating_of(model), 0)

    cut = search.search(price, lead_worth, max_nodes=2)

    assert not cut.complete
    assert cut.bound >= max(every_team(model, price, lead_worth).values()) - 1e-9


def test_more_teams_than_wanted_are_no_answer():
    model = random_model(0)
    search = TeamSearch(Gains(model), seating_of(model), 0)

    found = search.search(np.zeros(SUPPLIERS), np.zeros(SUPPLIERS), floor=-100.0, keep=5)

    assert not found.complete
