"""What people say of chains teaches the tagger, when it pays and not otherwise."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from api.graph.tag_lessons import TagLessons
from api.graph.tags import CityTags
from data.chains import ChainRepository
from data.index_store import Freshness
from data.migrate import upgrade
from data.repositories import AchievementRepository, NeedRepository
from data.session import make_engine, session_scope
from data.tag_lessons import load_lesson
from data.tags import TagRepository
from embeddings.hashing_encoder import HashingEncoder
from matcher.chain import IndustryChain, OutsideField
from matcher.graph.schema import NodeKind
from matcher.tag_types import Tag
from matcher.text import query_from_text
from matcher.types import Achievement, Need

START = datetime(2026, 3, 4, tzinfo=UTC)
BOATS = IndustryChain(id="boats", name_zh="船艇", name_en="boats")
KITES = IndustryChain(id="kites", name_zh="风筝", name_en="kites")
ON_BOATS = "桅杆绳索"
"""A word of the boats' that their definition does not know."""
ON_NONE = "面包发酵"


def texts(word: str, n: int, *, seed: int = 0) -> list[str]:
    """Titles that share a word and nothing else, so that they are no near-copies."""
    random = Random(f"{word}{seed}")
    return [
        word + "".join(chr(random.randrange(0x4E00, 0x9000)) for _ in range(8)) for _ in range(n)
    ]


@pytest.fixture(autouse=True)
def few_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """To encode the terms of all packaged fields would take most of the time."""
    food = OutsideField(id="food", name_zh="食品", name_en="food", terms=("面包", "酵母"))
    monkeypatch.setattr("data.reference.outside_fields", lambda: (food,))


@pytest.fixture
def engine(tmp_path: Path):
    engine = make_engine(f"sqlite:///{tmp_path / 'y.db'}")
    upgrade(engine)
    with session_scope(engine) as session:
        ChainRepository(session).replace_all([BOATS, KITES])
    yield engine
    engine.dispose()


@pytest.fixture
def remarks() -> list[str]:
    return []


@pytest.fixture
def city(engine: Engine, tmp_path: Path, remarks: list[str]):
    """Makes the tags as a new process would find them."""

    def make() -> CityTags:
        lessons = TagLessons(engine, tmp_path / "tagger", notify=remarks.append)
        return CityTags(engine, engine, encoder=HashingEncoder, lessons=lessons)

    return make


def tell(
    engine: Engine,
    said: dict[str, str | None],
    *,
    kind: NodeKind = NodeKind.NEED,
    start: int = 0,
) -> None:
    """Store needs with these titles, and one statement on each, a minute apart."""
    make, repository = {
        NodeKind.NEED: (Need, NeedRepository),
        NodeKind.ACHIEVEMENT: (Achievement, AchievementRepository),
    }[kind]
    with session_scope(engine) as session:
        repository(session).upsert_many([make(id=title, title=title) for title in said])
        for minute, (title, chain) in enumerate(said.items(), start):
            tags = [] if chain is None else [Tag(chain, None, 1.0, ())]
            at = START + timedelta(minutes=minute)
            TagRepository(session).say(kind, title, tags, who="李工", made_at=at)


