"""A readable ranker file from a labelled data set: how the shipped default is made."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from api.progress import Progress
from api.reports.dataset_pipeline import open_pipeline, with_groups
from api.settings import Settings
from data.default_ranker import ranker_text
from embeddings.cache import CachedEncoder, VectorCache
from evaluation.bootstrap import Estimate, estimate, paired_difference
from evaluation.compare import pool_ndcg
from evaluation.cross_validation import out_of_fold
from evaluation.dataset import load_dataset
from evaluation.figures import as_json, number
from evaluation.fingerprint import fingerprint
from evaluation.folds import FOLDS
from evaluation.grader import judgements_of
from evaluation.graph_slopes import with_graph_slopes
from evaluation.level_calibration import CalibrationReport, calibration
from evaluation.randomization import randomization_test
from evaluation.systems import Named
from evaluation.trained import PipelineFit
from matcher.ranker import Ranker


@dataclass(frozen=True, slots=True)
class DefaultRanker:
    """A ranker fitted to a whole data set, with what its like reached out of fold.

    Attributes:
        gain: nDCG@10 over the untrained order, paired by need.
        p: Two-sided, of the paired randomisation test.
    """

    ranker: Ranker
    ndcg: Estimate
    gain: Estimate
    p: float
    calibrated: CalibrationReport


def train_default(
    settings: Settings,
    folder: Path,
    split: str,
    *,
    folds: int = FOLDS,
    encoding: Progress,
    fitting: Progress,
    simulating: Progress,
) -> DefaultRanker:
    """A ranker learnt from all judgements of a split; its figures are of held-out needs.

    The signals of the chain graph, of which a data set tells nothing, get their slopes from
    simulated cities (``evaluation.graph_slopes``); the figures are of the others alone. The
    ranker holds coefficients and no text of the data set.

    Raises:
        DatasetError: the folder or the split cannot be read.
        UnusableFolds: there are too few judged queries for the folds.
        TooLittleToLearn: fewer than 10 judged pairs, or all of one level.
        EmbeddingError: the model cannot be opened.
    """
    dataset = with_groups(load_dataset(folder, split))
    opened = open_pipeline(settings, dataset, encoding=encoding)
    fit = PipelineFit.of(opened.pipeline, dataset.queries)
    ranker = fit.ranker(judgements_of(dataset.qrels))
    folded = out_of_fold(fit.learnt, dataset, name="trained", folds=folds, progress=fitting)
    ours = pool_ndcg(folded, dataset)
    theirs = pool_ndcg(Named("untrained", opened.plain), dataset)
    gain = paired_difference(ours, theirs, dataset.groups)
    p = randomization_test(ours, theirs, dataset.groups).p
    calibrated = calibration(folded, dataset)
    reached = estimate(ours, dataset.groups)
    origin = {
        "data": f"{dataset.name} {dataset.split}",
        "fingerprint": fingerprint(dataset),
        "model": opened.encoder.fingerprint,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "needs": len(dataset.qrels),
        "pairs": sum(map(len, dataset.qrels.values())),
        "folds": folds,
        "figures": {
            "ndcg@10": as_json(reached),
            "gain": as_json(gain),
            "p": number(p),
            "calibration_error": {
                str(cut): number(one.error) for cut, one in calibrated.cuts.items()
            },
        },
    }
    # no data set knows organisations; what the graph weighs comes from simulated cities
    cached = CachedEncoder(opened.encoder, VectorCache(settings.cache))
    whole = with_graph_slopes(replace(ranker, origin=origin), cached, progress=simulating)
    return DefaultRanker(whole, reached, gain, p, calibrated)


def write_ranker(ranker: Ranker, path: Path) -> None:
    """The ranker's text in a file, whole or not at all."""
    with NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as scratch:
        scratch.write(ranker_text(ranker))
    os.chmod(scratch.name, 0o644)
    Path(scratch.name).replace(path)
