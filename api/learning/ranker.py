"""Which ranker is in use: the promoted one, else the one that ships."""

from collections.abc import Callable

from sqlalchemy import Engine

from data.default_ranker import default_ranker, read_ranker
from data.rankers import RankerRepository
from data.session import session_scope
from matcher.errors import BadRanker
from matcher.ranker import Ranker

Notify = Callable[[str], None]


def current_ranker(engine: Engine, notify: Notify = lambda message: None) -> Ranker | None:
    """The ranker to rank with; None for the untrained order, where nothing usable ships.

    A promoted ranker that cannot be used is passed over for the shipped one.

    Args:
        engine: The database; up to date.
        notify: Told in a sentence why a ranker is passed over.
    """
    with session_scope(engine, write=False) as session:
        stored = RankerRepository(session).current()
    if stored is not None:
        try:
            return read_ranker(stored.content)
        except BadRanker as problem:
            notify(
                f"第 {stored.version} 版排序模型不可用（{problem.zh}），改用出厂模型；可用"
                f" yilian train --roll-back 退回。 / version {stored.version} of the ranker cannot"
                f" be used ({problem.en}); the shipped one ranks instead. Roll back with"
                " yilian train --roll-back"
            )
    return shipped_ranker(notify)


def shipped_ranker(notify: Notify = lambda message: None) -> Ranker | None:
    """The ranker that ships; None after a remark when its file cannot be used."""
    try:
        return default_ranker()
    except BadRanker as problem:
        notify(
            f"出厂排序模型不可用（{problem.zh}），改用未训练的排序，请重新安装。"
            f" / the shipped ranker cannot be used ({problem.en}); the untrained order ranks"
            " instead. Install the program again"
        )
        return None
