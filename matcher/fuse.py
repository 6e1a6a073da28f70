"""Fusion: the scores of several retrievers made one, with each one's part kept."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matcher.retrieve import FloatArray


def standardized_sum(
    scores: Mapping[str, FloatArray],
    reference: Mapping[str, FloatArray],
    weights: Mapping[str, float],
) -> dict[str, NDArray[np.float64]]:
    """Each signal's weighted z-score; their sum is the fused score.

    Keeping how far a score stands out, and not only its rank, is worth 0.01 nDCG@10 over
    reciprocal rank fusion on the labelled needs (see decisions/001-fusion.md). Mean and
    spread come from a reference that no filter touches, so a filter never changes how two
    documents compare.

    Args:
        scores: Signal name to (n_candidates,) scores of the same candidates.
        reference: Signal name to the (n_reference,) scores that set its scale.
        weights: Signal name to weight, for every signal.

    Returns:
        Signal name to (n_candidates,) float64 contributions; a signal whose reference is
        all alike contributes 0.
    """
    total = sum(weights[name] for name in scores) or 1.0
    return {
        name: weights[name] / total * _standardized(scores[name], reference[name])
        for name in scores
    }


def _standardized(scores: FloatArray, reference: FloatArray) -> NDArray[np.float64]:
    known = reference.astype(np.float64)
    spread = known.std() if len(known) else 0.0
    if spread < np.finfo(np.float32).eps:
        return np.zeros(len(scores))
    return np.asarray((scores.astype(np.float64) - known.mean()) / spread)
