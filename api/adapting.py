"""A corpus teaches its adapter anew, on request; brokers' decisions may object."""

from dataclasses import dataclass

from api.learning.training import lesson
from api.service import MatchService
from data.index_store import Repository
from data.repositories import AchievementRepository
from evaluation.bootstrap import Estimate, paired_difference
from evaluation.compare import pool_ndcg

_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Adapted:
    """An adapter beside the comparison in use.

    Attributes:
        documents: Size of the corpus that it was learnt from.
        gain: nDCG@10 with it less that of today, on the needs that brokers judged; its
            ``n`` is 0 where no need has five judged matches of several levels.
        better: Whether it is not worse, which is what using it takes.
    """

    documents: int
    gain: Estimate
    better: bool


def adapt(service: MatchService, repository: Repository, *, dry_run: bool) -> Adapted | None:
    """Learns an adapter and puts it into use unless decisions speak against it.

    Args:
        service: Holds the corpus.
        repository: Which corpus.
        dry_run: Whether to leave everything as it is.

    Returns:
        None where the corpus is too small to learn from.

    Raises:
        StoreError: the database cannot be read.
        EmbeddingError: the model cannot encode.
        OSError: the adapter cannot be written.
    """
    store = service.index_store(repository)
    adapter = store.learn_adapter()
    if adapter is None:
        return None
    gain = paired_difference({}, {}, {})
    if repository is AchievementRepository:
        dataset = lesson(service.engine).dataset
        gain = paired_difference(
            pool_ndcg(service.pipeline(repository, adapter=adapter), dataset),
            pool_ndcg(service.pipeline(repository), dataset),
            dataset.groups,
        )
    better = not gain.n or gain.mean >= -_EQUAL
    if better and not dry_run:
        store.use_adapter(adapter)
    return Adapted(adapter.fitted_on, gain, better)
