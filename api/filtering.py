"""Which postings a filter lets through, chains being those in force and not just declared ones."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from api.graph.tags import CityTags
from data.index_store import Repository
from data.session import session_scope
from data.versions import data_version, stamp, version_of
from matcher.graph.schema import NodeKind
from matcher.types import Filter, Need

if TYPE_CHECKING:
    from api.graph.city import City

MOST_FOLLOWED = 1_000
"""Changed postings that are looked at one by one; after more all are."""


def allowed_ids(
    engine: Engine,
    repository: Repository,
    wanted: Filter,
    *,
    tags: CityTags,
    city: "City | None",
) -> frozenset[str] | None:
    """Ids that pass, or None when all do, which spares the indexes a look at each id.

    A posting belongs to the chains that a person put it into, else to those that it
    declares, else to those that were inferred; ids that were renamed mean today's chains.

    Args:
        engine: The database.
        repository: Which postings.
        wanted: What passes.
        tags: The database's.
        city: Its graph as of now, which knows most postings' chains; None without one.
    """
    with session_scope(engine, write=False) as session:
        passing = repository(session).ids(replace(wanted, chains=()))
        total = repository(session).count()
    if wanted.chains:
        definitions = tags.definitions()
        chains = frozenset(definitions.today(chain) for chain in wanted.chains)
        passing &= _members(engine, repository, passing, chains, tags=tags, city=city)
    return None if len(passing) == total else passing


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: str
    city: "City | None"  # for a filter by chains only: it would keep an old graph in memory
    ids: frozenset[str] | None


class RememberedFilters:
    """``allowed_ids``, remembered: what did not change since is not read again.

    As long as nothing changed for a filter it gives the very same set, by which indexes know
    that they have looked its ids up already.
    """

    MOST = 4
    """Filters remembered, those asked last: one may take 10 MB over 100,000 postings."""

    def __init__(self, engine: Engine, tags: CityTags) -> None:
        self._engine = engine
        self._tags = tags
        self._lock = Lock()
        self._held: OrderedDict[tuple[Repository, Filter], _Held] = OrderedDict()

    def of(
        self, repository: Repository, wanted: Filter, city: "City | None"
    ) -> frozenset[str] | None:
        """Ids that pass; see ``allowed_ids``."""
        with session_scope(self._engine, write=False) as session:
            now = stamp(session, data_version(session))
        key = repository, wanted
        held = self._held.get(key)
        if held is None or held.stamp != now or (wanted.chains and held.city is not city):
            followed = self._followed(held, repository, wanted) if held else None
            held = followed or self._read(repository, wanted, city, now)
        with self._lock:
            self._held[key] = held
            self._held.move_to_end(key)
            while len(self._held) > self.MOST:
                self._held.popitem(last=False)
        return held.ids

    def _read(self, repository: Repository, wanted: Filter, city: "City | None", now: str) -> _Held:
        ids = allowed_ids(self._engine, repository, wanted, tags=self._tags, city=city)
        return _Held(now, city if wanted.chains else None, ids)

    def _followed(self, held: _Held, repository: Repository, wanted: Filter) -> _Held | None:
        """The same after some changes; None where all has to be looked at."""
        if wanted.chains:
            return None
        with session_scope(self._engine, write=False) as session:
            since = version_of(held.stamp)
            if held.stamp != stamp(session, since):
                return None
            changes = repository(session).changed_since(since)
            now = stamp(session, changes.version)
            if len(changes.changed) > MOST_FOLLOWED:
                return None
            touched = repository(session).get_many(changes.changed)
            total = repository(session).count()
        if held.ids is None:
            all_pass = all(wanted.accepts(posting) for posting in touched.values())
            return replace(held, stamp=now) if all_pass else None
        gone = {*changes.changed, *changes.removed}
        let_in = {i for i, posting in touched.items() if wanted.accepts(posting)}
        ids = held.ids
        if let_in != gone & ids:
            ids = (ids - gone) | let_in
        return replace(held, stamp=now, ids=None if len(ids) == total else ids)


def _members(
    engine: Engine,
    repository: Repository,
    ids: Collection[str],
    chains: Collection[str],
    *,
    tags: CityTags,
    city: "City | None",
) -> frozenset[str]:
    """Of these ids those on one of the chains; some that are not among them may join in."""
    kind = NodeKind.NEED if repository.kind is Need else NodeKind.ACHIEVEMENT
    members = frozenset() if city is None else city.members(kind, chains)
    # the graph has no needs past their deadline
    unknown = [i for i in ids if city is None or not city.holds(kind, i)]
    with session_scope(engine, write=False) as session:
        records = repository(session).get_many(unknown)
    in_force = tags.in_force(list(records.values()))
    return members | {
        i
        for i, found in in_force.items()
        if any(tag.chain in chains and tag.weight > 0 for tag in found)
    }
