"""What each group of signals is worth: the ranker learnt anew without it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from evaluation.bootstrap import Estimate, estimate, paired_difference
from evaluation.compare import pool_ndcg
from evaluation.cross_validation import FoldProgress, out_of_fold
from evaluation.dataset import Dataset
from evaluation.figures import as_json, decimals, in_words, number, signed
from evaluation.folds import FOLDS
from evaluation.grader import Fit
from evaluation.randomization import randomization_test

FitWithout = Callable[[Collection[str]], Fit]
"""Names of the groups of signals to leave out, to how a ranker is fitted without them."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one group of signals is worth.

    Attributes:
        group: The group that was left out.
        ndcg: nDCG@10 without it.
        worth: How far the whole ranker lies above that, paired by query.
        p: Two-sided, of the paired randomisation test; not corrected for the number of
            groups.
    """

    group: str
    ndcg: Estimate
    worth: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Ablation:
    """nDCG@10 of the whole ranker, and what each group adds to it, most first."""

    whole: Estimate
    groups: tuple[Worth, ...]

    def as_json(self) -> dict[str, object]:
        """Plain values; null where nothing was measured."""
        return {
            "ndcg@10": as_json(self.whole),
            "without": {
                one.group: {
                    "ndcg@10": as_json(one.ndcg),
                    "worth": as_json(one.worth),
                    "p": number(one.p),
                }
                for one in self.groups
            },
        }

    def columns(self) -> tuple[str, ...]:
        """Headings of ``rows``."""
        return ("去掉 / without", "ndcg@10", "价值 / worth", "p")

    def rows(self) -> list[tuple[str, ...]]:
        """One row of words for the whole, then one per group."""
        return [
            ("无 / nothing", in_words(self.whole), "", ""),
            *(
                (one.group, in_words(one.ndcg), signed(one.worth), decimals(one.p, digits=4))
                for one in self.groups
            ),
        ]


def ablate(
    fit_without: FitWithout,
    signal_groups: Sequence[str],
    dataset: Dataset,
    *,
    folds: int = FOLDS,
    seed: int = 0,
    progress: FoldProgress = lambda done, total: None,
) -> Ablation:
    """Every group of signals left out in turn, on the same folds.

    A signal that others stand in for is worth little here however good it is alone.

    Args:
        fit_without: How to fit without some groups; asked with no groups first.
        signal_groups: Names of the groups.
        dataset: Its judged queries are parted into grouped folds.
        folds: How many parts.
        seed: Of the folds.
        progress: Told after each fit.

    Raises:
        UnusableFolds: there are fewer groups of judged queries than folds.
    """
    total = folds * (1 + len(signal_groups))

    def reached(left_out: Sequence[str], before: int) -> dict[str, float]:
        system = out_of_fold(
            fit_without(left_out),
            dataset,
            name=f"without {', '.join(left_out)}",
            folds=folds,
            seed=seed,
            progress=lambda done, _: progress(before + done, total),
        )
        return pool_ndcg(system, dataset)

    whole = reached((), 0)
    rows = []
    for position, group in enumerate(signal_groups, start=1):
        values = reached((group,), position * folds)
        rows.append(
            Worth(
                group=group,
                ndcg=estimate(values, dataset.groups),
                worth=paired_difference(whole, values, dataset.groups),
                p=randomization_test(whole, values, dataset.groups).p,
            )
        )
    return Ablation(
        estimate(whole, dataset.groups), tuple(sorted(rows, key=lambda row: -row.worth.mean))
    )
