"""The chain map on a chain small enough to count by hand."""

import json
from datetime import UTC, date, datetime

import pytest

from matcher.chain import IndustryChain, Position, Segment
from matcher.chain_map import chain_map
from matcher.chain_map_types import Balance, ChainMap, State
from matcher.chain_strength import StrengthConfig
from matcher.tag_types import Tag
from matcher.types import (
    Achievement,
    Need,
    Organization,
    OrganizationKind,
    Status,
    Visibility,
)

TODAY = date(2026, 5, 31)
U1 = Organization(id="u1", name="示例造船大学", kind=OrganizationKind.UNIVERSITY, county="east")
U2 = Organization(id="u2", name="示例桨帆研究院", kind=OrganizationKind.INSTITUTE)
E1 = Organization(id="e1", name="示例船厂", kind=OrganizationKind.ENTERPRISE, county="west")


def boats(*segments: str) -> IndustryChain:
    return IndustryChain(
        id="boats",
        name_zh="船艇",
        name_en="Boats",
        counties=("west",),
        segments=tuple(
            Segment(
                id=f"boats.{s}", chain="boats", position=Position.MIDSTREAM, name_zh=s, name_en=s
            )
            for s in segments
        ),
    )


def need(id_: str, **more) -> Need:
    return Need(id=id_, title=f"需求{id_}", **{"organization": "e1", **more})


def made(id_: str, by: str | None = "u1", **more) -> Achievement:
    return Achievement(id=id_, title=f"成果{id_}", organization=by, **more)


def on(*places: str | None, weight: float = 1.0, chain: str = "boats") -> list[Tag]:
    return [Tag(chain, f"{chain}.{p}" if p else None, weight, ()) for p in places]


def mapped(
    needs: dict[Need, list[Tag]],
    supply: dict[Achievement, list[Tag]],
    *,
    strong=(),
    chains: tuple[IndustryChain, ...] = (boats("hull", "sail", "oar"),),
    config: StrengthConfig | None = None,
) -> ChainMap:
    return chain_map(
        chains,
        list(needs),
        list(supply),
        [U1, U2, E1],
        need_tags={n.id: tags for n, tags in needs.items()},
        achievement_tags={a.id: tags for a, tags in supply.items()},
        strong=strong,
        level3_by="test",
        today=TODAY,
        config=config,
    )


def at(found: ChainMap, segment: str) -> Balance:
    return next(s.balance for s in found.chains[0].segments if s.name_en == segment)


def names(postings) -> list[str]:
    return [posting.id for posting in postings.named]


def test_demand_that_nothing_answers_is_a_bottleneck_even_where_there_is_supply():
    found = mapped({need("n1"): on("hull"), need("n2"): on("sail")}, {made("a1"): on("sail")})

    assert at(found, "hull").state is State.BOTTLENECK
    assert at(found, "sail").state is State.BOTTLENECK
    assert names(at(found, "sail").unanswered) == ["n2"]


def test_a_need_is_answered_by_supply_from_another_segment():
    found = mapped({need("n1"): on("hull")}, {made("a1"): on("sail")}, strong=[("n1", "a1")])

    assert at(found, "hull").state is State.SERVED
    assert at(found, "hull").matches == 1


def test_a_segment_with_some_needs_unanswered_is_short():
    needs = {need("n1"): on("hull"), need("n2"): on("hull")}

    found = mapped(needs, {made("a1"): on("hull")}, strong=[("n1", "a1")])

    assert at(found, "hull").state is State.SHORT
    assert names(at(found, "hull").unanswered) == ["n2"]


def test_supply_without_needs_is_idle_unless_it_is_wanted_elsewhere():
    supply = {made("a1"): on("sail"), made("a2"): on("sail"), made("a3"): on("oar")}

    found = mapped({need("n1"): on("hull")}, supply, strong=[("n1", "a1"), ("n1", "a3")])

    assert names(at(found, "sail").idle) == ["a2"]
    assert at(found, "sail").state is State.IDLE
    assert at(found, "oar").state is State.SERVED


def test_nothing_is_idle_where_needs_are_open():
    found = mapped({need("n1"): on("hull")}, {made("a1"): on("hull")})

    assert at(found, "hull").idle.count == 0


def test_withdrawn_postings_and_needs_past_their_deadline_do_not_count():
    needs = {
        need("n1", status=Status.WITHDRAWN): on("hull"),
        need("n2", deadline=date(2026, 5, 30)): on("hull"),
        need("n3", deadline=TODAY): on("hull"),
    }

    strong = [("n1", "a1"), ("n3", "a1")]
    found = mapped(needs, {made("a1", status=Status.DRAFT): on("hull")}, strong=strong)

    assert names(at(found, "hull").needs) == ["n3"]
    assert at(found, "hull").achievements.count == 0
    assert at(found, "hull").matches == 0
    assert names(at(found, "hull").unanswered) == ["n3"]


