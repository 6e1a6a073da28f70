"""A problem as arrays: indices instead of ids, weights on one scale, seats with their worth.

A *seat* is a hub and a supplier, (h, s) in arrays of shape (hubs, suppliers).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.pairing.problem import FloatArray, OpenNeed, Problem

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Links:
    """What suppliers could contribute to one hub.

    Attributes:
        needs: (n,) rows of the hub's needs in the problem.
        weight: (n,) the hub's share of each need's weight.
        worth: (n, suppliers) levels times weight, sparse by supplier.
    """

    needs: IntArray
    weight: FloatArray
    worth: sparse.csc_array

    def of(self, s: int) -> tuple[NDArray[np.int32], FloatArray]:
        """The hub's needs (as places in ``needs``) that a supplier reaches, and their worth."""
        column = slice(self.worth.indptr[s], self.worth.indptr[s + 1])
        return self.worth.indices[column], self.worth.data[column]


@dataclass(frozen=True, eq=False)
class Model:
    """A checked problem, ready for the solvers.

    Attributes:
        hub_index: Row of every hub id.
        supplier_index: Column of every supplier id.
        links: One per hub.
        gain: (hubs, suppliers) what a seat is worth apart from coverage: cooperation less
            distance.
        alone: (hubs, suppliers) weighted need that a seat would cover with nobody beside it.
        lead_gain: (hubs, suppliers) what it adds that the seat is the lead.
        coupled: (couplings, 2) rows of coupled hubs.
        coupling_gain: (couplings,) worth of a supplier that both share.
        counties: Names of the counties that have needs which count.
        county_of: (needs,) index into ``counties``, -1 for none.
        county_weight: (counties,) weight of each one's needs.
        balance: Gain per unit of the smallest covered share among the counties.
    """

    problem: Problem
    hub_index: dict[str, int]
    supplier_index: dict[str, int]
    links: tuple[Links, ...]
    gain: FloatArray
    alone: FloatArray
    lead_gain: FloatArray
    coupled: IntArray
    coupling_gain: FloatArray
    counties: tuple[str, ...]
    county_of: IntArray
    county_weight: FloatArray
    balance: float

    @property
    def shape(self) -> tuple[int, int]:
        """(hubs, suppliers)."""
        return len(self.problem.hubs), len(self.problem.suppliers)


def compile_problem(problem: Problem) -> Model:
    """The arrays of a problem that ``check`` has let pass.

    Need weights are scaled to a mean of 1, so that scaling all of them changes nothing.
    """
    hub_index = {hub.id: h for h, hub in enumerate(problem.hubs)}
    weights, couplings = problem.weights, problem.couplings
    links = _links(problem, hub_index)
    shape = (len(problem.hubs), len(problem.suppliers))
    gain = np.zeros(shape)
    if problem.cooperation is not None:
        gain += weights.cooperation * problem.cooperation
    if problem.distance_km is not None:
        gain -= weights.distance_per_100km * problem.distance_km / 100
    alone = np.array([hub.worth.sum(axis=0) for hub in links]).reshape(shape)
    counties, county_of = _counties(problem.needs)
    county_weight = np.zeros(len(counties))
    for hub in links:
        known = county_of[hub.needs] >= 0
        np.add.at(county_weight, county_of[hub.needs][known], hub.weight[known])
    pairs = [(hub_index[c.first], hub_index[c.second]) for c in couplings]
    return Model(
        problem=problem,
        hub_index=hub_index,
        supplier_index={supplier.id: s for s, supplier in enumerate(problem.suppliers)},
        links=links,
        gain=gain,
        alone=alone,
        lead_gain=weights.lead * alone,
        coupled=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        coupling_gain=weights.coupling * np.array([c.strength for c in couplings], dtype=float),
        counties=counties,
        county_of=county_of,
        county_weight=county_weight,
        balance=weights.balance * float(len(problem.needs)),
    )


def _links(problem: Problem, hub_index: dict[str, int]) -> tuple[Links, ...]:
    weight = np.array([need.weight for need in problem.needs], dtype=float)
    if weight.sum() > 0:
        weight /= weight.mean()
    members: list[list[int]] = [[] for _ in problem.hubs]
    shares: list[list[float]] = [[] for _ in problem.hubs]
    for i, need in enumerate(problem.needs):
        hubs = dict.fromkeys(need.hubs)
        for hub in hubs if weight[i] > 0 else ():
            members[hub_index[hub]].append(i)
            shares[hub_index[hub]].append(weight[i] / len(hubs))
    links = []
    for rows, share in zip(members, shares, strict=True):
        needs, own = np.array(rows, dtype=np.int64), np.array(share)
        worth = sparse.csc_array(problem.levels[needs].multiply(own[:, None]))
        worth.eliminate_zeros()
        links.append(Links(needs, own, worth))
    return tuple(links)


def _counties(needs: tuple[OpenNeed, ...]) -> tuple[tuple[str, ...], IntArray]:
    names = sorted({n.county for n in needs if n.county is not None and n.hubs and n.weight > 0})
    index = {name: k for k, name in enumerate(names)}
    of = [index.get(n.county, -1) if n.county is not None else -1 for n in needs]
    return tuple(names), np.array(of, dtype=np.int64)
