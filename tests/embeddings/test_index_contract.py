"""What every home of the vector index must do alike."""

import numpy as np
import pytest

from embeddings.index import Hit
from embeddings.index_errors import (
    CountMismatch,
    DimensionMismatch,
    DuplicateId,
    NotUnitLength,
    UnknownId,
)
from tests.embeddings.homes import HOMES, Home
from tests.embeddings.vectors import random_units, unit

EAST, NORTH, UP = np.eye(3, dtype=np.float32)
NORTH_EAST = unit([[1, 1, 0]])[0]
AXES = np.stack([EAST, NORTH, UP])


@pytest.fixture(params=HOMES, ids=lambda each: each.name)
def index_home(request) -> Home:
    return request.param


@pytest.fixture
def axes(index_home):
    index = index_home.make(3)
    index.add(["east", "north", "up"], AXES)
    return index


def found(index, query, **options) -> list[str]:
    return [hit.id for hit in index.search(np.stack([query]), **options)[0]]


def brute_force(stored, query, *, k, allowed=None):
    kept = [i for i in stored if allowed is None or i in allowed]
    scores = {i: np.float32(np.clip(stored[i].astype(np.float64) @ query, -1, 1)) for i in kept}
    return sorted(kept, key=lambda i: (-scores[i], i))[:k]