@pytest.mark.parametrize("visibility", [Visibility.MASKED, Visibility.BROKER])
def test_what_is_not_public_is_counted_and_leaves_no_trace(visibility: Visibility):
    secret = need("n-secret", visibility=visibility, county="hidden-county")
    quiet = made("a-quiet", "u2", visibility=visibility)

    found = mapped({secret: on("hull")}, {quiet: on("sail")})

    assert (at(found, "hull").needs.count, at(found, "hull").needs.hidden) == (1, 1)
    assert at(found, "sail").idle.count == 1
    told = json.dumps(found.as_json(), ensure_ascii=False)
    for word in ("secret", "quiet", "hidden-county", U2.name):
        assert word not in told


def test_a_posting_of_two_segments_counts_once_for_the_chain():
    found = mapped({need("n1"): on("hull", "sail", weight=0.4)}, {})

    assert found.chains[0].total.needs.count == 1
    assert found.chains[0].total.demand == pytest.approx(0.4)
    assert at(found, "hull").needs.count == at(found, "sail").needs.count == 1


def test_a_posting_without_a_segment_is_unplaced_unless_another_tag_places_it():
    needs = {need("n1"): on(None), need("n2"): on(None, "hull")}

    found = mapped(needs, {})

    assert names(found.chains[0].unplaced.needs) == ["n1"]
    assert found.chains[0].total.needs.count == 2


def test_a_tag_of_a_lost_segment_is_reviewed_and_still_counts_for_the_chain():
    found = mapped({need("n1"): on("keel")}, {made("a1"): on("keel")})

    (lost,) = found.review
    assert (lost.chain, lost.segment) == ("boats", "boats.keel")
    assert (names(lost.needs), names(lost.achievements)) == (["n1"], ["a1"])
    assert names(found.chains[0].unplaced.needs) == ["n1"]


def test_a_tag_of_a_removed_chain_is_reviewed():
    found = mapped({need("n1"): on(None, chain="kites")}, {})

    assert [(lost.chain, names(lost.needs)) for lost in found.review] == [("kites", ["n1"])]
    assert found.outside_needs == 0


def test_postings_without_tags_are_outside_all_chains():
    found = mapped({need("n1"): []}, {made("a1"): []})

    assert (found.outside_needs, found.outside_achievements) == (1, 1)
    assert found.chains[0].total.state is State.EMPTY


def test_public_needs_are_counted_by_their_county_or_their_owners():
    needs = {need("n1"): on("hull"), need("n2", county="east"): on("hull"), need("n3"): on("hull")}

    found = mapped(needs, {})

    assert at(found, "hull").counties == {"east": 1, "west": 2}


def test_a_mature_result_outweighs_many_slight_ones():
    supply = {made(f"a{i}", "u1", trl=1): on("hull") for i in range(10)}
    supply |= {made("b", "u2", trl=9): on("hull")}

    universities = at(mapped({}, supply), "hull").universities

    assert [(u.organization, u.achievements, u.best_trl) for u in universities] == [
        ("u2", 1, 9),
        ("u1", 10, 1),
    ]


def test_a_recent_result_outweighs_an_old_one():
    old = datetime(2010, 1, 1, tzinfo=UTC)
    new = datetime(2026, 1, 1, tzinfo=UTC)
    supply = {
        made("a1", "u1", trl=6, created_at=old): on("hull"),
        made("a2", "u2", trl=6, created_at=new): on("hull"),
    }

    universities = at(mapped({}, supply), "hull").universities

    assert [u.organization for u in universities] == ["u2", "u1"]
    assert universities[0].latest == new.date()


def test_strength_is_weight_by_maturity_by_recency():
    half_life_ago = datetime(2021, 5, 31, tzinfo=UTC)
    supply = {made("a1", trl=9, updated_at=half_life_ago): on("hull", weight=0.8)}

    (university,) = at(mapped({}, supply), "hull").universities

    assert university.strength == pytest.approx(0.8 * 1.0 * 0.5, abs=1e-3)


def test_an_enterprise_is_no_university():
    supply = {
        made("a1", "e1"): on("hull"),
        made("a2", None): on("hull"),
        made("a3", "?"): on("oar"),
    }

    found = mapped({}, supply)

    assert found.chains[0].total.universities == ()
    assert at(found, "hull").achievements.count == 2


def test_strength_refuses_a_half_life_of_nothing():
    with pytest.raises(ValueError, match="half_life_years"):
        StrengthConfig(half_life_years=0)


def test_a_chain_without_segments_has_its_total():
    found = mapped({need("n1"): on(None)}, {}, chains=(boats(),))

    assert found.chains[0].segments == ()
    assert found.chains[0].total.needs.count == 1


def test_nothing_at_all_makes_an_empty_map():
    found = mapped({}, {}, chains=())

    assert found.chains == found.review == ()


def test_the_map_is_plain_json_in_the_same_order_each_time():
    needs = {need("n2"): on("hull"), need("n1"): on("hull")}

    first = mapped(needs, {}).as_json()
    second = mapped(dict(reversed(needs.items())), {}).as_json()

    assert json.dumps(first) == json.dumps(second)
    assert first["today"] == "2026-05-31"
    assert first["chains"][0]["segments"][0]["balance"]["state"] == "bottleneck"
