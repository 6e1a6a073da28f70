"""What the graph tells a ranking, for stored postings, for free text, and in both directions."""

import numpy as np

from matcher.graph.build import city_graph
from matcher.graph.relations import GraphRelations
from matcher.graph.schema import Cooperation
from matcher.graph.update import put
from matcher.signals import SIGNALS, Group
from matcher.text import document_of, query_from_text, query_of
from matcher.types import Document
from tests.matcher.graph_builders import (
    COUNTIES,
    achievement,
    enterprise,
    make_chains,
    need,
    tag,
    university,
)

ALL = {signal.name for signal in SIGNALS if signal.group is Group.CHAINS}
HULL_NEED = need("hull", organization="yard", county="harbour")
SUPPLY = [
    achievement("hull", organization="partner", trl=8),
    achievement("steel", organization="stranger", trl=5),
    achievement("silk", organization="stranger", trl=5),
    achievement("loose"),
]


def city(**more):
    return city_graph(
        make_chains(),
        COUNTIES,
        organizations=[
            university("partner"),
            university("stranger"),
            enterprise("yard", county="harbour"),
        ],
        needs=[HULL_NEED, need("plain")],
        achievements=SUPPLY,
        tags={
            "need:hull": [tag("boats.hull", 0.9)],
            "achievement:hull": [tag("boats.hull", 0.8)],
            "achievement:steel": [tag("boats.steel", 0.8)],
            "achievement:silk": [tag("kites.silk", 0.8)],
        },
        cooperations=[Cooperation(enterprise="yard", university="partner")],
        **more,
    )


def told(query, documents=None, graph=None, **more):
    relations = GraphRelations(city() if graph is None else graph, **more)
    return relations.of(query, [document_of(a) for a in SUPPLY] if documents is None else documents)


def test_every_signal_of_the_chains_is_told_within_its_range():
    values = told(query_of(HULL_NEED))

    assert values.keys() == ALL
    for column in values.values():
        assert column.shape == (4,)
        known = column[np.isfinite(column)]
        assert np.all((known >= 0) & (known <= 1))


def test_the_nearer_segment_and_the_partner_come_first():
    values = told(query_of(HULL_NEED))

    np.testing.assert_allclose(values["segment_proximity"][:3], [0.8, 0.5 * 0.8, 0.0])
    hull, steel, silk, _ = values["chain_affinity"]
    assert hull > steel > silk
    assert values["organization_strength"][:3].tolist() == [0.9, 0.0, 0.0]
    partner, stranger, *_ = values["walk"]
    assert partner > 0.5 > stranger


def test_what_the_graph_does_not_hold_is_unknown():
    new = [Document(id="new", title="新成果"), document_of(SUPPLY[3])]

    values = told(query_of(HULL_NEED), new)

    assert all(np.isnan(column[0]) for column in values.values())
    # one without chain and owner is known to be out of reach
    assert values["chain_affinity"][1] == 0
    assert np.isnan(values["walk"][1])


def test_nothing_is_known_of_a_need_of_no_chain_and_nobody():
    values = told(query_of(need("plain")))

    assert all(np.isnan(column).all() for column in values.values())


def test_a_county_alone_tells_nothing_but_partners_do():
    graph = city()
    put(graph, need("neighbour", county="harbour"))
    put(graph, need("again", organization="yard"))

    nobody = told(query_of(need("neighbour")), graph=graph)
    again = told(query_of(need("again")), graph=graph)

    assert np.isnan(nobody["walk"]).all()
    assert again["walk"][0] > again["walk"][1]
    assert np.isnan(again["chain_affinity"]).all()


def test_free_text_enters_by_the_tags_of_its_words():
    asked = []

    def tags(query):
        asked.append(query.title)
        return [tag("boats.hull", 0.9)]

    by_text = told(query_from_text("船体焊接变形"), tags_of_query=tags)

    by_need = told(query_of(HULL_NEED))
    assert asked == ["船体焊接变形"]
    for name in ("segment_proximity", "organization_strength"):
        np.testing.assert_allclose(by_text[name], by_need[name])
    assert all(np.isnan(c).all() for c in told(query_from_text("船体焊接变形")).values())


def test_text_that_bears_the_id_of_a_need_is_still_text():
    text = query_from_text("船体")
    graph = city()
    put(graph, need(text.id), tags=[tag("boats.hull")])

    assert all(np.isnan(column).all() for column in told(text, graph=graph).values())


def test_a_need_that_is_not_stored_is_known_like_one_that_is():
    late = need("late", organization="yard", county="harbour", chains=("boats",))
    graph = city()

    before = told(query_of(late), graph=graph)
    put(graph, late)
    after = told(query_of(late), graph=graph)

    np.testing.assert_allclose(before["segment_proximity"][:3], [0.25 * 0.8, 0.25 * 0.8, 0.0])
    for name, column in before.items():
        np.testing.assert_allclose(column, after[name], rtol=1e-5)


def test_tags_of_chains_that_are_gone_tell_nothing():
    values = told(query_from_text("船"), tags_of_query=lambda query: [tag("gone.place")])

    assert all(np.isnan(column).all() for column in values.values())


def test_an_achievement_asks_for_needs_by_the_same_signals():
    values = told(query_of(SUPPLY[0]), [document_of(HULL_NEED), document_of(need("plain"))])

    assert values["segment_proximity"][0] == 0.8
    assert values["organization_strength"][0] == 0.9
    assert values["walk"][0] > 0.5
    assert np.isnan(values["segment_proximity"][1])


def test_an_empty_graph_and_an_empty_pool_are_no_error():
    assert all(c.shape == (0,) for c in told(query_of(HULL_NEED), []).values())

    values = told(query_of(HULL_NEED), graph=city_graph())

    assert all(np.isnan(column).all() for column in values.values())


def test_a_document_that_the_graph_does_not_hold_yet_enters_by_its_tags():
    late = document_of(achievement("late", organization="partner", trl=8))
    asked = []

    def tags_of(postings):
        asked.extend(posting.id for posting in postings)
        return {posting.id: [tag("boats.hull", 0.8)] for posting in postings}

    documents = [document_of(SUPPLY[0]), late]
    values = told(query_of(HULL_NEED), documents, tags_of_late=tags_of)

    assert asked == ["late"]
    for name in ("segment_proximity", "organization_strength", "walk"):
        assert values[name][0] == values[name][1]
    assert np.isnan(values["chain_affinity"][1])


def test_a_late_document_of_no_tags_stays_unknown():
    late = document_of(achievement("late", organization="partner"))

    values = told(query_of(HULL_NEED), [late], tags_of_late=lambda postings: {})

    assert np.isnan(values["segment_proximity"]).all()