class TestVectorIndexContract:
    def test_a_new_index_is_empty_and_finds_nothing(self, index_home):
        index = index_home.make(3)

        assert (index.dim, len(index), index.ids()) == (3, 0, [])
        assert index.search(AXES, k=2) == [[], [], []]

    def test_knows_what_it_holds(self, axes):
        assert len(axes) == 3
        assert "north" in axes
        assert "west" not in axes
        assert sorted(axes.ids()) == ["east", "north", "up"]

    def test_hands_back_the_vectors_in_the_order_asked(self, axes):
        np.testing.assert_array_equal(axes.vectors(["up", "east"]), [UP, EAST])
        assert axes.vectors([]).shape == (0, 3)

    def test_what_it_hands_back_is_a_copy(self, axes):
        axes.vectors(["up"])[:] = 0

        np.testing.assert_array_equal(axes.vectors(["up"]), [UP])

    def test_what_it_was_given_is_copied(self, index_home):
        index, given = index_home.make(3), AXES.copy()
        index.add(["east", "north", "up"], given)

        given[:] = 0

        np.testing.assert_array_equal(index.vectors(["up"]), [UP])

    def test_finds_the_nearest_first_with_their_cosines(self, axes):
        query = unit([[3, 4, 0]])

        assert axes.search(query, k=2) == [
            [Hit("north", pytest.approx(0.8)), Hit("east", pytest.approx(0.6))]
        ]

    def test_answers_each_query_on_its_own(self, axes):
        assert [hits[0].id for hits in axes.search(AXES[::-1], k=1)] == ["up", "north", "east"]

    def test_no_queries_get_no_lists(self, axes):
        assert axes.search(np.empty((0, 3), np.float32), k=1) == []

    def test_returns_all_it_has_when_fewer_than_k(self, axes):
        assert found(axes, EAST, k=10) == ["east", "north", "up"]

    def test_scores_never_leave_the_range_of_a_cosine(self, index_home):
        index = index_home.make(3)
        index.add(["long", "against"], np.stack([EAST, -EAST]) * np.float32(1.0005))

        assert index.search(EAST[None], k=2) == [[Hit("long", 1.0), Hit("against", -1.0)]]

    @pytest.mark.parametrize("k", [0, -1])
    def test_refuses_a_cutoff_below_one(self, axes, k):
        with pytest.raises(ValueError, match="k must be at least 1"):
            axes.search(AXES, k=k)

    def test_ties_break_by_id_wherever_the_cutoff_falls(self, index_home):
        index = index_home.make(3)
        index.add(["d", "b", "up", "a", "c"], np.stack([EAST, EAST, UP, EAST, EAST]))

        for k in range(1, 6):
            assert found(index, NORTH_EAST, k=k) == ["a", "b", "c", "d", "up"][:k]

    def test_only_allowed_ids_come_back_and_the_list_is_still_full(self, axes):
        assert found(axes, EAST, k=2, allowed={"north", "up"}) == ["north", "up"]

    def test_a_filter_may_name_ids_twice_or_not_stored(self, axes):
        assert found(axes, EAST, k=3, allowed=["up", "nowhere", "up"]) == ["up"]
        assert found(axes, EAST, k=3, allowed=["nowhere"]) == []

    def test_an_empty_filter_lets_nothing_pass(self, axes):
        assert found(axes, EAST, k=3, allowed=[]) == []

    @pytest.mark.parametrize("write", ["add", "replace"])
    def test_an_id_given_twice_is_refused_and_nothing_is_stored(self, index_home, write):
        index = index_home.make(3)

        with pytest.raises(DuplicateId) as caught:
            getattr(index, write)(["a", "b", "a"], AXES)

        assert caught.value.ids == ("a",)
        assert len(index) == 0

    def test_adding_a_stored_id_is_refused_and_nothing_is_stored(self, axes):
        with pytest.raises(DuplicateId) as caught:
            axes.add(["west", "up"], AXES[:2])

        assert caught.value.ids == ("up",)
        assert "west" not in axes
        np.testing.assert_array_equal(axes.vectors(["up"]), [UP])

    def test_replacing_overwrites_the_known_and_adds_the_new(self, axes):
        axes.replace(["west", "up"], np.stack([-EAST, NORTH]))

        assert len(axes) == 4
        assert found(axes, -EAST, k=1) == ["west"]
        assert found(axes, NORTH, k=4) == ["north", "up", "east", "west"]
        assert found(axes, UP, k=1) == ["east"]

    def test_what_is_removed_is_not_found(self, axes):
        axes.remove(["east"])

        assert "east" not in axes
        assert found(axes, EAST, k=3) == ["north", "up"]
        np.testing.assert_array_equal(axes.vectors(["up", "north"]), [UP, NORTH])

    def test_everything_can_be_removed_and_added_again(self, axes):
        axes.remove(["up", "east", "north"])
        assert axes.search(AXES, k=1) == [[], [], []]

        axes.add(["north"], UP[None])
        assert found(axes, UP, k=3) == ["north"]

    def test_removing_nothing_changes_nothing(self, axes):
        axes.remove([])

        assert len(axes) == 3

    @pytest.mark.parametrize("ask", ["remove", "vectors"])
    def test_an_unknown_id_is_named_and_nothing_is_changed(self, axes, ask):
        with pytest.raises(UnknownId) as caught:
            getattr(axes, ask)(["up", "west"])

        assert caught.value.ids == ("west",)
        assert len(axes) == 3

    def test_removing_an_id_twice_at_once_is_refused(self, axes):
        with pytest.raises(DuplicateId):
            axes.remove(["up", "up"])

        assert "up" in axes

    @pytest.mark.parametrize("shape", [(1, 2), (1, 4), (3,), (1, 1, 3)])
    def test_vectors_of_another_shape_are_refused(self, axes, shape):
        vectors = np.ones(shape, np.float32)

        with pytest.raises(DimensionMismatch) as caught:
            axes.add(["new"], vectors)
        with pytest.raises(DimensionMismatch):
            axes.replace(["new"], vectors)
        with pytest.raises(DimensionMismatch):
            axes.search(vectors, k=1)

        assert (caught.value.expected, caught.value.shape) == (3, shape)
        assert len(axes) == 3

    @pytest.mark.parametrize(
        "bad", [[np.nan, 0, 1], [np.inf, 0, 0], [0, 0, 0], [0, 0.9, 0], [1e300, 0, 0]]
    )
    def test_rows_that_are_not_of_unit_length_are_refused(self, axes, bad):
        vectors = np.array([EAST, bad])

        with pytest.raises(NotUnitLength) as caught:
            axes.add(["fine", "bad"], vectors)
        with pytest.raises(NotUnitLength):
            axes.replace(["fine", "bad"], vectors)
        with pytest.raises(NotUnitLength):
            axes.search(vectors, k=1)

        assert caught.value.position == 1
        assert len(axes) == 3

    def test_one_vector_per_id_is_demanded(self, axes):
        with pytest.raises(CountMismatch):
            axes.add(["a", "b"], AXES)

        assert len(axes) == 3

    def test_any_string_can_be_an_id(self, index_home):
        index = index_home.make(3)
        ids = ["", "需求-1 \n\t\"'", "a" * 10_000]

        index.add(ids, AXES)

        assert found(index, EAST, k=3) == sorted(ids, key=lambda i: (i != "", i))

    def test_a_width_below_one_is_refused(self, index_home):
        with pytest.raises(ValueError, match="dim must be at least 1"):
            index_home.make(0)

    @pytest.mark.parametrize("seed", range(5))
    def test_a_long_life_of_writes_leaves_it_right(self, index_home, seed, tmp_path):
        rng = np.random.default_rng(seed)
        index, stored = index_home.make(8), {}
        queries = random_units(3, 8, seed=seed)
        # Few distinct vectors, so that ties are common.
        palette = random_units(25, 8, seed=seed + 100)

        for step in range(60):
            names = [f"d{n}" for n in rng.choice(60, size=rng.integers(1, 12), replace=False)]
            vectors = palette[rng.integers(25, size=len(names))]
            action = rng.choice(["add", "replace", "remove", "reload"], p=[0.4, 0.25, 0.25, 0.1])
            if action == "add":
                fresh = [n for n in names if n not in stored]
                index.add(fresh, vectors[: len(fresh)])
                stored |= dict(zip(fresh, vectors, strict=False))
            elif action == "replace":
                index.replace(names, vectors)
                stored |= dict(zip(names, vectors, strict=True))
            elif action == "remove":
                known = [n for n in names if n in stored]
                index.remove(known)
                stored = {n: v for n, v in stored.items() if n not in known}
            else:
                index.save(tmp_path / "index", fingerprint="f", data_version=str(step))
                index, _ = index_home.load(tmp_path / "index")

            assert sorted(index.ids()) == sorted(stored)
            allowed = {f"d{n}" for n in rng.choice(60, size=30, replace=False)}
            for query in queries:
                assert found(index, query, k=5) == brute_force(stored, query, k=5)
                assert found(index, query, k=5, allowed=allowed) == brute_force(
                    stored, query, k=5, allowed=allowed
                )
        np.testing.assert_array_equal(index.vectors(list(stored)), np.stack(list(stored.values())))

    def test_every_home_gives_the_same_list_to_the_last_bit(self, index_home):
        vectors = random_units(300, 16)
        exact, index = HOMES[0].make(16), index_home.make(16)
        for one in (exact, index):
            one.add([f"d{n}" for n in range(300)], vectors)

        assert index.search(vectors[:20], k=7) == exact.search(vectors[:20], k=7)
