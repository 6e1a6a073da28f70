"""The city graph of one database: its records, its tags, and what brokers decided."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from api.chain_map import tags_of
from api.service import MatchService
from data import reference
from data.decisions import DecisionRepository
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.versions import data_version
from matcher.graph.build import city_graph
from matcher.graph.schema import Cooperation, NodeKind, node
from matcher.judgement import judgements
from matcher.tag_types import Tag
from matcher.types import Document, Need, Organization, Status

if TYPE_CHECKING:
    import networkx as nx


def graph_of(
    service: MatchService, *, today: date, cooperations: Iterable[Cooperation] = ()
) -> "nx.MultiDiGraph":
    """The city graph as the database stands: open needs, published achievements.

    Tags are those of the chain map; organisations without a declared chain are tagged by
    their name, description and class of GB/T 4754.

    Args:
        service: Whose database and tagger are used.
        today: The day on which needs are open.
        cooperations: Who has worked with whom, which no table holds yet.
    """
    with session_scope(service.engine, write=False) as session:
        version = data_version(session)
        needs = [need for need in NeedRepository(session).all() if _is_open(need, today)]
        achievements = [
            a for a in AchievementRepository(session).all() if a.status is Status.PUBLISHED
        ]
        organizations = OrganizationRepository(session).all()
        decisions = DecisionRepository(session).all()
    tags = {
        node(kind, record_id): found
        for kind, by_id in (
            (NodeKind.NEED, tags_of(service, needs)),
            (NodeKind.ACHIEVEMENT, tags_of(service, achievements)),
            (NodeKind.ORGANIZATION, _tags_of_organizations(service, organizations)),
        )
        for record_id, found in by_id.items()
    }
    judged = judgements(
        decisions, needs={n.id for n in needs}, achievements={a.id for a in achievements}
    )
    return city_graph(
        service.records.chains(),
        reference.counties(),
        organizations=organizations,
        needs=needs,
        achievements=achievements,
        tags=tags,
        cooperations=cooperations,
        judgements=judged.judgements,
        data_version=version,
    )


def _tags_of_organizations(
    service: MatchService, organizations: Iterable[Organization]
) -> dict[str, list[Tag]]:
    unclear = [o for o in organizations if not o.chains]
    documents = [Document(id=o.id, title=o.name, text=o.text) for o in unclear]
    codes = {o.id: (o.gbt4754,) for o in unclear if o.gbt4754 is not None}
    found = service.tagger.tag(documents, codes=codes)
    return {o.id: list(tags) for o, tags in zip(unclear, found, strict=True)}


def _is_open(need: Need, today: date) -> bool:
    return need.status is Status.PUBLISHED and (need.deadline is None or need.deadline >= today)
