import json

import numpy as np
import pytest

from embeddings.adapter import Adapter, load_adapter
from embeddings.adapter_training import train_adapter
from embeddings.index_errors import IndexBroken
from tests.embeddings.vectors import unit

DIM = 24
MEANING = 6


def make_pairs(topics: int, *, seed: int = 0):
    """Two documents per topic, which share the first few directions and nothing else."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.standard_normal((topics, MEANING)), 2, axis=0)
    noise = rng.standard_normal((2 * topics, DIM - MEANING))
    rows = np.arange(2 * topics).reshape(topics, 2)
    return unit(np.hstack([shared, noise])), rows


def same_document(left, right):
    return left[:, None] == right


def partners_found(vectors, pairs) -> float:
    """Share of documents whose partner is the nearest of all partners."""
    cosines = vectors[pairs[:, 0]] @ vectors[pairs[:, 1]].T
    return float((cosines.argmax(axis=1) == np.arange(len(pairs))).mean())


def test_what_pairs_share_counts_more_on_documents_it_never_saw():
    vectors, pairs = make_pairs(400)
    unseen, unseen_pairs = make_pairs(60, seed=1)

    adapter = Adapter(train_adapter(vectors, pairs, same_document), fitted_on=len(vectors))

    before = partners_found(unseen, unseen_pairs)
    assert partners_found(adapter.adapted(unseen), unseen_pairs) > before + 0.15


def test_a_pair_that_must_not_be_a_wrong_answer_is_not_pushed_apart():
    vectors, pairs = make_pairs(40)

    def all_alike(left, right):
        return np.ones((len(left), len(right)), dtype=bool)

    matrix = train_adapter(vectors, pairs, all_alike)

    # nothing is left to tell apart, so there is nothing to learn but the decay
    off = matrix - np.diag(np.diag(matrix))
    assert np.abs(off).max() < 1e-3


def test_adapted_vectors_have_unit_length():
    adapter = Adapter(np.diag([3.0, 1.0, 0.5]).astype(np.float32), fitted_on=1)

    adapted = adapter.adapted(unit([[1, 1, 1], [0, 0, 2]]))

    assert np.linalg.norm(adapted, axis=1) == pytest.approx([1.0, 1.0])
    assert adapted[0] / adapted[0, 2] == pytest.approx([6.0, 2.0, 1.0], rel=1e-6)


def test_a_saved_adapter_comes_back_with_its_encoder_and_its_corpus(tmp_path):
    adapter = Adapter(np.eye(4, dtype=np.float32) * 2, fitted_on=700)

    adapter.save(tmp_path / "adapter", fingerprint="encoder-1")
    loaded, fingerprint = load_adapter(tmp_path / "adapter")

    assert (loaded.matrix == adapter.matrix).all()
    assert (loaded.fitted_on, fingerprint) == (700, "encoder-1")


def test_a_damaged_adapter_is_refused(tmp_path):
    folder = tmp_path / "adapter"
    Adapter(np.eye(4, dtype=np.float32), fitted_on=700).save(folder, fingerprint="e")
    generation = json.loads((folder / "manifest.json").read_text())["generation"]
    (folder / generation / "matrix.npy").write_bytes(b"half a file")

    with pytest.raises(IndexBroken):
        load_adapter(folder)


def test_no_adapter_is_refused_likewise(tmp_path):
    with pytest.raises(IndexBroken):
        load_adapter(tmp_path)
