"""From match lists to a pairing plan: which universities can supply which chain's needs."""

from math import log2

from api.service import MatchService
from matcher.pair import PairConfig, Plan, Supply, pair

SUPPLY_DEPTH = 20
"""How far down a need's match list a university still counts as supply."""


def pair_chains(service: MatchService, config: PairConfig) -> Plan:
    """One lead and some partners for every chain that has published needs, chosen jointly.

    A need that names no chain counts for those that its wording tells. A university's
    worth for a need is 1 / log2(1 + rank) of its best achievement in the need's match list,
    the discount of nDCG: until match levels are calibrated, ranks are what compares
    between needs.
    """
    needs = service.records.published_needs()
    chains = service.chains_of(needs)
    supplies = [
        Supply(chain, need.id, university, 1 / log2(1 + rank))
        for need in needs
        if chains[need.id]
        for rank, university in enumerate(
            service.records.suppliers(service.rank_for(need, k=SUPPLY_DEPTH)), start=1
        )
        if university is not None
        for chain in chains[need.id]
    ]
    return pair(supplies, config)
