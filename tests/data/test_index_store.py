from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.index_store import IndexStore
from data.repositories import AchievementRepository
from data.session import session_scope
from embeddings.hashing_encoder import HashingEncoder
from matcher.types import Achievement

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
