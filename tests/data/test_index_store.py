from pathlib import Path

import pytest
from sqlalchemy import Engine, delete

from data.index_store import IndexStore
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tables import MetaRow
from embeddings.hashing_encoder import HashingEncoder
from matcher.types import Achievement, Need
from tests.builders import make_query

WORK = ("寿命预测", "在线检测", "低温制备", "轻量化设计", "故障诊断", "绿色回收", "精密加工")
THINGS = ("轴承", "电机", "染料", "电池", "涂层", "齿轮", "刀具", "传感器", "阀门", "薄膜")


def make_achievements(first: int, last: int) -> list[Achievement]:
    def title(i: int) -> str:
        return f"{THINGS[i % 10]}{WORK[i // 10 % 7]}方法第{i // 70}种"

    return [Achievement(id=f"a{i:04}", title=title(i)) for i in range(first, last)]


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """One kind of database will do: what is tested here are files."""
    return sqlite_engine


@pytest.fixture(autouse=True)
def little_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embeddings.adapter_training.STEPS", 3)


@pytest.fixture
def messages() -> list[str]:
    return []


@pytest.fixture
def store(engine, tmp_path: Path, messages: list[str]) -> IndexStore:
    return IndexStore(
        tmp_path / "index",
        AchievementRepository,
        engine=engine,
        encoder=HashingEncoder(dim=32),
        notify=messages.append,
    )


def keep(engine, achievements) -> None:
    with session_scope(engine) as session:
        AchievementRepository(session).upsert_many(achievements)


def test_a_corpus_that_grows_large_enough_gets_an_adapter_and_says_so(engine, store, messages):
    keep(engine, make_achievements(0, 499))
    small = store.open()
    keep(engine, make_achievements(499, 500))

    large = store.open()

    assert small.adapter is None
    assert large.adapter is not None
    assert large.adapter.fitted_on == 500
    assert "adapting meaning" in messages[-1]


def test_a_saved_adapter_is_used_again_until_the_corpus_has_doubled(engine, store, messages):
    keep(engine, make_achievements(0, 500))
    first = store.open().adapter
    keep(engine, make_achievements(500, 999))

    grown = store.open().adapter
    keep(engine, make_achievements(999, 1000))
    doubled = store.open().adapter

    assert first is not None
    assert grown is not None
    assert (grown.matrix == first.matrix).all()
    assert doubled is not None
    assert doubled.fitted_on == 1000


def test_an_index_from_before_there_were_adapters_gets_one(engine, store, tmp_path):
    keep(engine, make_achievements(0, 500))
    store.open()
    (tmp_path / "index" / "adapter" / "manifest.json").unlink()

    again = store.open()

    assert again.adapter is not None
    assert len(again.vectors) == 500


def test_an_adapter_of_another_encoder_is_learnt_anew(engine, store, tmp_path):
    keep(engine, make_achievements(0, 500))
    store.open()
    other = IndexStore(
        tmp_path / "index", AchievementRepository, engine=engine, encoder=HashingEncoder(dim=48)
    )

    adapter = other.open().adapter

    assert adapter is not None
    assert adapter.matrix.shape == (48, 48)


@pytest.fixture
def large(engine, store, monkeypatch: pytest.MonkeyPatch) -> IndexStore:
    """A store of 100 documents that takes them for many, of which five may be laid over."""
    monkeypatch.setattr("data.index_store.SMALL", 50)
    monkeypatch.setattr("data.index_store.MOST_LAID_OVER", 0.05)
    keep(engine, make_achievements(0, 100))
    store.open()
    return store


def best(index, title: str) -> str:
    return next(iter(index.lexical.retrieve(make_query(title), k=1)))


def test_few_changes_of_a_large_corpus_are_laid_over_and_write_nothing(
    engine, large, tmp_path, messages
):
    before = large.saved()
    written = sorted((tmp_path / "index").rglob("generation-*"))
    keep(engine, [Achievement(id="a0001", title="超临界发泡"), Achievement(id="x", title="竹纤维")])

    index = large.followed(before)

    assert index is not None
    assert (best(index, "超临界发泡"), best(index, "竹纤维")) == ("a0001", "x")
    assert len(index.vectors) == len(index.lexical) == 101
    assert index.data_version > before.data_version
    assert index.written == before.written
    assert sorted((tmp_path / "index").rglob("generation-*")) == written
    assert len(before.lexical) == 100
    assert not messages


def test_what_was_laid_over_is_found_by_the_next_process_too(engine, large):
    keep(engine, [Achievement(id="x", title="竹纤维")])
    large.followed(large.saved())

    assert best(large.open(), "竹纤维") == "x"


def test_many_changes_of_a_large_corpus_are_written(engine, large, messages):
    before = large.saved()
    keep(engine, make_achievements(200, 206))

    assert large.followed(before) is None
    index = large.open()

    assert index.lexical.changes == index.vectors.changes == 0
    assert index.written == index.stamp
    assert len(index.lexical) == len(index.vectors) == 106
    assert "bringing the index up" in messages[-1]


def test_changes_add_up_until_they_are_written(engine, large):
    index = large.saved()
    for number in range(5):
        keep(engine, make_achievements(200 + number, 201 + number))
        index = large.followed(index)
        assert index is not None
    keep(engine, make_achievements(300, 301))

    assert large.followed(index) is None


def test_removed_postings_are_covered_up(engine, large):
    with session_scope(engine) as session:
        AchievementRepository(session).remove_many(["a0003"])

    index = large.followed(large.saved())

    assert "a0003" not in index.vectors
    assert "a0003" not in index.lexical.retrieve(make_query("轴承"), k=200)


def test_changes_elsewhere_cost_an_index_nothing_but_its_version(engine, large):
    before = large.saved()
    with session_scope(engine) as session:
        NeedRepository(session).upsert_many([Need(id="n", title="轴承异响")])

    index = large.followed(before)

    assert index.data_version > before.data_version
    assert (index.lexical, index.vectors) == (before.lexical, before.vectors)


def test_an_index_of_a_past_that_was_undone_is_not_followed(engine, large):
    before = large.saved()
    with session_scope(engine) as session:
        session.execute(delete(MetaRow).where(MetaRow.key == f"token:{before.data_version}"))

    assert large.followed(before) is None
