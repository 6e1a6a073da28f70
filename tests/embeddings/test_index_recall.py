"""What the approximate homes find of what the exact one finds, and when they are exact."""

import json

import numpy as np
import pytest

from embeddings.exact_index import ExactIndex
from embeddings.faiss_index import FaissIndex, FaissKind
from embeddings.faiss_structures import FaissSettings
from embeddings.index_errors import IndexBroken
from tests.embeddings.homes import STRUCTURE_ALWAYS
from tests.embeddings.vectors import clustered_units

COUNT, DIM = 4_000, 48
IDS = [f"d{n}" for n in range(COUNT)]
VECTORS = clustered_units(COUNT, DIM, seed=1)
QUERIES = clustered_units(60, DIM, seed=2)


@pytest.fixture(scope="module")
def exact() -> ExactIndex:
    index = ExactIndex(DIM)
    index.add(IDS, VECTORS)
    return index


@pytest.fixture(scope="module", params=[FaissKind.IVF, FaissKind.HNSW])
def approximate(request) -> FaissIndex:
    index = FaissIndex(DIM, kind=request.param, settings=STRUCTURE_ALWAYS)
    index.add(IDS, VECTORS)
    return index


def recall(index, exact, *, queries=QUERIES, allowed=None) -> float:
    lists = zip(
        index.search(queries, k=10, allowed=allowed),
        exact.search(queries, k=10, allowed=allowed),
        strict=True,
    )
    shares = [len({h.id for h in got} & {h.id for h in best}) / len(best) for got, best in lists]
    return float(np.mean(shares))


def some_ids(share: float) -> set[str]:
    return set(np.random.default_rng(3).choice(IDS, int(share * COUNT), replace=False).tolist())


def test_nearly_all_of_the_nearest_are_found(approximate, exact):
    assert recall(approximate, exact) >= 0.97


@pytest.mark.parametrize("share", [0.8, 0.4, 0.15])
def test_a_filter_costs_no_recall(approximate, exact, share):
    assert recall(approximate, exact, allowed=some_ids(share)) >= 0.97


def test_a_filter_that_leaves_only_what_is_far_from_the_query_costs_no_recall(approximate, exact):
    for query in QUERIES[:5]:
        far = {IDS[n] for n in np.argsort(VECTORS @ query)[: COUNT // 2]}

        assert recall(approximate, exact, queries=query[None], allowed=far) >= 0.97


@pytest.mark.parametrize("share", [0.1, 0.01])
def test_few_allowed_ids_are_searched_exactly(approximate, exact, share):
    allowed = some_ids(share)

    found = approximate.search(QUERIES, k=10, allowed=allowed)

    assert found == exact.search(QUERIES, k=10, allowed=allowed)


def test_scores_are_those_of_the_stored_vectors(approximate):
    for query, hits in zip(QUERIES, approximate.search(QUERIES, k=5), strict=True):
        cosines = approximate.vectors([hit.id for hit in hits]) @ query
        np.testing.assert_allclose([hit.score for hit in hits], cosines, atol=1e-6)


@pytest.mark.parametrize("kind", [FaissKind.IVF, FaissKind.HNSW])
def test_recall_survives_saving_growth_and_heavy_removal(kind, exact, tmp_path):
    index = FaissIndex(DIM, kind=kind, settings=STRUCTURE_ALWAYS)
    index.add(IDS[:400], VECTORS[:400])
    index.save(tmp_path, fingerprint="f", data_version="v")
    index, _ = FaissIndex.load(tmp_path, settings=STRUCTURE_ALWAYS)
    for start in range(400, COUNT, 900):
        index.add(IDS[start : start + 900], VECTORS[start : start + 900])
    assert recall(index, exact) >= 0.97

    index.remove(IDS[::2])
    assert recall(index, exact, allowed=None) < 1
    half = ExactIndex(DIM)
    half.add(IDS[1::2], VECTORS[1::2])
    assert recall(index, half) >= 0.97


def test_a_flat_index_settles_more_ties_than_it_asks_for_by_id():
    count, k = 200, 3
    index = FaissIndex(DIM, kind=FaissKind.FLAT)
    ids = [f"d{n:03}" for n in range(count)]
    index.add(ids[::-1], np.repeat(VECTORS[:1], count, axis=0))

    [hits] = index.search(VECTORS[:1], k=k)

    assert [hit.id for hit in hits] == ids[:k]


def test_inverted_lists_are_fitted_anew_once_there_are_four_times_as_many_vectors(tmp_path):
    index = FaissIndex(DIM, kind=FaissKind.IVF)
    index.add(IDS[:100], VECTORS[:100])
    fitted_to = []
    for start, end in [(100, 400), (400, 401), (401, 1_604)]:
        index.add(IDS[start:end], VECTORS[start:end])
        index.save(tmp_path, fingerprint="f", data_version="v")
        manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
        fitted_to.append(manifest["home"]["trained_on"])
        index, _ = FaissIndex.load(tmp_path)

    assert fitted_to == [100, 401, 401]


def test_an_index_that_chooses_its_kind_goes_by_its_size():
    index = FaissIndex(DIM, settings=FaissSettings(flat_below=1_000))
    kinds = []
    for action, ids in [
        (index.add, IDS[:999]),
        (index.add, IDS[999:1_000]),
        (index.remove, IDS[:500]),
        (index.remove, IDS[500:501]),
        (index.add, IDS[:500]),
    ]:
        numbers = [int(i[1:]) for i in ids]
        action(ids, VECTORS[numbers]) if action == index.add else action(ids)
        kinds.append(index.kind)

    assert kinds == ["flat", "ivf", "ivf", "flat", "flat"]


def test_a_chosen_kind_outlives_saving(tmp_path):
    index = FaissIndex(DIM, kind=FaissKind.HNSW)
    index.add(IDS[:50], VECTORS[:50])
    index.save(tmp_path, fingerprint="f", data_version="v")

    loaded, _ = FaissIndex.load(tmp_path)
    loaded.remove(IDS[:50])
    loaded.add(IDS[50:60], VECTORS[50:60])

    assert loaded.kind == "hnsw"


def test_a_structure_that_does_not_fit_the_vectors_is_refused(tmp_path):
    for name, count in (("small", 10), ("large", 20)):
        index = FaissIndex(DIM, kind=FaissKind.IVF)
        index.add(IDS[:count], VECTORS[:count])
        index.save(tmp_path / name, fingerprint="f", data_version="v")
    [small], [large] = (list((tmp_path / n).glob("generation-*")) for n in ("small", "large"))
    for name in ("ids.json", "vectors.npy"):
        (large / name).write_bytes((small / name).read_bytes())
    manifest = json.loads((tmp_path / "large" / "manifest.json").read_text())
    taken = json.loads((tmp_path / "small" / "manifest.json").read_text())
    manifest["files"] |= {name: taken["files"][name] for name in ("ids.json", "vectors.npy")}
    (tmp_path / "large" / "manifest.json").write_text(json.dumps(manifest | {"count": 10}))

    with pytest.raises(IndexBroken, match="20 vectors in the structure"):
        FaissIndex.load(tmp_path / "large")
