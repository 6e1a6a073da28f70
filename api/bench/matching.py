"""How long a match takes, beside a peer measured in the same run.

Machines differ and are shared, so a time alone says little. The peer is what the same
question costs through sentence-transformers on torch, with the same model.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from api.errors import ApiError
from api.service import MatchService
from api.settings import Settings, sqlite_url
from data.importers.load import load
from evaluation.errors import MissingFile

REPEATS = 5
NEEDS = 60

_OURS = ("-c", "from api.cli import main; main()", "match")
_PEER = (
    "-c",
    "import sys; from sentence_transformers import SentenceTransformer as S;"
    " S(sys.argv[1], device='cpu').encode('query: ' + sys.argv[2])",
)


class TooFewNeeds(ApiError):
    """A data set too small to time anything on."""

    def __init__(self, found: int) -> None:
        super().__init__(
            f"只有 {found} 条需求，计时至少需要 {REPEATS + 1} 条。"
            f" / only {found} needs; timing takes at least {REPEATS + 1}"
        )
        self.found = found


@dataclass(frozen=True, slots=True)
class MatchTimes:
    """Medians of one run.

    Attributes:
        process_s: Seconds of a whole ``yilian match`` process, start-up included.
        peer_process_s: Seconds of a process that only opens the model with
            sentence-transformers and encodes one title.
        need_ms: Milliseconds of one match inside a running process, on needs whose
            vectors are not cached.
        achievements: Size of the corpus searched.
    """

    process_s: float
    peer_process_s: float
    need_ms: float
    achievements: int


def time_matches(
    settings: Settings, dataset: Path, *, progress: Callable[[str], None]
) -> MatchTimes:
    """Load a data set into a home of its own, then time matches of its needs."""
    if not dataset.is_dir():
        raise MissingFile(dataset)
    with TemporaryDirectory(prefix="yilian-bench-") as folder:
        home = Path(folder)
        own = replace(settings, home=home, database_url=sqlite_url(home))
        service = MatchService(own)
        progress("载入并编码 / loading and encoding")
        load([dataset], engine=service.engine)
        service.refresh()
        needs = service.records.published_needs()
        if len(needs) <= REPEATS:
            raise TooFewNeeds(len(needs))
        # needs of their own, so that neither side has met its question before
        timed, questions = needs[REPEATS : REPEATS + NEEDS], needs[:REPEATS]
        progress("计时 / timing")
        service.match_text("热身 / warm-up", k=10)
        need_ms = median(_seconds(partial(service.match, need, k=10)) for need in timed) * 1e3
        count = service.records.counts()["achievements"]
        service.close()
        environment = {k: v for k, v in os.environ.items() if k != "YILIAN_DATABASE_URL"}
        environment |= {"YILIAN_HOME": str(home), "YILIAN_MODEL": own.model}
        # taking turns, so that a busy minute slows both
        ours, peer = [], []
        for need in questions:
            ours.append(_seconds(partial(_run, [*_OURS, need.id], environment)))
            question = [*_PEER, own.model, need.title]
            peer.append(_seconds(partial(_run, question, environment)))
        return MatchTimes(median(ours), median(peer), need_ms, count)


def _run(arguments: Sequence[str], environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)


def _seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
