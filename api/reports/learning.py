"""What further judgements bring, and whether probabilities can be trusted, on a data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from api.errors import ApiError
from api.learning.ranker import Notify, shipped_ranker
from api.progress import Progress
from api.reports.dataset_pipeline import open_pipeline, with_groups
from api.settings import Settings
from evaluation.cross_validation import out_of_fold
from evaluation.dataset import Dataset, load_dataset
from evaluation.learning_curve import SIZES, LearningCurve, learning_curve
from evaluation.level_calibration import CalibrationReport, calibration
from evaluation.trained import PipelineFit

Finding = TypeVar("Finding")


class NoRanker(ApiError):
    """Nothing that gives probabilities: no ranker ships, and none was to be trained."""

    def __init__(self) -> None:
        super().__init__(
            "没有可用的出厂排序模型，请用 --folds 5 评测训练所得的模型。"
            " / no usable ranker ships with the program; measure trained ones with --folds 5"
        )


@dataclass(frozen=True, slots=True)
class Found(Generic[Finding]):
    """A finding with what it was measured on and with.

    Attributes:
        model: Fingerprint of the embedding model.
    """

    finding: Finding
    dataset: Dataset
    model: str


def learning_report(
    settings: Settings,
    folder: Path,
    split: str,
    *,
    draws: int,
    encoding: Progress,
    evaluating: Progress,
) -> Found[LearningCurve]:
    """Ranking quality after 0, 5, 10 … judged needs, beside plain vectors and wording.

    Raises:
        DatasetError: the folder or the split cannot be read.
        UnusableFolds: there are too few judged queries.
        EmbeddingError: the model cannot be opened.
    """
    dataset = with_groups(load_dataset(folder, split))
    opened = open_pipeline(settings, dataset, encoding=encoding)
    fit = PipelineFit.of(opened.pipeline, dataset.queries, precedents=True)
    curve = learning_curve(
        fit, dataset, untrained=opened.plain, sizes=SIZES, draws=draws, progress=evaluating
    )
    return Found(curve, dataset, opened.encoder.fingerprint)


def calibration_report(
    settings: Settings,
    folder: Path,
    split: str,
    *,
    folds: int,
    encoding: Progress,
    evaluating: Progress,
    notify: Notify = lambda message: None,
) -> Found[CalibrationReport]:
    """Reliability of the level probabilities, out of fold, or of the shipped ranker.

    Args:
        settings: Where model and cache are.
        folder: In BEIR layout.
        split: Which judgements.
        folds: Parts of the cross-validation; 0 measures the ranker that ships.
        encoding: Told the texts encoded.
        evaluating: Told the fits done.
        notify: Told when the shipped ranker cannot be used.

    Raises:
        DatasetError: the folder or the split cannot be read.
        UnusableFolds: there are too few judged queries for the folds.
        TooLittleToLearn: a fold leaves fewer than 10 pairs, or all of one level.
        NoRanker: ``folds`` is 0 and no ranker ships.
        EmbeddingError: the model cannot be opened.
    """
    dataset = with_groups(load_dataset(folder, split))
    shipped = None if folds else shipped_ranker(notify)
    if not folds and shipped is None:
        raise NoRanker
    opened = open_pipeline(settings, dataset, encoding=encoding)
    fit = PipelineFit.of(opened.pipeline, dataset.queries, precedents=True)
    grader = (
        out_of_fold(fit.learnt, dataset, name="trained", folds=folds, progress=evaluating)
        if folds
        else fit.graded_by(shipped)
    )
    return Found(calibration(grader, dataset), dataset, opened.encoder.fingerprint)
