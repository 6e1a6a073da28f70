"""An invented city or province to pair: needs, universities, and how alike they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.pairing.coupling import strong_couplings
from matcher.pairing.problem import (
    FloatArray,
    Hub,
    HubKind,
    OpenNeed,
    Problem,
    Supplier,
)

DIMENSIONS, SEGMENTS = 24, 8
NOISE = 1.1
"""How far needs and achievements lie from the centre of their segment."""

LEAST_LEVEL = 0.25
"""Levels below this are no supply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySize:
    """How large an invented city is.

    Attributes:
        counties: 0 pairs chains only.
        capacity: Most teams that a university is in.
    """

    chains: int = 10
    counties: int = 10
    universities: int = 100
    needs: int = 2_000
    partners: int = 1
    capacity: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class InventedCity:
    """A problem, and what naive rules look at.

    Attributes:
        mean_similarity: (hubs, universities) cosine of the hub's needs and the university's
            achievements, on average over all pairs of them.
        nearest_similarity: The same for each need and the nearest achievement only.
    """

    problem: Problem
    mean_similarity: FloatArray
    nearest_similarity: FloatArray


def invented_city(size: CitySize, *, seed: int) -> InventedCity:
    """A city whose universities are each strong in a few chains, and differ much in size.

    Needs and achievements are points around segments of chains; the best cosine of a
    university's achievements makes the level.
    """
    rng = np.random.default_rng(seed)
    centres = 0.6 * rng.normal(size=(size.chains, 1, DIMENSIONS))
    centres = centres + rng.normal(size=(size.chains, SEGMENTS, DIMENSIONS))
    mix = rng.dirichlet(np.full(size.chains, 0.3), size=max(size.counties, 1))
    county = rng.integers(0, max(size.counties, 1), size=size.needs)
    chain = np.array([rng.choice(size.chains, p=mix[k]) for k in county])
    needs = _points(rng, centres, chain)
    best = np.empty((size.needs, size.universities))
    centroid = np.empty((size.universities, DIMENSIONS))
    for u in range(size.universities):
        achievements = _achievements(rng, centres)
        best[:, u] = (needs @ achievements.T).max(axis=1)
        centroid[u] = achievements.mean(axis=0)
    level = 1 / (1 + np.exp(-10 * (best - 0.6)))
    level = np.where(level > LEAST_LEVEL, np.round(level, 2), 0.0)
    hubs = (
        *(Hub(id=f"c{i}", max_partners=size.partners) for i in range(size.chains)),
        *(
            Hub(id=f"k{i}", kind=HubKind.COUNTY, max_partners=size.partners)
            for i in range(size.counties)
        ),
    )
    weight = rng.lognormal(0, 0.5, size=size.needs)
    open_needs = tuple(
        OpenNeed(
            id=f"n{i}",
            hubs=(f"c{c}", f"k{k}") if size.counties else (f"c{c}",),
            weight=float(w),
            county=f"k{k}",
        )
        for i, (c, k, w) in enumerate(zip(chain, county, weight, strict=True))
    )
    shape = (len(hubs), size.universities)
    distance = np.broadcast_to(rng.gamma(2, 200, size=size.universities), shape)
    problem = Problem(
        hubs=hubs,
        suppliers=tuple(
            Supplier(id=f"u{i}", max_hubs=size.capacity) for i in range(size.universities)
        ),
        needs=open_needs,
        levels=sparse.csr_array(level),
        cooperation=(rng.random(shape) < 0.03).astype(float),
        distance_km=distance.copy(),
        couplings=strong_couplings(open_needs, hubs),
    )
    members = [chain == c for c in range(size.chains)]
    members += [county == k for k in range(size.counties)]
    mean = _by_hub(members, needs) @ centroid.T
    return InventedCity(problem, mean, _by_hub(members, best))


def _by_hub(members: Sequence[NDArray[np.bool_]], values: FloatArray) -> FloatArray:
    """Per hub the mean of its needs' rows."""
    return np.array([values[of].sum(axis=0) / max(int(of.sum()), 1) for of in members])


def _points(rng: np.random.Generator, centres: FloatArray, chain: NDArray[np.int64]) -> FloatArray:
    segment = rng.integers(0, SEGMENTS, size=len(chain))
    points = centres[chain, segment] + NOISE * rng.normal(size=(len(chain), DIMENSIONS))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def _achievements(rng: np.random.Generator, centres: FloatArray) -> FloatArray:
    """Of one university: two to forty, most of them in its three chains."""
    count = int(np.clip(4 * rng.pareto(1.5), 2, 40))
    focus = rng.integers(0, len(centres), size=3)
    inside = rng.random(count) < 0.7
    anywhere = rng.integers(0, len(centres), size=count)
    return _points(rng, centres, np.where(inside, focus[rng.integers(0, 3, size=count)], anywhere))
