"""Half of the labelled texts are tagged by people: what that does for the other half."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sklearn.model_selection import StratifiedGroupKFold

from api.graph.tag_lessons import TagLessons
from api.graph.tags import CityTags
from api.settings import sqlite_url
from data import reference
from data.chains import ChainRepository
from data.migrate import upgrade
from data.repositories import NeedRepository
from data.session import make_engine, session_scope
from data.tags import TagRepository
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.sentence_encoder import open_encoder
from evaluation.chains import load_chain_labels, near_copies
from matcher.chain import IndustryChain
from matcher.graph.schema import NodeKind
from matcher.tag_types import NONE, Tag
from matcher.types import Need

START = datetime(2026, 3, 4, tzinfo=UTC)


def as_shipped(chain: IndustryChain) -> IndustryChain:
    return chain


def thin(chain: IndustryChain) -> IndustryChain:
    """A chain as a city might first write it down: names and keywords, no further terms."""
    segments = tuple(replace(segment, terms=()) for segment in chain.segments)
    return replace(chain, terms=(), segments=segments)


@pytest.mark.model
@pytest.mark.parametrize(("defined", "gain"), [(as_shipped, 0.0), (thin, 0.03)])
def test_statements_on_one_half_never_cost_and_help_thin_definitions(
    benchmarks: Path, model_folder: Path, home: Path, defined, gain: float
):
    labels = load_chain_labels(
        benchmarks / "chains" / "labels_dev.jsonl", [chain.id for chain in reference.chains()]
    )
    needs = [Need(id=d.id, title=d.title, text=d.text) for d in labels.documents]
    halves = StratifiedGroupKFold(2, shuffle=True, random_state=0)
    groups = near_copies(labels.documents)
    told, asked = next(halves.split(labels.labels, labels.labels, groups))
    engine = make_engine(sqlite_url(home))
    upgrade(engine)
    with session_scope(engine) as session:
        ChainRepository(session).replace_all(map(defined, reference.chains()))
        NeedRepository(session).upsert_many(needs)
    encoder = CachedEncoder(
        open_encoder(str(model_folder)), VectorCache(home / "cache" / "vectors.sqlite")
    )
    lessons = TagLessons(engine, home / "indexes" / "tagger")
    tags = CityTags(engine, engine, encoder=lambda: encoder, lessons=lessons)

    def accuracy() -> float:
        found = tags.in_force([needs[i] for i in asked])
        answers = [found[needs[i].id][0].chain if found[needs[i].id] else NONE for i in asked]
        right = [labels.labels[i] for i in asked]
        return sum(a == b for a, b in zip(answers, right, strict=True)) / len(right)

    untaught = accuracy()
    with session_scope(engine) as session:
        for minute, i in enumerate(told):
            label = labels.labels[i]
            said = [] if label == NONE else [Tag(label, None, 1.0, ())]
            at = START + timedelta(minutes=minute)
            TagRepository(session).say(NodeKind.NEED, needs[i].id, said, who="李工", made_at=at)

    assert accuracy() >= untaught + gain
    engine.dispose()
