"""What simulated cities showed, ready to be written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import numpy as np

from evaluation.ablation import Ablation
from evaluation.bootstrap import Estimate
from evaluation.figures import as_json, number, signed

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "assumed": "如假设 / as assumed",
        "no_cooperation": "没有合作记录 / no past cooperation known",
        "competence_unrelated_to_the_past": "能力与过去无关 / competence unrelated to the past",
        "graph_of_other_achievements": "图与成果错配 / graph of other achievements",
        "tag: segment_right": "环节判对 / right segment",
        "tag: segment_mistaken": "链对、环节不对 / right chain, another segment",
        "tag: chain_mistaken": "链判错 / another chain",
        "tag: chain_untagged": "在链上而未判出 / on a chain, not seen",
        "tag: outside_untagged": "不在任何链上 / of no chain",
        "tag: outside_tagged": "不在链上而判入 / of no chain, tagged",
        "enterprise: has partners": "企业有合作高校 / enterprise has worked with some",
        "enterprise: no partners": "企业无合作 / enterprise has worked with none",
        "supply: many": "同领域成果多 / many achievements in its field",
        "supply: few": "同领域成果少 / few achievements in its field",
    }
)


@dataclass(frozen=True, slots=True)
class Control:
    """The gain where one assumption is changed.

    Attributes:
        gain: nDCG@10 of text and graph over text alone.
        organizations: Of that, what the signals about organisations bring beside the others.
    """

    gain: Estimate
    organizations: Estimate


@dataclass(frozen=True, slots=True)
class Variety:
    """What variety does to the lists.

    Attributes:
        repeat: ``MatchConfig.repeat``.
        before: Mean share of the first ten that one university holds, as ranked.
        after: The same with variety.
        ndcg: What variety adds to nDCG@10.
    """

    repeat: float
    before: float
    after: float
    ndcg: float

    @classmethod
    def mean(cls, some: Sequence[Self]) -> Self:
        """The mean over cities."""
        before, after, ndcg = np.mean([(v.before, v.after, v.ndcg) for v in some], axis=0).tolist()
        return cls(some[0].repeat, before, after, ndcg)


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """Text alone beside text and graph, over all needs of all cities.

    Attributes:
        text: nDCG@10 of the ranker that sees texts.
        graph: Of the one that sees texts and the graph.
        gain: Graph less text, paired by need.
        p: Two-sided, of the paired randomisation test of the gain.
        by_seed: Mean gain in each city.
        signals: What each signal of the graph is worth beside the others.
        where: Sort of need to gain.
        controls: Changed assumption to gain.
        chains_right: Share of postings tagged with the right chain, or rightly with none.
        segments_right: Of the postings on a chain, share tagged with the right segment.
    """

    seeds: tuple[int, ...]
    text: Estimate
    graph: Estimate
    gain: Estimate
    p: float
    by_seed: tuple[float, ...]
    signals: Ablation
    where: Mapping[str, Estimate]
    controls: Mapping[str, Control]
    variety: Variety
    chains_right: float
    segments_right: float

    def as_json(self) -> dict[str, object]:
        """Plain values; null where nothing was measured."""
        return {
            "seeds": list(self.seeds),
            "text": as_json(self.text),
            "graph": as_json(self.graph),
            "gain": as_json(self.gain),
            "p": number(self.p),
            "gain_by_seed": [number(gain) for gain in self.by_seed],
            "signals": self.signals.as_json(),
            "where": {kind: as_json(gain) for kind, gain in self.where.items()},
            "controls": {
                world: {"gain": as_json(c.gain), "organizations": as_json(c.organizations)}
                for world, c in self.controls.items()
            },
            "variety": {
                "repeat": self.variety.repeat,
                "largest_share_before": number(self.variety.before),
                "largest_share_after": number(self.variety.after),
                "ndcg@10": number(self.variety.ndcg),
            },
            "tagging": {
                "chains_right": number(self.chains_right),
                "segments_right": number(self.segments_right),
            },
        }

    def where_columns(self) -> tuple[str, ...]:
        """Headings of ``where_rows``."""
        return ("需求 / need", "增益 / gain", "n")

    def where_rows(self) -> list[tuple[str, ...]]:
        """The gain by sort of need."""
        return [(_WORDS[kind], signed(gain), str(gain.n)) for kind, gain in self.where.items()]

    def control_columns(self) -> tuple[str, ...]:
        """Headings of ``control_rows``."""
        return ("对照 / control", "增益 / gain", "其中机构 / organisations")

    def control_rows(self) -> list[tuple[str, ...]]:
        """The gain in every world, the assumed one first."""
        return [
            (_WORDS[world], signed(c.gain), signed(c.organizations))
            for world, c in self.controls.items()
        ]

    def variety_words(self) -> tuple[str, ...]:
        """What variety does to the first ten, in short lines."""
        v = self.variety
        return (
            f"前十中最多的一所高校占 / largest share of the first ten: {v.before:.0%}",
            f"照顾多样性之后 / with variety: {v.after:.0%}，nDCG@10 {v.ndcg:+.4f}",
        )
