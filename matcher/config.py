"""Settings of the method: frozen, and written into every report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchConfig:
    """How candidates are gathered, fused and explained.

    Attributes:
        depth: Documents that each retriever contributes, unfiltered, to the reference that
            sets the scale of its scores; also the fewest candidates it contributes.
        weights: Signal name to its weight in the fused score; only ratios matter, and
            a retriever that is not named weighs 1.
        phrases: Most common phrases quoted for one match.
        graded: Candidates, best first by fused score, whose level is estimated; the
            others follow them in the order of the fused score.
        good_supply: P(level ≥ 3) that the best match must reach, lest the list say
            that there is no good supply.
        repeat: Share of its expected gain that a match keeps for each better one of the same
            organisation, so that a prolific one does not fill the list; 1 switches this off.
        without: Names of signals, or groups of them, that the ranker does not see.
    """

    depth: int = 500
    weights: tuple[tuple[str, float], ...] = (
        ("lexical", 1.0),
        ("dense", 1.5),
        ("adapted", 1.5),
    )
    phrases: int = 5
    graded: int = 200
    good_supply: float = 0.5
    repeat: float = 0.95
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.depth < 1 or self.phrases < 0:
            raise ValueError(f"depth must be at least 1 and phrases at least 0: {self}")
        if any(weight < 0 for _, weight in self.weights):
            raise ValueError(f"weights cannot be negative: {self}")
        if self.graded < 1 or not 0 <= self.good_supply <= 1:
            raise ValueError(f"graded must be at least 1, good_supply within [0, 1]: {self}")
        if not 0 < self.repeat <= 1:
            raise ValueError(f"repeat lies in (0, 1]: {self}")

    def weight_of(self, signal: str) -> float:
        """Weight of one signal."""
        return dict(self.weights).get(signal, 1.0)
