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
    """

    depth: int = 500
    weights: tuple[tuple[str, float], ...] = (("lexical", 1.0), ("dense", 1.0))
    phrases: int = 5

    def __post_init__(self) -> None:
        if self.depth < 1 or self.phrases < 0:
            raise ValueError(f"depth must be at least 1 and phrases at least 0: {self}")
        if any(weight < 0 for _, weight in self.weights):
            raise ValueError(f"weights cannot be negative: {self}")

    def weight_of(self, signal: str) -> float:
        """Weight of one signal."""
        return dict(self.weights).get(signal, 1.0)
