"""A simulated city in which it is known which university can serve which segment.

What is assumed, in figures in ``CityConfig`` and ``Speech``:

- **Fields.** A city lives on some of the packaged chains. A field is a segment of one, or a
  part of an industry that no chain covers; each posting belongs to one field, half of them
  to none of the chains, as real needs do.
- **Words.** A field's wordings (names, keywords and terms of its definition) are parted into
  topics, half of whose wordings are the enterprises' and half the researchers'; each side
  uses mostly its own. So two texts on one topic often share no word. Titles of needs are often
  as vague as the name of their industry, and texts mention other fields in passing.
- **Competence** of each university in each field, in [0, 1], is hidden: high in some fields of
  one or two industries, low elsewhere. How much a university publishes is another matter: its
  size spreads over more than a factor of ten, whatever it can do.
- **The past** shows competence through noise. Achievements come from large and from competent
  universities; maturity rises with competence; enterprises worked with universities that are
  competent in the enterprise's field or, three times in ten, with any. Most needs of an
  enterprise lie in its field, the others elsewhere in its industry.
- **Levels.** A pair is the better the nearer its subjects are (topic, field, neighbouring
  segment, industry), which counts in full only where the university is competent. Maturity
  below the wanted one takes a little, and each judgement has some chance in it.

Nothing hidden is shown to a ranker. The graph sees the texts through a tagger whose
definitions lack six in ten of the fields' wordings, which leaves it about as good as on real
texts; who posted what, counties and past cooperations. Levels are not in the graph: the walk
would not follow them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from evaluation.simulation_levels import CUTS, Floats, Subject, nearness, unreadiness
from evaluation.simulation_texts import (
    Side,
    Speech,
    fields_of_chain,
    fields_outside,
    partly_known,
    posting,
    some,
)
from matcher.chain import County, IndustryChain, OutsideField, chain_graph
from matcher.graph.schema import Cooperation
from matcher.types import Achievement, Need, Organization, OrganizationKind

_TODAY = datetime(2026, 1, 1, tzinfo=UTC)
_YEARS = 8


@dataclass(frozen=True, slots=True)
class CityConfig:
    """The assumptions in figures; shares lie in [0, 1].

    Attributes:
        chains: Chains that the city lives on; as many industries lie outside them.
        outside: Share of the postings and enterprises that belong to no chain.
        known_words: Share of the wordings that the tagger's definitions hold.
        offhand: What a university publishes where it has no competence, beside 1 where it
            has the highest.
        at_random: Share of cooperations that competence had no part in.
        competence: Share of a pair's worth that competence decides.
        noise: Standard deviation of the chance in a judgement, on the scale of worth.
        speech: How people write.
    """

    chains: int = 3
    universities: int = 20
    enterprises: int = 100
    achievements: int = 600
    needs: int = 150
    cooperations: int = 200
    outside: float = 0.5
    known_words: float = 0.4
    offhand: float = 0.1
    at_random: float = 0.3
    competence: float = 0.5
    noise: float = 0.08
    speech: Speech = field(default_factory=Speech)


class City:
    """One simulated city; the same seed gives the same one.

    Args:
        chains: Of which the city draws its own; a tagger knows all of them.
        outside: Industries beside the chains, likewise.
        counties: Where organisations are.
        seed: Of everything that is drawn.
        config: The assumptions; defaults when None.

    Attributes:
        fields: What postings can be about.
        definitions: The chains as the tagger and the graph know them.
        outside: The industries outside, likewise.
        needs: Ids ``n0``, ``n1``, …
        achievements: Ids ``a0``, ``a1``, …
        organizations: Universities ``u0``, … and enterprises ``e0``, …
        competence: (universities, fields) in [0, 1], hidden.
        business: Place of each enterprise's field, hidden.
        asked: What each need is truly about.
        offered: What each achievement is truly about.
    """

    def __init__(
        self,
        chains: Sequence[IndustryChain],
        outside: Sequence[OutsideField],
        counties: Sequence[County],
        *,
        seed: int,
        config: CityConfig | None = None,
    ) -> None:
        self.config = c = config or CityConfig()
        self._random = random = np.random.default_rng(seed)
        self.seed = seed
        self.counties = tuple(counties)
        self._graph = chain_graph(chains, counties)
        own = [chains[i] for i in random.permutation(len(chains))[: c.chains]]
        beside = [outside[i] for i in random.permutation(len(outside))[: c.chains]]
        self.fields = [
            *(f for chain in own for f in fields_of_chain(chain)),
            *(f for industry in beside for f in fields_outside(industry)),
        ]
        self._general = {x.id: (x.name_zh, *x.keywords, *x.terms) for x in own}
        self._general |= {x.id: (x.name_zh, *x.terms) for x in beside}
        self.definitions = [partly_known(chain, c.known_words, random) for chain in chains]
        self.outside = [
            OutsideField(
                id=x.id,
                name_zh=x.name_zh,
                name_en=x.name_en,
                terms=some(x.terms, c.known_words, random),
                weight=x.weight,
            )
            for x in outside
        ]
        self.competence = self.competences(random)
        self.business = [self._field() for _ in range(c.enterprises)]
        self.organizations = list(self._organizations())
        self.needs, self.asked = self._needs()
        self.achievements, self.offered = self._achievements()
        self.cooperations = list(self._cooperations())
        self._chance = random.normal(0, c.noise, (c.needs, c.achievements))

    def competences(self, random: np.random.Generator) -> Floats:
        """(universities, fields) competences as they could be in this city."""
        industries = np.unique([f.industry for f in self.fields], return_inverse=True)[1]
        shape = (self.config.universities, len(self.fields))
        focus = [
            np.isin(industries, random.integers(industries.max() + 1, size=2))
            for _ in range(self.config.universities)
        ]
        strong = np.array(focus) & (random.random(shape) < 0.5)
        return np.where(strong, random.beta(5, 2, shape), random.beta(1, 8, shape))

    def levels(self, competence: Floats | None = None) -> NDArray[np.int64]:
        """(needs, achievements) true levels, 1 to 4.

        Args:
            competence: (universities, fields); the one that made the past when None.
        """
        share = self.config.competence
        owners = [int((a.organization or "u0")[1:]) for a in self.achievements]
        fields = [place for place, _ in self.asked]
        able = (self.competence if competence is None else competence)[owners][:, fields].T
        near = nearness(self.fields, self._graph, self.asked, self.offered)
        worth = near * (1 - share + share * able) - unreadiness(self.needs, self.achievements)
        return 1 + np.digitize(worth + self._chance, CUTS)

    def _field(self) -> int:
        """A field, one of the chains' as often as the configuration says."""
        outside = bool(self._random.random() < self.config.outside)
        return self._draw([i for i, f in enumerate(self.fields) if (f.segment is None) == outside])

    def _draw(self, places: Sequence[int]) -> int:
        return places[int(self._random.integers(len(places)))]

    def _beside(self, place: int) -> int:
        """Another field of the same industry, where it has one."""
        industry = self.fields[place].industry
        others = [i for i, f in enumerate(self.fields) if f.industry == industry and i != place]
        return self._draw(others or [place])

    def _text(self, side: Side, subject: Subject) -> tuple[str, str]:
        place, topic = subject
        other = self.fields[self._beside(place)].topics
        return posting(
            side,
            self.fields[place].topics[topic],
            general=self._general[self.fields[place].industry],
            beside=other[self._draw(range(len(other)))],
            speech=self.config.speech,
            random=self._random,
        )

    def _topic(self, place: int) -> Subject:
        return place, self._draw(range(len(self.fields[place].topics)))

    def _organizations(self) -> Iterator[Organization]:
        for i in range(self.config.universities):
            kind = OrganizationKind.UNIVERSITY
            yield Organization(id=f"u{i}", name=f"大学{i}", kind=kind, county=self._county())
        for i, place in enumerate(self.business):
            title, _ = self._text(Side.ENTERPRISE, self._topic(place))
            kind = OrganizationKind.ENTERPRISE
            yield Organization(
                id=f"e{i}", name=f"企业{i}", kind=kind, county=self._county(), text=title
            )

    def _county(self) -> str | None:
        return self.counties[self._draw(range(len(self.counties)))].id if self.counties else None

    def _needs(self) -> tuple[list[Need], list[Subject]]:
        made, subjects = [], []
        for i in range(self.config.needs):
            enterprise = self._draw(range(len(self.business)))
            own = self.business[enterprise]
            subject = self._topic(own if self._random.random() < 0.7 else self._beside(own))
            title, text = self._text(Side.ENTERPRISE, subject)
            wanted = int(self._random.integers(4, 8)) if self._random.random() < 0.5 else None
            owner = f"e{enterprise}"
            made.append(
                Need(id=f"n{i}", title=title, text=text, organization=owner, min_trl=wanted)
            )
            subjects.append(subject)
        return made, subjects

    def _achievements(self) -> tuple[list[Achievement], list[Subject]]:
        size = self._random.lognormal(0.0, 1.0, self.config.universities)
        made, subjects = [], []
        for i in range(self.config.achievements):
            subject = self._topic(self._field())
            able = self.competence[:, subject[0]]
            owner = self._weighted(size * (self.config.offhand + able))
            trl = round(float(self._random.normal(2.5 + 4 * able[owner], 1.5)))
            title, text = self._text(Side.RESEARCH, subject)
            made.append(
                Achievement(
                    id=f"a{i}",
                    title=title,
                    text=text,
                    organization=f"u{owner}",
                    trl=min(9, max(1, trl)),
                    updated_at=_TODAY
                    - timedelta(days=float(self._random.uniform(0, 365 * _YEARS))),
                )
            )
            subjects.append(subject)
        return made, subjects

    def _cooperations(self) -> Iterator[Cooperation]:
        for _ in range(self.config.cooperations):
            enterprise = self._draw(range(len(self.business)))
            able = self.competence[:, self.business[enterprise]]
            if self._random.random() < self.config.at_random:
                able = np.ones(len(able))
            university = self._weighted(able**2)
            yield Cooperation(enterprise=f"e{enterprise}", university=f"u{university}")

    def _weighted(self, weights: Floats) -> int:
        return int(self._random.choice(len(weights), p=weights / weights.sum()))
