"""Training from brokers' decisions: learnt, compared with the ranker in use, kept, promoted."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from api.errors import ApiError
from api.learning.ranker import Notify, current_ranker, shipped_ranker
from api.progress import Progress
from data.decisions import DecisionRepository
from data.default_ranker import ranker_text
from data.policy.lifecycle import READABLE
from data.rankers import RankerRepository
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from evaluation.bootstrap import Estimate, estimate, paired_difference
from evaluation.calibration import Reliability
from evaluation.compare import pool_ndcg
from evaluation.cross_validation import out_of_fold
from evaluation.dataset import Dataset
from evaluation.figures import as_json, number
from evaluation.folds import FOLDS
from evaluation.grader import Fit, Grader, judgements_of
from evaluation.groups import whole_groups
from evaluation.level_calibration import calibration
from evaluation.near_copies import near_copies
from evaluation.ranked_probability import ranked_probability_score
from evaluation.trained import Pair, PipelineFit, Shade
from matcher.decision import Decision
from matcher.errors import TooLittleToLearn
from matcher.judgement import Judged, judgements
from matcher.learn import FEWEST
from matcher.pipeline import Pipeline
from matcher.ranker import Ranker
from matcher.text import document_of, query_of
from matcher.types import Filter

HEADLINE_CUT = 3
_EQUAL = 1e-9


class OneNeedOnly(ApiError):
    """Decisions on too few different needs to hold any of them out."""

    def __init__(self, needs: int) -> None:
        super().__init__(
            f"评判只涉及 {needs} 项互不相同的需求，无从检验；请再对另一项需求作出反馈"
            "（yilian decide）。没有任何改动。"
            f" / only {needs} different needs were judged, so nothing can be held out; decide on"
            " matches of another need (yilian decide). Nothing was changed"
        )
        self.needs = needs


@dataclass(frozen=True, slots=True)
class Measured:
    """What one ranker reached on needs that it had not learnt from.

    Attributes:
        ndcg: nDCG@10 over the needs with at least five judged matches of several levels.
        score: Ranked probability score over all judged needs, lower is better; None where
            the untrained order gives no probabilities.
        reliability: Of P(level ≥ 3); None likewise.
    """

    ndcg: Estimate
    score: Estimate | None
    reliability: Reliability | None

    def as_json(self) -> dict[str, Any]:
        """Plain values; null where nothing was measured."""
        return {
            "ndcg@10": as_json(self.ndcg),
            "ranked_probability_score": self.score and as_json(self.score),
            "calibration_error": self.reliability and number(self.reliability.error),
        }


@dataclass(frozen=True, slots=True)
class Lesson:
    """What decisions teach, ready to be learnt.

    Attributes:
        judged: The judgements, and what became of every decision.
        dataset: The same as a data set, near-copies grouped.
        decisions: All of them.
    """

    judged: Judged
    dataset: Dataset
    decisions: tuple[Decision, ...]
    needs: Collection[str]
    achievements: Collection[str]

    def known_until(self, moment: datetime) -> dict[Pair, Shade]:
        """What was to be learnt from the decisions made up to a moment."""
        earlier = (d for d in self.decisions if d.made_at <= moment)
        return _shades(judgements(earlier, needs=self.needs, achievements=self.achievements))


@dataclass(frozen=True, slots=True)
class Trained:
    """A candidate beside the ranker in use.

    Attributes:
        gain: nDCG@10 of the candidate less the other's, paired by need.
        better: Whether the candidate is not worse, which is what promotion takes.
        folds: Parts of the comparison.
    """

    lesson: Lesson
    ranker: Ranker
    candidate: Measured
    current: Measured
    gain: Estimate
    better: bool
    folds: int


def lesson(engine: Engine) -> Lesson:
    """Every decision in the database, as judgements of needs and achievements once published.

    Those that came to their end count, above all: a need that is signed was judged best.
    """
    published = Filter(statuses=READABLE)
    with session_scope(engine, write=False) as session:
        decisions = DecisionRepository(session).all()
        needs = NeedRepository(session).ids(published)
        achievements = AchievementRepository(session).ids(published)
        judged = judgements(decisions, needs=needs, achievements=achievements)
        asked = NeedRepository(session).get_many(sorted({j.query_id for j in judged.judgements}))
        found = {j.document_id for j in judged.judgements}
        offered = AchievementRepository(session).get_many(sorted(found))
    queries = tuple(map(query_of, asked.values()))
    qrels: dict[str, dict[str, int]] = {}
    for one in judged.judgements:
        # half a level is settled downwards where only whole ones count
        qrels.setdefault(one.query_id, {})[one.document_id] = int(one.level) - 1
    dataset = Dataset(
        name="decisions",
        split="",
        queries=queries,
        documents=tuple(map(document_of, offered.values())),
        qrels=qrels,
        groups=near_copies(queries),
    )
    return Lesson(judged, dataset, decisions, needs, achievements)


def train(
    engine: Engine,
    open_pipeline: Callable[[], Pipeline],
    *,
    notify: Notify = lambda message: None,
    progress: Progress = lambda done, total: None,
) -> Trained:
    """A ranker learnt from all decisions, and compared out of fold with the one in use.

    Both stay near the shipped ranker. The ranker in use may have learnt from the very needs
    that are held out; it is therefore learnt again in each fold from those decisions that it
    knew, less the held-out ones. Nothing is stored.

    Args:
        engine: The database.
        open_pipeline: Called once it is clear that there is enough to learn from.
        notify: Told why a ranker is passed over.
        progress: Told the fits done.

    Raises:
        TooLittleToLearn: fewer than 10 judged pairs, or all of one level; where no ranker
            ships, in one of the folds already.
        OneNeedOnly: all judged needs are one need or copies of it.
    """
    taught = lesson(engine)
    dataset = taught.dataset
    found = taught.judged.judgements
    _check(found_levels=[one.level for one in found])
    different = len(whole_groups(dataset.qrels, dataset.groups))
    if different < 2:
        raise OneNeedOnly(different)
    folds = min(FOLDS, different)
    fit = PipelineFit.of(
        open_pipeline(),
        dataset.queries,
        base=shipped_ranker(notify),
        shades=_shades(taught.judged),
    )
    ranker = fit.ranker(judgements_of(dataset.qrels))
    in_use = current_ranker(engine, notify)
    # a fold that teaches too little leaves the base, where there is one to leave
    learn = fit.learnt if fit.base is None else fit
    candidate = out_of_fold(learn, dataset, name="candidate", folds=folds, progress=progress)
    current = out_of_fold(_again(fit, in_use, taught), dataset, name="current", folds=folds)
    ours, theirs = pool_ndcg(candidate, dataset), pool_ndcg(current, dataset)
    measured = _measured(candidate, ours, dataset)
    beside = _measured(current, theirs, dataset, graded=in_use is not None)
    gain = paired_difference(ours, theirs, dataset.groups)
    until = max(decision.made_at for decision in taught.judged.used)
    origin = {
        "data": "decisions",
        "decided_until": until.isoformat(),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "needs": len(dataset.qrels),
        "pairs": len(found),
        "folds": folds,
        "figures": measured.as_json(),
    }
    return Trained(
        lesson=taught,
        ranker=replace(ranker, origin=origin),
        candidate=measured,
        current=beside,
        gain=gain,
        better=_not_worse(gain, measured, beside),
        folds=folds,
    )


def keep(engine: Engine, trained: Trained, *, author: str) -> int:
    """Stores the candidate under its version, and promotes it when it is not worse."""
    with session_scope(engine) as session:
        repository = RankerRepository(session)
        stored = repository.add(
            ranker_text(trained.ranker),
            author=author,
            trained_on={
                "needs": len(trained.lesson.dataset.qrels),
                "pairs": len(trained.lesson.judged.judgements),
            },
            figures={
                "candidate": trained.candidate.as_json(),
                "current": trained.current.as_json(),
                "gain": as_json(trained.gain),
            },
        )
        if trained.better:
            repository.promote(stored.version, who=author)
    return stored.version


def _check(found_levels: Sequence[float]) -> None:
    if len(found_levels) < FEWEST or len(set(found_levels)) < 2:
        raise TooLittleToLearn(len(found_levels), len(set(found_levels)))


def _shades(judged: Judged) -> dict[Pair, Shade]:
    return {
        (one.query_id, one.document_id): Shade(one.level, one.weight) for one in judged.judgements
    }


def _again(fit: PipelineFit, in_use: Ranker | None, taught: Lesson) -> Fit:
    """The ranker in use as a fit: learnt anew if it learnt from decisions, else as it is."""
    until = None if in_use is None else in_use.origin.get("decided_until")
    if until is None:
        return lambda judgements: fit.graded_by(in_use)
    known = taught.known_until(datetime.fromisoformat(until))
    earlier = replace(fit, shades=known)
    return lambda judgements: earlier(
        [one for one in judgements if (one.query_id, one.document_id) in known]
    )


def _measured(
    grader: Grader, ndcg: dict[str, float], dataset: Dataset, *, graded: bool = True
) -> Measured:
    reached = estimate(ndcg, dataset.groups)
    if not graded:
        return Measured(reached, None, None)
    score = estimate(ranked_probability_score(grader, dataset), dataset.groups)
    return Measured(reached, score, calibration(grader, dataset).cuts[HEADLINE_CUT])


def _not_worse(gain: Estimate, candidate: Measured, current: Measured) -> bool:
    """By nDCG@10 where any need allows it, else by the ranked probability score."""
    if gain.n:
        return gain.mean >= -_EQUAL
    if candidate.score is None or current.score is None:
        return current.score is None
    return candidate.score.mean <= current.score.mean + _EQUAL
