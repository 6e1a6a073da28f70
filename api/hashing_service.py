"""Matching with hashed vectors, for benches that measure everything but the model."""

from api.service import MatchService
from api.settings import Settings
from embeddings.cache import CachedEncoder, VectorCache
from embeddings.hashing_encoder import HashingEncoder

DIM = 384
"""As wide as the default model's."""


class HashingService(MatchService):
    """A service without a model."""

    encoder: CachedEncoder

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.encoder = CachedEncoder(HashingEncoder(DIM), VectorCache(settings.cache))
