"""The competition's question, answered by the trained pipeline."""

from pathlib import Path

from api.progress import Progress
from api.reports.dataset_pipeline import open_pipeline, with_groups
from api.settings import Settings
from evaluation.dataset import Dataset, load_unjudged
from evaluation.level_files import read_levels
from evaluation.levels import LevelsReport, cross_validate_levels, evaluate_levels
from evaluation.trained import PipelineFit


def levels_report(
    settings: Settings,
    folder: Path,
    train: Path,
    test: Path | None,
    *,
    folds: int,
    encoding: Progress,
    evaluating: Progress,
) -> tuple[LevelsReport, Dataset, str]:
    """What is predicted of one file after learning from another, or from its own other parts.

    Args:
        settings: Where model and cache are.
        folder: Texts in BEIR layout; judgements in it are not read.
        train: File of levels to learn from.
        test: File of levels to predict; None to part ``train`` itself.
        folds: Parts of ``train`` when there is no ``test``.
        encoding: Told the texts encoded.
        evaluating: Told the folds done.

    Returns:
        The figures, the data set, and the fingerprint of the model.

    Raises:
        DatasetError: a file cannot be read, or names what the folder lacks.
        TooLittleToLearn: fewer than 10 pairs to learn from, or all of one level.
        EmbeddingError: the model cannot be opened.
    """
    taught = read_levels(train)
    asked = None if test is None else read_levels(test)
    dataset = with_groups(load_unjudged(folder))
    opened = open_pipeline(settings, dataset, encoding=encoding)
    fit = PipelineFit.of(opened.pipeline, dataset.queries, precedents=True)
    if test is None or asked is None:
        found = cross_validate_levels(
            fit.learnt, dataset, taught, path=train, folds=folds, progress=evaluating
        )
    else:
        found = evaluate_levels(fit.learnt, dataset, taught, asked, test_path=test)
    return found, dataset, opened.encoder.fingerprint
