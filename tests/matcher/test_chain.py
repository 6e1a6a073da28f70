import subprocess
import sys

import pytest

from matcher.chain import chain_graph, feeds, neighbours
from tests.matcher.graph_builders import HARBOUR, make_chain


def test_each_segment_feeds_every_segment_of_the_next_position():
    chain = make_chain(upstream=["steel", "paint"], midstream=["hull"], downstream=["ferry"])

    graph = chain_graph([chain], [])

    fed = {(a, b) for a, b, key in graph.edges(keys=True) if key == "feeds"}
    assert fed == {
        ("segment:boats.steel", "segment:boats.hull"),
        ("segment:boats.paint", "segment:boats.hull"),
        ("segment:boats.hull", "segment:boats.ferry"),
    }


def test_a_chain_without_midstream_feeds_its_downstream_directly():
    graph = chain_graph([make_chain(upstream=["steel"], downstream=["ferry"])], [])

    assert feeds(graph, "boats.steel", "boats.ferry")


def test_feeding_has_a_direction_and_stays_within_the_chain():
    boats = make_chain("boats", upstream=["steel"], midstream=["hull"])
    kites = make_chain("kites", upstream=["silk"], midstream=["frame"])

    graph = chain_graph([boats, kites], [])

    assert feeds(graph, "boats.steel", "boats.hull")
    assert not feeds(graph, "boats.hull", "boats.steel")
    assert not feeds(graph, "boats.steel", "kites.frame")
    assert not feeds(graph, "boats.steel", "boats.unknown")


def test_nodes_and_edges_follow_the_documented_schema():
    chain = make_chain(upstream=["steel"], midstream=["hull"], counties=["harbour"])

    graph = chain_graph([chain], [HARBOUR])

    assert dict(graph.nodes(data=True)) == {
        "county:harbour": {
            "kind": "county",
            "id": "harbour",
            "name_zh": "港区",
            "name_en": "Harbour District",
        },
        "chain:boats": {"kind": "chain", "id": "boats", "name_zh": "链boats", "name_en": "boats"},
        "segment:boats.steel": {
            "kind": "segment",
            "id": "boats.steel",
            "name_zh": "环节steel",
            "name_en": "steel",
            "position": "upstream",
        },
        "segment:boats.hull": {
            "kind": "segment",
            "id": "boats.hull",
            "name_zh": "环节hull",
            "name_en": "hull",
            "position": "midstream",
        },
    }
    assert sorted(graph.edges(keys=True, data="weight")) == [
        ("county:harbour", "chain:boats", "strong_in", 1.0),
        ("segment:boats.hull", "chain:boats", "member_of", 1.0),
        ("segment:boats.steel", "chain:boats", "member_of", 1.0),
        ("segment:boats.steel", "segment:boats.hull", "feeds", 1.0),
    ]


def test_neighbours_are_found_from_either_end_of_an_edge():
    chain = make_chain(upstream=["steel"], midstream=["hull", "engine"], counties=["harbour"])

    graph = chain_graph([chain], [HARBOUR])

    assert neighbours(graph, "county:harbour", relation="strong_in") == ["chain:boats"]
    assert neighbours(graph, "chain:boats", relation="strong_in") == ["county:harbour"]
    assert neighbours(graph, "segment:boats.steel", relation="feeds") == [
        "segment:boats.engine",
        "segment:boats.hull",
    ]
    assert neighbours(graph, "chain:unknown", relation="member_of") == []


def test_a_chain_in_a_county_that_is_not_given_is_refused():
    with pytest.raises(ValueError, match=r"'boats' names county 'harbour'"):
        chain_graph([make_chain(counties=["harbour"])], [])


def test_no_chains_make_an_empty_graph():
    assert len(chain_graph([], [])) == 0


def test_the_matcher_loads_no_heavy_library():
    code = (
        "import sys, matcher, matcher.chain\n"
        "heavy = {'torch', 'faiss', 'sqlalchemy', 'fastapi', 'pandas', 'sklearn'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
