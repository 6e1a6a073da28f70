"""What the signals of the graph weigh in a ranker that learnt where there was no graph.

The labelled needs know no organisations. So the weights come from simulated cities: the
ranker's own verdict on the texts is held fixed, and only the graph's signals are learnt
beside it. A simulation flatters the graph, hence a part of what was learnt is taken.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from embeddings.encoder import Encoder
from evaluation.simulation import JUDGED, simulated_city
from evaluation.simulation_city import CityConfig
from evaluation.simulation_view import GRAPH_SIGNALS, graph_of, graph_view, tags_of, text_view
from matcher.learn import fit_ranker
from matcher.ranker import Ranker
from matcher.signals import NAMES

SEEDS = (0, 1, 2, 3)

PART = 0.25
"""Of the slopes learnt in simulated cities. On the labelled needs, tagged from their texts, a
quarter added 0.004 to nDCG@10 [-0.001, +0.009], a half nothing, and the whole cost 0.011."""


def with_graph_slopes(
    text: Ranker,
    encoder: Encoder,
    *,
    seeds: Sequence[int] = SEEDS,
    config: CityConfig | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Ranker:
    """The ranker with slopes for the signals of the graph; nothing else in it changes.

    Args:
        text: A ranker of texts.
        encoder: The one that it was learnt with.
        seeds: Of the simulated cities.
        config: Their assumptions; defaults when None.
        progress: Told after each city.

    Returns:
        Its origin says under ``graph`` where the slopes come from.

    Raises:
        TooLittleToLearn: fewer than 10 judged pairs, or all of one level.
    """
    adapted = bool(text.slopes.get("adapted"))
    values, levels = [], []
    for done, seed in enumerate(seeds, start=1):
        city = simulated_city(seed, config)
        graph = graph_of(city, tags_of(city, encoder), cooperations=city.cooperations)
        view = graph_view(text_view(city, encoder, adapted=adapted), city, graph)
        true = np.take_along_axis(city.levels(), view.pools, axis=1)
        values.append(view.values[:, :JUDGED].reshape(-1, len(NAMES)))
        levels.append(true[:, :JUDGED].ravel())
        progress(done, len(seeds))
    seen = np.concatenate(values)
    taught = np.full_like(seen, np.nan)
    # the verdict on the texts stands where the fused score does, which a fit stays near to
    taught[:, NAMES.index("fused")] = text.contributions(seen).sum(axis=1)
    own = [NAMES.index(name) for name in GRAPH_SIGNALS]
    taught[:, own] = seen[:, own]
    learnt = fit_ranker(taught, np.concatenate(levels))
    origin = {"data": "simulation", "seeds": list(seeds), "pairs": len(seen), "part": PART}
    return replace(
        text,
        centre={**text.centre, **{name: learnt.centre[name] for name in GRAPH_SIGNALS}},
        slopes={**text.slopes, **{name: PART * learnt.slopes[name] for name in GRAPH_SIGNALS}},
        origin={**text.origin, "graph": origin},
    )
