"""Which postings a filter lets through, chains being those in force and not just declared ones."""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from api.tags import CityTags
from data.index_store import Repository
from data.session import session_scope
from matcher.graph.schema import NodeKind
from matcher.types import Filter, Need

if TYPE_CHECKING:
    from api.city import City


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
