from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.pair import NoPlanInTime, PairConfig, Supply, gap_of, pair

CHAINS = ("c1", "c2")
UNIVERSITIES = ("u1", "u2", "u3")

supplies = st.lists(
    st.builds(
        Supply,
        chain=st.sampled_from(CHAINS),
        need_id=st.sampled_from(("n1", "n2", "n3")),
        university=st.sampled_from(UNIVERSITIES),
        value=st.integers(1, 10).map(lambda tenths: tenths / 10),
    ),
    max_size=12,
)
limits = st.builds(PairConfig, partners=st.integers(0, 2), capacity=st.integers(1, 2))


def value_of(chosen: dict[str, tuple[str, ...]], offered: list[Supply]) -> float:
    best: dict[tuple[str, str], float] = {}
    for s in offered:
        if s.university in chosen[s.chain]:
            key = (s.chain, s.need_id)
            best[key] = max(best.get(key, 0.0), s.value)
    return sum(best.values())


def brute_force(offered: list[Supply], config: PairConfig) -> float:
    teams = [t for n in range(config.partners + 2) for t in combinations(UNIVERSITIES, n)]
    return max(
        value_of(dict(zip(CHAINS, choice, strict=True)), offered)
        for choice in product(teams, repeat=len(CHAINS))
        if all(sum(u in team for team in choice) <= config.capacity for u in UNIVERSITIES)
    )


@settings(max_examples=60, deadline=None)
@given(supplies, limits)
def test_the_plan_is_as_good_as_trying_everything(offered: list[Supply], config: PairConfig):
    plan = pair(offered, config)

    assert plan.gap == pytest.approx(0, abs=1e-9)
    assert plan.value == pytest.approx(brute_force(offered, config))


@settings(max_examples=60, deadline=None)
@given(supplies, limits)
def test_no_chain_and_no_university_goes_beyond_its_limit(
    offered: list[Supply], config: PairConfig
):
    plan = pair(offered, config)

    teams = [({c.lead} - {None}) | set(c.partners) for c in plan.chains]
    assert all(len(c.partners) <= config.partners for c in plan.chains)
    assert all(sum(u in team for team in teams) <= config.capacity for u in UNIVERSITIES)


def test_a_partner_that_fills_a_gap_beats_one_that_brings_the_same():
    offered = [
        Supply("c", "n1", "strong", 0.9),
        Supply("c", "n1", "twin", 0.8),
        Supply("c", "n2", "other", 0.3),
    ]

    (chain,) = pair(offered, PairConfig(partners=1)).chains

    assert (chain.lead, chain.partners) == ("strong", ("other",))
    assert chain.covered == {"n1": "strong", "n2": "other"}


def test_a_university_wanted_by_every_chain_goes_where_it_is_needed_most():
    offered = [
        Supply("c1", "n1", "star", 0.9),
        Supply("c1", "n1", "second", 0.8),
        Supply("c2", "n2", "star", 0.9),
    ]

    first, second = pair(offered, PairConfig(partners=0, capacity=1)).chains

    assert (first.lead, second.lead) == ("second", "star")


def test_no_supply_at_all_is_an_empty_plan():
    assert pair([]).chains == ()


@pytest.mark.parametrize(
    ("value", "bound", "gap"), [(9, 10, 0.1), (10, 10, 0), (0, 10, 1), (0, 0, 0), (10.1, 10, 0)]
)
def test_the_gap_is_a_share_of_the_bound(value: float, bound: float, gap: float):
    assert gap_of(value=value, bound=bound) == pytest.approx(gap)


def test_no_time_at_all_is_said():
    offered = [Supply(f"c{n % 9}", f"n{n}", f"u{u}", 0.5) for n in range(90) for u in range(40)]

    with pytest.raises(NoPlanInTime, match="allow more time"):
        pair(offered, PairConfig(time_limit_s=1e-6))


def test_limits_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="capacity"):
        PairConfig(capacity=0)
