"""A trained system measured on queries that it did not learn from."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.dataset import Dataset
from evaluation.errors import NotHeldOut
from evaluation.folds import FOLDS, grouped_folds
from evaluation.grader import Fit, Grader, judgements_of
from matcher.types import Query

FoldProgress = Callable[[int, int], None]
"""Called with the fits done and the fits in all."""


class OutOfFold:
    """Hands every query to a grader that learnt neither from it nor from its near-copies.

    It is a ``Grader`` itself, so one object stands beside the baselines in ``evaluate``,
    is calibrated, and is compared query by query.

    Args:
        name: Its name in reports.
        graders: Query id to the grader that answers it.
    """

    def __init__(self, name: str, graders: Mapping[str, Grader]) -> None:
        self.name = name
        self._graders = dict(graders)

    def retrieve(
        self, query: Query, *, k: int, allowed: Collection[str] | None = None
    ) -> dict[str, float]:
        """What the query's grader retrieves.

        Raises:
            NotHeldOut: the query is in no fold.
        """
        return self._grader_of(query).retrieve(query, k=k, allowed=allowed)

    def grade(self, query: Query, document_ids: Sequence[str]) -> NDArray[np.float64]:
        """(len(document_ids), 3) what the query's grader says.

        Raises:
            NotHeldOut: the query is in no fold.
        """
        return self._grader_of(query).grade(query, document_ids)

    def _grader_of(self, query: Query) -> Grader:
        try:
            return self._graders[query.id]
        except KeyError:
            raise NotHeldOut(query.id) from None


def out_of_fold(
    fit: Fit,
    dataset: Dataset,
    *,
    name: str,
    folds: int = FOLDS,
    seed: int = 0,
    progress: FoldProgress = lambda done, total: None,
) -> OutOfFold:
    """One fit per fold on the judgements of all others.

    Args:
        fit: Makes a grader from judgements.
        dataset: Its judged queries are parted by ``dataset.groups``.
        name: The system's name in reports.
        folds: How many parts.
        seed: Of the folds.
        progress: Told after each fit.

    Raises:
        UnusableFolds: there are fewer groups of judged queries than folds.
        UnknownLevel: the data set's scores are not 0 to 3.
    """
    parts = grouped_folds(dataset.qrels, dataset.groups, n=folds, seed=seed)
    graders: dict[str, Grader] = {}
    for done, held_out in enumerate(parts, start=1):
        grader = fit(judgements_of(without(dataset, held_out)))
        graders.update(dict.fromkeys(held_out, grader))
        progress(done, len(parts))
    return OutOfFold(name, graders)


def without(dataset: Dataset, query_ids: Collection[str]) -> dict[str, Mapping[str, int]]:
    """The judgements of all other queries."""
    left_out = set(query_ids)
    return {query_id: pool for query_id, pool in dataset.qrels.items() if query_id not in left_out}
