"""Small pairing problems, and trying every plan of them."""

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from matcher.pairing.model import compile_problem
from matcher.pairing.problem import (
    Coupling,
    Fixed,
    Forbidden,
    Hub,
    OpenNeed,
    Problem,
    Role,
    Supplier,
    Weights,
    level_matrix,
)
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.seating import seating_of

HUBS, SUPPLIERS, NEEDS = ("c1", "c2", "k1"), ("u1", "u2", "u3", "u4"), tuple("abcdef")


def make_problem(
    levels: dict[tuple[str, str], float] | list[tuple[str, str, float]],
    *,
    hubs: tuple[Hub, ...],
    suppliers: tuple[Supplier, ...],
    needs: tuple[OpenNeed, ...],
    **rest: object,
) -> Problem:
    triples = [(n, s, v) for (n, s), v in levels.items()] if isinstance(levels, dict) else levels
    matrix = level_matrix(needs, suppliers, triples)
    return Problem(hubs=hubs, suppliers=suppliers, needs=needs, levels=matrix, **rest)  # type: ignore[arg-type]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Problems of three hubs and four suppliers, with every kind of rule now and then."""
    most = {hub: draw(st.integers(0, 2)) for hub in HUBS}
    hubs = tuple(
        Hub(
            id=hub,
            max_partners=most[hub],
            min_partners=draw(st.sampled_from((0, 0, most[hub]))),
            lead_required=draw(st.booleans()),
            min_local=draw(st.sampled_from((0, 0, 0, 1))),
            local_lead=draw(st.sampled_from((False, False, True))),
        )
        for hub in HUBS
    )
    suppliers = tuple(
        Supplier(
            id=supplier,
            local=draw(st.booleans()),
            max_hubs=draw(st.integers(1, 3)),
            min_hubs=draw(st.sampled_from((0, 0, 0, 1))),
            max_leads=draw(st.sampled_from((None, None, 1))),
            comfortable_hubs=draw(st.sampled_from((None, 1))),
        )
        for supplier in SUPPLIERS
    )
    needs = tuple(
        OpenNeed(
            id=need,
            hubs=tuple(draw(st.lists(st.sampled_from(HUBS), min_size=1, unique=True))),
            weight=draw(st.integers(0, 3)),
            county=draw(st.sampled_from(("x", "y", None))),
        )
        for need in NEEDS
    )
    tenths = st.integers(0, 10)
    levels = {pair: draw(tenths) / 10 for pair in product(NEEDS, SUPPLIERS) if draw(st.booleans())}
    pairs = draw(st.lists(st.tuples(*map(st.sampled_from, (HUBS, SUPPLIERS))), max_size=2))
    banned = draw(st.lists(st.tuples(*map(st.sampled_from, (HUBS, SUPPLIERS))), max_size=3))
    return make_problem(
        {pair: level for pair, level in levels.items() if level},
        hubs=hubs,
        suppliers=suppliers,
        needs=needs,
        cooperation=np.array(draw(st.lists(tenths, min_size=12, max_size=12))).reshape(3, 4) / 10,
        distance_km=np.array(draw(st.lists(tenths, min_size=12, max_size=12))).reshape(3, 4)
        * 100.0,
        fixed=tuple(
            Fixed(hub=h, supplier=s, role=draw(st.sampled_from((None, *Role))))
            for h, s in set(pairs)
        ),
        forbidden=tuple(
            Forbidden(hub=h, supplier=s, reason="rule", lead_only=draw(st.booleans()))
            for h, s in set(banned) - set(pairs)
        ),
        couplings=(Coupling(first="c1", second="k1", strength=draw(tenths) / 10),),
        min_county_share=draw(st.sampled_from((0.0, 0.0, 0.2))),
        weights=Weights(balance=draw(st.sampled_from((0.0, 0.2)))),
    )


def every_choice(problem: Problem) -> Iterator[Choice]:
    """Every choice that keeps the rules, each team with each of its leads."""
    model = compile_problem(problem)
    seating = seating_of(model)
    hubs, suppliers = model.shape
    teams = [
        (lead, *others)
        for size in range(suppliers)
        for lead in range(suppliers)
        for others in combinations([s for s in range(suppliers) if s != lead], size)
    ]
    per_hub = [
        [team for team in teams if len(team) <= hub.max_partners + 1 and _may(seating, h, team)]
        + ([()] if not hub.lead_required else [])
        for h, hub in enumerate(problem.hubs)
    ]
    for chosen in product(*per_hub):
        seats, leads = np.zeros(model.shape, dtype=bool), np.full(hubs, -1)
        for h, team in enumerate(chosen):
            seats[h, list(team)] = True
            leads[h] = team[0] if team else -1
        led = np.bincount(leads[leads >= 0], minlength=suppliers)
        if (led <= seating.max_leads).all() and seating.feasible(seats):
            yield Choice(seats, leads)


def _may(seating: object, h: int, team: tuple[int, ...]) -> bool:
    musts = np.flatnonzero(seating.must_lead[h])  # type: ignore[attr-defined]
    return bool(seating.may_lead[h, team[0]]) and all(m == team[0] for m in musts)  # type: ignore[attr-defined]


def best_by_trying(problem: Problem) -> float | None:
    """What the best plan is worth; None when there is none."""
    model = compile_problem(problem)
    return max((objective_of(model, c).total for c in every_choice(problem)), default=None)
