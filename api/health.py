"""What ``yilian doctor`` looks at: every part, its state, and how to mend it."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from api.errors import OURS
from api.learning.ranker import current_ranker
from api.service import MatchService
from api.settings import Settings
from data.index_store import Freshness, IndexState
from data.migrate import Readiness, check
from data.rankers import RankerRepository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import make_engine, session_scope
from embeddings.adapter import Adapter
from embeddings.encoder import Role
from embeddings.model_folder import missing_files
from embeddings.sentence_encoder import open_encoder
from matcher.adapted import LEAST_DOCUMENTS

NEEDED_FREE_BYTES = 1 << 30
LIBRARIES = (
    "yilian", "faiss-cpu", "networkx", "onnxruntime", "pandas", "scikit-learn",
    "sentence-transformers", "SQLAlchemy", "torch", "fastapi",
)  # fmt: skip


class State(StrEnum):
    """How a part is doing."""

    GOOD = "good"
    REMARK = "remark"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        words: What was found and, unless all is well, how to mend it.
    """

    part: str
    state: State
    words: str


def examine(settings: Settings) -> list[Finding]:
    """Every part examined; nothing is changed but a probe file in the home."""
    parts: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("versions", _versions),
        ("home", _home),
        ("model", _model),
        ("database", _database),
        ("index", _indexes),
        ("graph", _graph),
        ("tags", _tags),
        ("ranker", _ranker),
    )
    findings: list[Finding] = []
    for part, look in parts:
        try:
            findings += look(settings)
        except (*OURS, OSError) as problem:
            findings.append(Finding(part, State.BROKEN, str(problem)))
    return findings


def _versions(settings: Settings) -> Iterator[Finding]:
    libraries = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    yield Finding("versions", State.GOOD, f"Python {sys.version.split()[0]}, {libraries}")


def _home(settings: Settings) -> Iterator[Finding]:
    settings.home.mkdir(parents=True, exist_ok=True)
    _probe(settings.home)
    free = shutil.disk_usage(settings.home).free
    state = State.GOOD if free >= NEEDED_FREE_BYTES else State.REMARK
    advice = "" if state is State.GOOD else "，请腾出空间 / please free some space"
    yield Finding(
        "home", state, f"{settings.home}，可写 writable，空闲 free {free >> 20} MiB{advice}"
    )


def _model(settings: Settings) -> Iterator[Finding]:
    encoder = open_encoder(settings.model)
    encoder.encode(["检查"], role=Role.QUERY)
    missing = missing_files(settings.default_model) if settings.uses_default_model else []
    if missing:
        words = f"缺少 {', '.join(missing)}，请运行 yilian model build / missing, build it again"
        yield Finding("model", State.REMARK, f"{settings.model}：{words}")
        return
    yield Finding("model", State.GOOD, f"{settings.model}，{encoder.fingerprint}，{encoder.dim} 维")


def _database(settings: Settings) -> Iterator[Finding]:
    engine = make_engine(settings.database_url)
    state = check(engine)
    match state.readiness:
        case Readiness.EMPTY:
            words = "尚无数据，请运行 yilian load / nothing yet: run yilian load"
            yield Finding("database", State.REMARK, f"{state.database}：{words}")
        case Readiness.TOO_NEW:
            words = "由更新版本建立，请升级 yilian / made by a newer yilian: upgrade"
            yield Finding("database", State.BROKEN, f"{state.database}：{words}")
        case Readiness.BEHIND:
            words = "下次使用时自动升级 / will be migrated at the next use"
            yield Finding("database", State.REMARK, f"{state.database}：{words}")
        case Readiness.CURRENT:
            with session_scope(engine, write=False) as session:
                needs = NeedRepository(session).count()
                achievements = AchievementRepository(session).count()
                organizations = OrganizationRepository(session).count()
            words = f"{needs} 需求，{achievements} 成果，{organizations} 单位"
            yield Finding("database", State.GOOD, f"{state.database}：{words}")
    engine.dispose()


def _indexes(settings: Settings) -> Iterator[Finding]:
    with _service(settings) as service:
        if service is None:
            return
        for repository in (AchievementRepository, NeedRepository):
            kind = repository.rows.__tablename__
            store = service.index_store(repository)
            yield _derived(f"index {kind}", store.state())
            yield Finding(f"adapter {kind}", State.GOOD, _of_adapter(store.adapter()))
    settings.indexes.mkdir(parents=True, exist_ok=True)
    _probe(settings.indexes)


def _graph(settings: Settings) -> Iterator[Finding]:
    with _service(settings) as service:
        if service is not None:
            yield _derived("graph", service.graphs.state(today=date.today()))


def _tags(settings: Settings) -> Iterator[Finding]:
    with _service(settings) as service:
        if service is None:
            return
        yield _derived("tagger", service.tags.lesson_state(service.tags.definitions()))
        waiting = len(service.tags.for_review())
    if waiting:
        words = f"{waiting} 项待复核，请运行 yilian chain review / items to review"
        yield Finding("tags", State.REMARK, words)
    else:
        yield Finding("tags", State.GOOD, "没有待复核的标注 / nothing to review")


def _ranker(settings: Settings) -> Iterator[Finding]:
    with _service(settings) as service:
        if service is None:
            return
        problems: list[str] = []
        ranker = current_ranker(service.engine, problems.append)
        with session_scope(service.engine, write=False) as session:
            stored = RankerRepository(session).current()
    if problems or ranker is None:
        words = problems or ["没有排序模型，按未训练的顺序 / no ranker: the untrained order"]
        yield Finding("ranker", State.REMARK, " ".join(words))
    elif stored is None:
        yield Finding("ranker", State.GOOD, "出厂排序模型 / the shipped one")
    else:
        learnt = ", ".join(f"{count} {what}" for what, count in stored.trained_on.items())
        yield Finding("ranker", State.GOOD, f"第 {stored.version} 版 / version：{learnt}")


def _of_adapter(adapter: Adapter | None) -> str:
    if adapter is None:
        return f"未启用，不足 {LEAST_DOCUMENTS} 条时不用 / none: it takes {LEAST_DOCUMENTS} entries"
    return f"由 {adapter.fitted_on} 条学得 / learnt from {adapter.fitted_on} entries"


def _derived(part: str, state: IndexState) -> Finding:
    """What is made from the database, and mends itself."""
    if state.freshness is Freshness.FRESH:
        return Finding(part, State.GOOD, state.words)
    mended = "下次匹配时自动处理 / mended by the next match"
    return Finding(part, State.REMARK, f"{state.words}；{mended}")


@contextmanager
def _service(settings: Settings) -> Iterator[MatchService | None]:
    """A service; None over a database that would first have to be made or migrated."""
    engine = make_engine(settings.database_url)
    readiness = check(engine).readiness
    engine.dispose()
    if readiness is not Readiness.CURRENT:
        yield None
        return
    service = MatchService(settings)
    try:
        yield service
    finally:
        service.close()


def _probe(folder: Path) -> None:
    """Write and remove a file, which fails where nothing can be written."""
    probe = folder / ".doctor"
    probe.write_bytes(b"")
    probe.unlink()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "?"
