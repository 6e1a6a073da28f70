import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from matcher.walk import Walk


def random_weights(seed, *, nodes=12, rest=6, dangling=2):
    """Weights without an edge among the first ``rest`` nodes, and some rows of zeros."""
    random = np.random.default_rng(seed)
    weights = random.random((nodes, nodes)) * (random.random((nodes, nodes)) < 0.4)
    weights[:rest, :rest] = 0
    weights[random.choice(nodes, dangling, replace=False)] = 0
    return weights, np.arange(nodes) >= rest


def pagerank(weights, start, *, restart):
    graph = nx.from_numpy_array(weights, create_using=nx.DiGraph)
    ranks = nx.pagerank(graph, alpha=1 - restart, personalization=start, tol=1e-12, max_iter=1000)
    return np.array([ranks[i] for i in range(len(weights))])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), restart=st.floats(0.05, 0.9), dangling=st.integers(0, 12))
def test_scores_equal_personalised_pagerank_from_every_node(seed, restart, dangling):
    weights, hubs = random_weights(seed, dangling=dangling)

    scores = Walk(sparse.csr_array(weights), hubs, restart=restart).from_nodes(
        sparse.csr_array(np.eye(12))
    )

    for start in (0, 3, 7, 11):
        expected = pagerank(weights, {start: 1}, restart=restart)
        np.testing.assert_allclose(scores[start], expected, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), dangling=st.integers(0, 5))
def test_a_start_outside_the_graph_gets_what_the_graph_with_it_would_give(seed, dangling):
    weights, hubs = random_weights(seed, dangling=dangling)
    links = np.random.default_rng(seed + 1).random((2, 12)) * [[1], [0.1]]

    scores = Walk(sparse.csr_array(weights), hubs, restart=0.2).from_outside(
        sparse.csr_array(links)
    )

    both = np.zeros((14, 14))
    both[:12, :12] = weights
    both[12:, :12] = links
    for row in range(2):
        expected = pagerank(both, {12 + row: 1}, restart=0.2)
        np.testing.assert_allclose(scores[row], expected[:12], atol=1e-6)


def test_only_the_targets_are_scored_and_in_their_order():
    weights, hubs = random_weights(3)
    walk = Walk(sparse.csr_array(weights), hubs, restart=0.3)
    starts = sparse.csr_array(np.eye(12)[[1, 8]])

    some = walk.from_nodes(starts, np.array([9, 1, 0]))

    np.testing.assert_array_equal(some, walk.from_nodes(starts)[:, [9, 1, 0]])
    assert some.dtype == np.float32


def test_a_start_is_a_mixture_of_nodes_whatever_it_sums_to():
    weights, hubs = random_weights(5, dangling=0)
    walk = Walk(sparse.csr_array(weights), hubs, restart=0.3)
    start = np.zeros((1, 12))
    start[0, [2, 7]] = [3, 9]

    mixed = walk.from_nodes(sparse.csr_array(start))[0]

    np.testing.assert_allclose(mixed, pagerank(weights, {2: 0.25, 7: 0.75}, restart=0.3), atol=1e-6)


def test_a_walk_that_starts_nowhere_knows_nothing():
    weights, hubs = random_weights(5)
    walk = Walk(sparse.csr_array(weights), hubs, restart=0.3)
    nowhere = sparse.csr_array((1, 12))

    assert np.isnan(walk.from_nodes(nowhere)).all()
    assert np.isnan(walk.from_outside(nowhere)).all()


def test_an_empty_graph_gives_empty_scores():
    walk = Walk(sparse.csr_array((0, 0)), np.zeros(0, bool), restart=0.3)

    assert walk.from_outside(sparse.csr_array((2, 0))).shape == (2, 0)


def test_edges_between_two_nodes_that_are_no_hubs_are_refused():
    weights = sparse.csr_array(np.ones((2, 2)))

    with pytest.raises(ValueError, match="neither is a hub"):
        Walk(weights, np.array([False, False]), restart=0.3)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_weights_that_no_walk_can_follow_are_refused(bad):
    weights = sparse.csr_array(np.array([[0.0, bad], [1.0, 0.0]]))

    with pytest.raises(ValueError, match="finite and not negative"):
        Walk(weights, np.array([True, True]), restart=0.3)


@pytest.mark.parametrize("restart", [0.0, 1.0, -0.1])
def test_a_walk_must_sometimes_return_and_sometimes_go_on(restart):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Walk(sparse.csr_array((1, 1)), np.array([True]), restart=restart)
