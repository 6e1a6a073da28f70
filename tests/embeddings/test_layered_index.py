"""Vectors laid over an index are found as if they had been put into it."""

import numpy as np
import pytest

from embeddings.exact_index import ExactIndex
from embeddings.faiss_index import FaissIndex
from embeddings.index_errors import DuplicateId, UnknownId
from embeddings.layered_index import LayeredIndex
from tests.embeddings.vectors import random_units

DIM = 24
IDS = [f"v{i:03}" for i in range(200)]
NEW = ["n0", "v007", "v199", "v050"]
GONE = ["v001", "v100", "never there"]


@pytest.fixture(params=[ExactIndex, FaissIndex])
def both(request):
    """A layered index, and a plain one that went through the same changes."""
    vectors, newer = random_units(200, DIM), random_units(len(NEW), DIM, seed=1)
    base, plain = request.param(DIM), request.param(DIM)
    for index in (base, plain):
        index.add(IDS, vectors)
    layered = LayeredIndex(base).with_changes(["n1", "v007"], random_units(2, DIM, seed=2))
    plain.replace(["n1", "v007"], random_units(2, DIM, seed=2))
    layered = layered.with_changes(NEW, newer, ["n1", *GONE])
    plain.replace(NEW, newer)
    plain.remove(["n1", *GONE[:2]])
    return layered, plain


def test_it_holds_what_a_plain_index_would(both):
    layered, plain = both

    assert len(layered) == len(plain)
    assert sorted(layered.ids()) == sorted(plain.ids())
    assert [i in layered for i in (*NEW, *GONE, "n1", "v000")] == [
        i in plain for i in (*NEW, *GONE, "n1", "v000")
    ]
    ids = sorted(plain.ids())
    assert (layered.vectors(ids) == plain.vectors(ids)).all()


@pytest.mark.parametrize("k", [1, 7, 500])
@pytest.mark.parametrize("allowed", [None, frozenset([*NEW, *GONE, *IDS[:60]]), frozenset()])
def test_it_finds_what_a_plain_index_would(both, k, allowed):
    layered, plain = both
    queries = np.concatenate([random_units(5, DIM, seed=3), plain.vectors(NEW)])

    found = layered.search(queries, k=k, allowed=allowed)

    assert found == plain.search(queries, k=k, allowed=allowed)


def test_a_changed_filter_is_looked_up_anew(both):
    layered, plain = both
    query = random_units(1, DIM, seed=4)

    for allowed in (frozenset(IDS[:9]), frozenset(IDS[9:20]), {"v003"}, {"v004"}):
        assert layered.search(query, k=3, allowed=allowed) == plain.search(
            query, k=3, allowed=allowed
        )


def test_the_index_before_a_change_stays_as_it_was(both):
    layered, _ = both
    query = random_units(1, DIM, seed=5)
    before = layered.search(query, k=300)

    layered.with_changes(["v000", "n9"], random_units(2, DIM, seed=6), IDS[20:40])

    assert layered.search(query, k=300) == before


def test_ids_covered_up_or_never_stored_are_unknown(both):
    layered, _ = both

    for missing in ("v001", "n1", "never there"):
        with pytest.raises(UnknownId):
            layered.vectors(["v000", missing])


def test_an_id_given_twice_is_refused(both):
    with pytest.raises(DuplicateId):
        both[0].with_changes(["a", "a"], random_units(2, DIM))
