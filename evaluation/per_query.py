"""Where one system is better than another, need by need, and where one fails, for reading."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.bootstrap import Estimate, paired_difference
from evaluation.compare import MEASURES, Report, ask
from evaluation.dataset import Dataset
from evaluation.figures import as_json, number
from evaluation.measures import whole_pool
from evaluation.randomization import PairedTest, randomization_test
from evaluation.systems import System
from matcher.run import ranking

SHOWN = 10
_DOCUMENTS = 3
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Comparison:
    """One system against another on the same queries.

    Attributes:
        differences: Query id to first minus second, the largest first, ties by id.
        difference: Their mean with its interval.
        test: How surprising that is between equals.
    """

    first: str
    second: str
    measure: str
    differences: Mapping[str, float]
    difference: Estimate
    test: PairedTest

    @property
    def wins(self) -> int:
        """Queries on which the first system is better."""
        return sum(value > _EQUAL for value in self.differences.values())

    @property
    def losses(self) -> int:
        """Queries on which the second is."""
        return sum(value < -_EQUAL for value in self.differences.values())

    @property
    def ties(self) -> int:
        """Queries on which neither is."""
        return len(self.differences) - self.wins - self.losses

    def as_json(self) -> dict[str, object]:
        """Plain values; null where nothing was measured."""
        return {
            "first": self.first,
            "second": self.second,
            "measure": self.measure,
            "difference": as_json(self.difference),
            "p": number(self.test.p),
            "wins": self.wins,
            "losses": self.losses,
            "ties": self.ties,
        }


def wins_and_losses(
    report: Report, first: str, second: str, *, measure: str = MEASURES[0]
) -> Comparison:
    """Wins and losses of the first system over the second, with interval and p.

    Raises:
        KeyError: the report has no such system or measure.
    """
    ours, theirs = report.values(first, measure), report.values(second, measure)
    each = {query_id: ours[query_id] - theirs[query_id] for query_id in ours}
    return Comparison(
        first=first,
        second=second,
        measure=measure,
        differences={query_id: each[query_id] for query_id in ranking(each)},
        difference=paired_difference(ours, theirs, report.groups),
        test=randomization_test(ours, theirs, report.groups),
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """A judged document and the rank it was given in its pool, from 1."""

    document_id: str
    title: str
    level: int
    rank: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A need to read, with the documents that explain its figure.

    Attributes:
        value: nDCG@10 in [0, 1].
        buried: Documents ranked below poorer ones' places: the best of them, those furthest
            down first.
        promoted: Documents ranked in better ones' places: the poorest of them, those furthest
            up first.
    """

    query_id: str
    title: str
    value: float
    buried: tuple[Placed, ...]
    promoted: tuple[Placed, ...]


def worst_needs(
    system: System, dataset: Dataset, values: Mapping[str, float], *, n: int = SHOWN
) -> tuple[Reading, ...]:
    """The needs that a system orders worst, worst first, ties by id.

    Args:
        system: Asked again for these few, to show what it did.
        dataset: Where titles and judgements come from.
        values: Query id to its nDCG, such as ``Report.values`` gives.
        n: Most needs to list.
    """
    worst = sorted(values, key=lambda query_id: (values[query_id], query_id))[:n]
    return tuple(reading(system, dataset, query_id, values[query_id]) for query_id in worst)


def reading(system: System, dataset: Dataset, query_id: str, value: float) -> Reading:
    """One need with the judged documents that stand where they should not."""
    query = next(query for query in dataset.queries if query.id == query_id)
    pool = dataset.qrels[query_id]
    order = whole_pool(ranking(ask(system, query, k=len(pool), allowed=pool.keys())), pool)
    titles = {d.id: d.title for d in dataset.documents if d.id in pool}
    placed = [
        Placed(document_id, titles[document_id], pool[document_id] + 1, rank)
        for rank, document_id in enumerate(order, start=1)
    ]
    levels = [one.level for one in placed]
    buried = [one for one in placed if one.rank > sum(level >= one.level for level in levels)]
    promoted = [one for one in placed if one.rank <= sum(level > one.level for level in levels)]
    return Reading(
        query_id=query_id,
        title=query.title,
        value=value,
        buried=tuple(sorted(buried, key=lambda one: (-one.level, -one.rank))[:_DOCUMENTS]),
        promoted=tuple(sorted(promoted, key=lambda one: (one.level, one.rank))[:_DOCUMENTS]),
    )
