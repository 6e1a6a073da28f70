"""Which chains and counties belong together, told by the needs that they share."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import product

from matcher.pairing.problem import Coupling, Hub, HubKind, OpenNeed

STRONG_SHARE = 0.15
"""A county is strong in a chain that this share of its needs belong to."""


def strong_couplings(needs: Sequence[OpenNeed], hubs: Sequence[Hub]) -> tuple[Coupling, ...]:
    """Chains and counties strong in them, by the share of the county's needs."""
    kinds = {hub.id: hub.kind for hub in hubs}
    weight: dict[tuple[str, str], float] = defaultdict(float)
    total: dict[str, float] = defaultdict(float)
    for need in needs:
        chains = [hub for hub in need.hubs if kinds[hub] is HubKind.CHAIN]
        counties = [hub for hub in need.hubs if kinds[hub] is HubKind.COUNTY]
        for county in counties:
            total[county] += need.weight
        for pair_of in product(chains, counties):
            weight[pair_of] += need.weight
    shares = {pair_of: w / total[pair_of[1]] for pair_of, w in sorted(weight.items()) if w > 0}
    return tuple(
        Coupling(first=chain, second=county, strength=min(share, 1.0))
        for (chain, county), share in shares.items()
        if share >= STRONG_SHARE
    )