def mixed(n: int, *, seed: int = 0) -> dict[str, str | None]:
    """``n`` statements: a third on boats that no definition tells, the others on no chain."""
    boats, none = texts(ON_BOATS, n // 3, seed=seed), texts(ON_NONE, n - n // 3, seed=seed)
    labelled = [(t, "boats") for t in boats] + [(t, None) for t in none]
    Random(seed).shuffle(labelled)
    return dict(labelled)


def chains_of(tags: CityTags, title: str) -> list[str]:
    return [tag.chain for tag in tags.of_query(query_from_text(title))][:1]


UNSEEN = texts(ON_BOATS, 1, seed=99)[0]


def test_fifty_statements_teach_items_and_free_text_what_no_definition_tells(
    engine: Engine, city, remarks: list[str]
):
    tell(engine, mixed(49))
    stored = Need(id="unseen", title=UNSEEN)
    assert city().in_force([stored]) == {"unseen": ()}
    before = city().fingerprint(city().definitions())

    tell(engine, mixed(1, seed=1), start=49)

    taught = city()
    assert taught.fingerprint(taught.definitions()) != before
    assert [tag.chain for tag in taught.in_force([stored])["unseen"]] == ["boats"]
    assert chains_of(taught, UNSEEN) == ["boats"]
    assert chains_of(taught, texts(ON_NONE, 1, seed=99)[0]) == []
    (remark,) = remarks
    assert "taught by 50 statements" in remark


def test_needs_and_achievements_teach_together(engine: Engine, city):
    some = list(mixed(60).items())
    tell(engine, dict(some[:30]))
    tell(engine, dict(some[30:]), kind=NodeKind.ACHIEVEMENT, start=30)

    assert chains_of(city(), UNSEEN) == ["boats"]


def test_a_lesson_is_learnt_once_and_later_processes_need_no_training(
    engine: Engine, city, remarks: list[str], monkeypatch: pytest.MonkeyPatch
):
    tell(engine, mixed(60))
    first = city()
    fingerprint = first.fingerprint(first.definitions())

    monkeypatch.setattr("matcher.tag_training.lesson_from", None)
    later = city()

    assert chains_of(later, UNSEEN) == ["boats"]
    assert later.fingerprint(later.definitions()) == fingerprint
    assert len(remarks) == 1


def test_more_statements_change_nothing_until_there_are_twice_as_many(
    engine: Engine, city, remarks: list[str]
):
    tell(engine, mixed(50))
    tags = city()
    first = tags.fingerprint(tags.definitions())

    tell(engine, mixed(49, seed=1), start=50)
    assert tags.fingerprint(tags.definitions()) == first

    tell(engine, mixed(1, seed=2), start=99)
    assert tags.fingerprint(tags.definitions()) != first
    assert "taught by 100 statements" in remarks[-1]


def test_a_statement_taken_back_or_said_otherwise_is_unlearnt(engine: Engine, city):
    tell(engine, mixed(50))
    tags = city()
    fingerprints = [tags.fingerprint(tags.definitions())]
    title = next(title for title, chain in mixed(50).items() if chain)

    tell(engine, {title: "kites"})
    fingerprints.append(tags.fingerprint(tags.definitions()))
    with session_scope(engine) as session:
        TagRepository(session).unsay(NodeKind.NEED, title)
    fingerprints.append(tags.fingerprint(tags.definitions()))

    assert len(set(fingerprints)) == 3
    assert chains_of(tags, UNSEEN) == []


def test_statements_on_removed_items_or_of_chains_that_are_gone_do_not_count(engine: Engine, city):
    said = mixed(50)
    tell(engine, said)
    with session_scope(engine) as session:
        NeedRepository(session).remove_many([next(iter(said))])
    assert chains_of(city(), UNSEEN) == []

    tell(engine, mixed(3, seed=1), start=50)
    with session_scope(engine) as session:
        ChainRepository(session).replace_all([KITES])
    assert chains_of(city(), UNSEEN) == []

    with session_scope(engine) as session:
        ChainRepository(session).rename({"boats": "kites"}, who="李工")
    assert chains_of(city(), UNSEEN) == ["kites"]


def test_declared_chains_are_no_statements(engine: Engine, city):
    with session_scope(engine) as session:
        declared = [
            Need(id=title, title=title, chains=(chain,) if chain else ())
            for title, chain in mixed(60).items()
        ]
        NeedRepository(session).upsert_many(declared)

    assert chains_of(city(), UNSEEN) == []


def test_what_does_not_pay_out_of_fold_is_left_and_said(engine: Engine, city, remarks: list[str]):
    titles = texts(ON_NONE, 60)
    random = Random(0)
    tell(engine, {title: random.choice(["boats", None, None, None]) for title in titles})
    tags = city()
    untaught = CityTags(engine, engine, encoder=HashingEncoder)

    assert tags.fingerprint(tags.definitions()) == untaught.fingerprint(tags.definitions())
    assert "no clear gain" in remarks[0]
    assert "no clear gain" in tags.lesson_state(tags.definitions()).words


def test_corrections_alone_teach_nothing(engine: Engine, city, remarks: list[str]):
    both = [*texts(ON_BOATS, 25), *texts(ON_NONE, 25)]
    tell(engine, {title: "boats" if ON_BOATS in title else "kites" for title in both})

    assert chains_of(city(), UNSEEN) == []
    assert "Confirm some that are right" in remarks[0]


def test_texts_without_words_teach_nothing_and_break_nothing(
    engine: Engine, city, remarks: list[str]
):
    tell(engine, {"！" * n: None for n in range(1, 51)})

    assert chains_of(city(), UNSEEN) == []
    assert "0 statements" in remarks[0]


def test_a_damaged_lesson_is_said_and_learnt_again(
    engine: Engine, city, remarks: list[str], tmp_path: Path
):
    tell(engine, mixed(50))
    assert chains_of(city(), UNSEEN) == ["boats"]
    (file,) = (tmp_path / "tagger").rglob("coefficients.npy")
    file.write_bytes(b"")

    damaged = city().lesson_state(city().definitions())
    assert damaged.freshness is Freshness.UNUSABLE
    assert chains_of(city(), UNSEEN) == ["boats"]

    assert any("learning to tag anew" in remark for remark in remarks)
    lesson = load_lesson(tmp_path / "tagger").lesson
    assert lesson.labels == 50


def test_a_lesson_that_cannot_be_saved_is_used_and_said(
    engine: Engine, city, remarks: list[str], tmp_path: Path
):
    (tmp_path / "tagger").write_text("in the way")
    tell(engine, mixed(50))

    assert chains_of(city(), UNSEEN) == ["boats"]
    assert "not saved" in remarks[-1]


def test_the_state_tells_how_it_stands_and_learns_nothing(engine: Engine, city, remarks: list[str]):
    tell(engine, mixed(12))
    tags = city()
    few = tags.lesson_state(tags.definitions())
    tell(engine, mixed(50, seed=1), start=12)
    waiting = tags.lesson_state(tags.definitions())
    unsure = tags.fingerprint_unless_learning(tags.definitions())
    assert remarks == []
    tags.fingerprint(tags.definitions())
    taught = tags.lesson_state(tags.definitions())

    assert few.freshness is Freshness.FRESH
    assert "12 statements" in few.words
    assert waiting.freshness is Freshness.BEHIND
    assert unsure is None
    assert taught.freshness is Freshness.FRESH
    assert "taught by 50" in taught.words


def test_without_enough_statements_no_training_library_is_loaded():
    code = (
        "import sys, api.graph.tags, data.tag_lessons;"
        "sys.exit(bool({'sklearn', 'scipy.optimize'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
