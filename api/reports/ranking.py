"""The default pipeline, the trained one out of fold, and baselines, on a labelled data set."""

from dataclasses import dataclass
from pathlib import Path

from api.learning.ranker import Notify, shipped_ranker
from api.progress import Progress
from api.reports.dataset_pipeline import open_pipeline, with_groups
from api.settings import Settings
from evaluation.ablation import Ablation, ablate
from evaluation.compare import Report, evaluate
from evaluation.cross_validation import out_of_fold
from evaluation.dataset import Dataset, load_dataset
from evaluation.fingerprint import fingerprint
from evaluation.folds import FOLDS
from evaluation.level_calibration import CalibrationReport, calibration
from evaluation.page import Section
from evaluation.per_query import Comparison, Reading, wins_and_losses, worst_needs
from evaluation.sections import (
    ablation_section,
    calibration_section,
    differences_section,
    ranking_section,
    worst_section,
)
from evaluation.systems import Bm25System, Named, RandomSystem, System
from evaluation.tfidf import TfidfSystem
from evaluation.trained import PipelineFit
from matcher.dense import DenseRetriever
from matcher.signals import Group

DEFAULT = "yilian"
TRAINED = "trained"
ADAPTED = "adapted"
UNTRAINED = "untrained"


@dataclass(frozen=True, slots=True)
class RankingFindings:
    """What ``yilian eval rank`` has to tell.

    Attributes:
        dataset: What was measured on, with its groups.
        report: All systems side by side.
        comparisons: Pairs of systems that somebody will ask about.
        worst: The needs that the best of our systems orders worst.
        calibrated: How far its probabilities can be trusted; None without a ranker.
        ablation: What each group of signals is worth, when asked for.
        model: Fingerprint of the embedding model.
        taught: Whether the shipped ranker learnt from these very judgements, so that the
            row ``yilian`` flatters it.
    """

    dataset: Dataset
    report: Report
    comparisons: tuple[Comparison, ...]
    worst: tuple[Reading, ...]
    calibrated: CalibrationReport | None
    ablation: Ablation | None
    model: str
    taught: bool

    @property
    def headline(self) -> str:
        """The system that the reading is about: the trained one where there is one."""
        return self.comparisons[0].first

    def sections(self) -> list[Section]:
        """The findings as sections of a report."""
        found = [
            ranking_section(self.report, self.comparisons),
            differences_section(self.comparisons[0], self.dataset),
            worst_section(self.headline, self.worst),
        ]
        if self.calibrated is not None:
            found.append(calibration_section(self.calibrated))
        if self.ablation is not None:
            found.append(ablation_section(self.ablation))
        return found


def ranking_report(
    settings: Settings,
    folder: Path,
    split: str,
    *,
    folds: int = 0,
    ablation: bool = False,
    encoding: Progress,
    evaluating: Progress,
    notify: Notify = lambda message: None,
) -> RankingFindings:
    """Every system measured on one split.

    Args:
        settings: Where model and cache are.
        folder: In BEIR layout.
        split: Which judgements.
        folds: Adds the row ``trained``, out of so many folds; 0 for none.
        ablation: Whether to train again without each group of signals, in as many folds,
            or five where no folds were asked for.
        encoding: Told the texts encoded.
        evaluating: Told the queries asked, and the fits of an ablation.
        notify: Told when the shipped ranker cannot be used.

    Raises:
        DatasetError: the folder or the split cannot be read.
        UnusableFolds: there are too few judged queries for the folds.
        TooLittleToLearn: a fold leaves fewer than 10 pairs, or all of one level.
        EmbeddingError: the model cannot be opened.
    """
    dataset = with_groups(load_dataset(folder, split))
    opened = open_pipeline(settings, dataset, encoding=encoding)
    fit = PipelineFit.of(opened.pipeline, dataset.queries, precedents=True)
    shipped = shipped_ranker(notify)
    ours = opened.pipeline.with_ranker(shipped)
    folded = out_of_fold(fit.learnt, dataset, name=TRAINED, folds=folds) if folds else None
    systems: list[System] = [
        ours,
        *([folded] if folded else []),
        *([Named(ADAPTED, opened.pipeline)] if opened.adapted else []),
        Named(UNTRAINED, opened.plain),
        Bm25System(dataset.documents),
        TfidfSystem(dataset.documents),
        Named("dense", DenseRetriever(opened.encoder, opened.vectors)),
        RandomSystem([document.id for document in dataset.documents]),
    ]
    # first, since it refuses what cannot be parted into its folds
    ablated = _ablation(fit, dataset, folds or FOLDS, evaluating) if ablation else None
    report = evaluate(dataset, systems, progress=evaluating)
    asked = folded or ours
    return RankingFindings(
        dataset=dataset,
        report=report,
        comparisons=_comparisons(report, trained=folded is not None, adapted=opened.adapted),
        worst=worst_needs(asked, dataset, report.values(asked.name)),
        calibrated=None if shipped is None and folded is None else calibration(asked, dataset),
        ablation=ablated,
        model=opened.encoder.fingerprint,
        taught=shipped is not None and shipped.origin.get("fingerprint") == fingerprint(dataset),
    )


def _comparisons(report: Report, *, trained: bool, adapted: bool) -> tuple[Comparison, ...]:
    first = TRAINED if trained else DEFAULT
    pairs = [(first, UNTRAINED), (first, "bm25")]
    if adapted:
        pairs += [(first, ADAPTED), (ADAPTED, UNTRAINED)]
    if trained:
        pairs.append((DEFAULT, UNTRAINED))
    return tuple(wins_and_losses(report, one, other) for one, other in pairs)


def _ablation(fit: PipelineFit, dataset: Dataset, folds: int, progress: Progress) -> Ablation:
    return ablate(fit.leaving_out, list(Group), dataset, folds=folds, progress=progress)
