"""From match lists to a pairing plan: which universities can supply which chain's needs."""

from math import log2

from api.service import MatchService
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from matcher.pair import PairConfig, Plan, Supply, pair

SUPPLY_DEPTH = 20
"""How far down a need's match list a university still counts as supply."""


def pair_chains(service: MatchService, config: PairConfig) -> Plan:
    """One lead and some partners for every chain that has needs, chosen jointly.

    A university's worth for a need is 1 / log2(1 + rank) of its best achievement in the
    need's match list, the discount of nDCG: until match levels are calibrated, ranks are
    what compares between needs.
    """
    with session_scope(service.engine, write=False) as session:
        needs = NeedRepository(session).all()
    supplies: list[Supply] = []
    for need in needs:
        ranked = service.rank_for(need, k=SUPPLY_DEPTH) if need.chains else ()
        with session_scope(service.engine, write=False) as session:
            found = AchievementRepository(session).get_many(ranked)
        for rank, document_id in enumerate(ranked, start=1):
            university = found[document_id].organization if document_id in found else None
            if university is not None:
                supplies += [
                    Supply(chain, need.id, university, 1 / log2(1 + rank)) for chain in need.chains
                ]
    return pair(supplies, config)
