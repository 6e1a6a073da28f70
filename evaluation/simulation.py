"""What the chain graph is worth where it is known which university can serve which segment.

In each simulated city (``simulation_city``) one ranker learns from texts alone and another
from texts and the graph, from the same judgements, and both are measured on needs that
neither learnt from. Judged are a need's best candidates by text, as brokers would judge
them; measured is the order of all that a pipeline grades. Controls change one assumption
each, and tell whether the gain comes from where it should.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from data import reference
from embeddings.encoder import Encoder
from evaluation.ablation import Ablation, Worth
from evaluation.bootstrap import estimate, paired_difference
from evaluation.folds import grouped_folds
from evaluation.measures import ndcg
from evaluation.randomization import randomization_test
from evaluation.simulation_city import City, CityConfig
from evaluation.simulation_kinds import kinds_of, tagged_right
from evaluation.simulation_report import Control, SimulationReport, Variety
from evaluation.simulation_view import (
    GRAPH_SIGNALS,
    CityTags,
    View,
    graph_of,
    graph_view,
    tags_of,
    text_view,
)
from matcher.config import MatchConfig
from matcher.diversity import varied
from matcher.errors import TooLittleToLearn
from matcher.learn import UNTRAINED, fit_ranker
from matcher.ranker import Ranker, expected_gain
from matcher.run import Run, Scores, top
from matcher.signals import NAMES, Values

JUDGED, FOLDS = 25, 3
"""Candidates per need that are judged, as staff did on real needs; parts of the needs."""

ORGANIZATIONS = ("organization_strength", "walk")
CHAINS = ("chain_affinity", "segment_proximity")

Levels = NDArray[np.int64]
PerNeed = dict[str, float]
Progress = Callable[[int, int], None]


class World(StrEnum):
    """What holds in a city: all that ``simulation_city`` assumes, or all but one thing."""

    ASSUMED = "assumed"
    NO_COOPERATION = "no_cooperation"
    UNRELATED = "competence_unrelated_to_the_past"
    OTHER = "graph_of_other_achievements"


def simulate(
    encoder: Encoder,
    *,
    seeds: Sequence[int],
    config: CityConfig | None = None,
    progress: Progress = lambda done, total: None,
) -> SimulationReport:
    """Text alone beside text and graph, on one simulated city per seed.

    Args:
        encoder: Reads the texts, for ranking and for tagging.
        seeds: Of the cities; at least one.
        config: The assumptions; defaults when None.
        progress: Told after each city.
    """
    found: dict[tuple[World, str], PerNeed] = defaultdict(dict)
    kinds: dict[str, list[str]] = defaultdict(list)
    alike: list[Variety] = []
    right: list[tuple[float, float]] = []
    for done, seed in enumerate(seeds, start=1):
        city = simulated_city(seed, config)
        tags = tags_of(city, encoder)
        for world, name, values in _measured(city, tags, text_view(city, encoder), alike):
            found[world, name] |= {f"{seed}/{need}": value for need, value in values.items()}
        for row in range(len(city.needs)):
            for kind in kinds_of(city, tags, row):
                kinds[kind].append(f"{seed}/{row}")
        right.append(tagged_right(city, tags))
        progress(done, len(seeds))
    text, graph = found[World.ASSUMED, "text"], found[World.ASSUMED, "graph"]
    return SimulationReport(
        seeds=tuple(seeds),
        text=estimate(text),
        graph=estimate(graph),
        gain=paired_difference(graph, text),
        p=randomization_test(graph, text).p,
        by_seed=tuple(
            float(np.mean([graph[i] - text[i] for i in graph if i.startswith(f"{seed}/")]))
            for seed in seeds
        ),
        signals=_ablation(found),
        where={
            kind: estimate({i: graph[i] - text[i] for i in sorted(needs) if i in graph})
            for kind, needs in sorted(kinds.items())
        },
        controls={world.value: _control(found, world) for world in World},
        variety=Variety.mean(alike),
        chains_right=float(np.mean([chain for chain, _ in right])),
        segments_right=float(np.mean([segment for _, segment in right])),
    )


def simulated_city(seed: int, config: CityConfig | None = None) -> City:
    """A city on the packaged chains."""
    return City(
        reference.chains(),
        reference.outside_fields(),
        reference.counties(),
        seed=seed,
        config=config,
    )


def held_out(view: View, levels: Levels, *, without: Sequence[str] = ()) -> Run:
    """Expected gains by rankers that learnt from other needs of the city.

    Args:
        view: What they see.
        levels: (needs, achievements) true levels, of which the first ``JUDGED`` candidates'
            are learnt from.
        without: Signals that are hidden.
    """
    values = view.values.copy()
    values[:, :, [name in without for name in NAMES]] = np.nan
    true = np.take_along_axis(levels, view.pools, axis=1)
    scores: dict[str, dict[str, float]] = {}
    for fold in grouped_folds(map(str, range(len(true))), {}, n=FOLDS):
        rows = [int(row) for row in fold]
        ranker = _fitted(
            np.delete(values, rows, axis=0)[:, :JUDGED], np.delete(true, rows, axis=0)[:, :JUDGED]
        )
        for row in rows:
            gains = np.round(expected_gain(ranker.grade(values[row])), 9)
            ids = (f"a{place}" for place in view.pools[row])
            scores[str(row)] = dict(zip(ids, gains.tolist(), strict=True))
    return Run("simulated", scores)


def reached(run: Run, view: View, levels: Levels) -> PerNeed:
    """nDCG@10 over its candidates of each need that has candidates of several levels."""
    qrels = {
        str(row): {f"a{place}": int(levels[row, place]) - 1 for place in pool}
        for row, pool in enumerate(view.pools)
    }
    return ndcg(run, qrels)


def _measured(
    city: City, tags: CityTags, text: View, alike: list[Variety]
) -> Iterator[tuple[World, str, PerNeed]]:
    """What rankers reach in every world, by name: text, graph, or the signals it lacks."""
    levels = city.levels()
    view = graph_view(text, city, graph_of(city, tags, cooperations=city.cooperations))
    best = held_out(view, levels)
    yield World.ASSUMED, "text", reached(held_out(text, levels), text, levels)
    yield World.ASSUMED, "graph", reached(best, view, levels)
    for names in (*((name,) for name in GRAPH_SIGNALS), CHAINS, ORGANIZATIONS):
        run = held_out(view, levels, without=names)
        yield World.ASSUMED, ", ".join(names), reached(run, view, levels)
    alike.append(_variety(best, city, view, levels))

    alone = graph_view(text, city, graph_of(city, tags, cooperations=()))
    yield from _compared(World.NO_COOPERATION, text, alone, levels)
    random = np.random.default_rng([city.seed, 1])
    yield from _compared(World.UNRELATED, text, view, city.levels(city.competences(random)))
    mixed = random.permutation(len(city.achievements)).tolist()
    others = graph_of(city, tags, cooperations=city.cooperations, given=mixed)
    yield from _compared(World.OTHER, text, graph_view(text, city, others), levels)


def _compared(
    world: World, text: View, view: View, levels: Levels
) -> Iterator[tuple[World, str, PerNeed]]:
    yield world, "text", reached(held_out(text, levels), text, levels)
    yield world, "graph", reached(held_out(view, levels), view, levels)
    run = held_out(view, levels, without=ORGANIZATIONS)
    yield world, ", ".join(ORGANIZATIONS), reached(run, view, levels)


def _fitted(values: Values, levels: Levels) -> Ranker:
    try:
        return fit_ranker(values.reshape(-1, len(NAMES)), levels.ravel())
    except TooLittleToLearn:
        return UNTRAINED


def _ablation(found: dict[tuple[World, str], PerNeed]) -> Ablation:
    whole = found[World.ASSUMED, "graph"]
    rows = [
        Worth(
            group=name,
            ndcg=estimate(values),
            worth=paired_difference(whole, values),
            p=randomization_test(whole, values).p,
        )
        for (world, name), values in found.items()
        if world is World.ASSUMED and name not in ("text", "graph")
    ]
    return Ablation(estimate(whole), tuple(sorted(rows, key=lambda row: -row.worth.mean)))


def _control(found: dict[tuple[World, str], PerNeed], world: World) -> Control:
    graph = found[world, "graph"]
    return Control(
        gain=paired_difference(graph, found[world, "text"]),
        organizations=paired_difference(graph, found[world, ", ".join(ORGANIZATIONS)]),
    )


def _variety(run: Run, city: City, view: View, levels: Levels) -> Variety:
    """How much of the first ten one university holds, as ranked and with variety."""
    owners = {a.id: a.organization for a in city.achievements if a.organization}
    repeat = MatchConfig().repeat
    mixed = {need: varied(gains, owners, repeat=repeat) for need, gains in run.scores.items()}
    plain, after = reached(run, view, levels), reached(Run(run.system, mixed), view, levels)
    return Variety(
        repeat=repeat,
        before=float(np.mean([_largest(gains, owners) for gains in run.scores.values()])),
        after=float(np.mean([_largest(gains, owners) for gains in mixed.values()])),
        ndcg=float(np.mean([after[need] - plain[need] for need in plain])),
    )


def _largest(gains: Scores, owners: Mapping[str, str]) -> float:
    _, counts = np.unique([owners[i] for i in top(gains, k=10)], return_counts=True)
    return float(counts.max() / counts.sum())
