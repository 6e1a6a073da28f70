"""Figures that are looked up when they are asked for: what waits, and how large things are."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from api.operations.metrics import Metrics
from data.audit import head_of
from data.session import session_scope
from data.tables import JobRow


def watch_service(metrics: Metrics, state: Any) -> None:
    """Adds the figures of a running application.

    Args:
        metrics: Where to.
        state: Of the application; has ``service`` and ``follower``.
    """
    engine, follower, service = state.service.engine, state.follower, state.service

    def jobs() -> Mapping[str, float]:
        counted = select(JobRow.state, func.count()).group_by(JobRow.state)
        with session_scope(engine, write=False) as session:
            return {name: count for name, count in session.execute(counted)}

    def audit() -> Mapping[str, float]:
        with session_scope(engine, write=False) as session:
            return {"": head_of(session).seq}

    metrics.watch(
        "yilian_match_lists_waiting",
        "Open needs whose match list is missing or stale",
        lambda: {"": follower.lag().waiting},
    )
    metrics.watch(
        "yilian_match_lists_lag_seconds",
        "Since when match lists have been waiting",
        lambda: {"": follower.lag().since_s},
    )
    metrics.watch("yilian_jobs", "Background jobs by state", jobs, label="state")
    metrics.watch(
        "yilian_index_entries", "Postings in the index", service.index_sizes, label="kind"
    )
    metrics.watch("yilian_audit_entries", "Entries of the audit chain", audit)
