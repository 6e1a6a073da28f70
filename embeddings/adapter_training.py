"""Learns an adapter from pairs of documents that are about the same thing.

Each document of a pair must find its partner among those of the other pairs of a batch
(InfoNCE). The map is the identity plus a product of two narrow matrices, learnt in a few
steps from several seeds, and the metrics that come out are averaged: on a few thousand
short texts more steps or wider matrices only remember the pairs.

Source: A. van den Oord and others, Representation Learning with Contrastive Predictive
Coding, 2018; E. J. Hu and others, LoRA: Low-Rank Adaptation of Large Language Models, 2021.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.encoder import FloatArray

Pairs = NDArray[np.intp]
"""(n, 2) rows of documents that belong together."""

Alike = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.bool_]]
"""Rows a and rows b to (len(a), len(b)): which must not serve as wrong answers."""

RANK: Final = 32
STEPS: Final = 100
BATCH: Final = 256
SEEDS: Final = 4
TEMPERATURE: Final = 0.05
LEARNING_RATE: Final = 1e-3
DECAY: Final = 1e-2
_EXCLUDED: Final = -1e4
_RIDGE: Final = 1e-6


def train_adapter(vectors: FloatArray, pairs: Pairs, alike: Alike) -> FloatArray:
    """(dim, dim) float32 matrix of an adapter for these documents.

    About five seconds on one core, however many documents there are.

    Args:
        vectors: (n_documents, dim) float32 unit rows.
        pairs: At least two pairs of rows.
        alike: Which documents resemble each other too much to be told apart.
    """
    metrics = [_metric(vectors, pairs, alike, seed) for seed in range(SEEDS)]
    mean = np.mean(metrics, axis=0) + _RIDGE * np.eye(vectors.shape[1])
    # any root of the metric gives the same cosines; this one is unique
    return np.asarray(np.linalg.cholesky(mean), dtype=np.float32)


def _metric(vectors: FloatArray, pairs: Pairs, alike: Alike, seed: int) -> NDArray[np.float64]:
    dim = vectors.shape[1]
    drawn = np.random.default_rng(seed)
    start = torch.Generator().manual_seed(seed)
    down = torch.nn.Parameter(torch.randn(dim, RANK, generator=start) * 0.02)
    up = torch.nn.Parameter(torch.zeros(RANK, dim))
    optimizer = torch.optim.AdamW([down, up], lr=LEARNING_RATE, weight_decay=DECAY)
    for _ in range(STEPS):
        batch = pairs[drawn.choice(len(pairs), min(BATCH, len(pairs)), replace=False)]
        left, right = (
            functional.normalize(rows + rows @ down @ up, dim=1)
            for rows in (torch.from_numpy(vectors[batch[:, side]]) for side in (0, 1))
        )
        wrong = torch.from_numpy(alike(batch[:, 0], batch[:, 1]))
        wrong.fill_diagonal_(False)
        logits = (left @ right.T / TEMPERATURE).masked_fill(wrong, _EXCLUDED)
        target = torch.arange(len(batch))
        loss = functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    weights = (torch.eye(dim) + down @ up).detach().numpy().astype(np.float64)
    return np.asarray(weights @ weights.T)
