"""Names of encoders that are no hub id and no folder; costs nothing to import."""

HASHING = "hashing"
"""Hashed characters: wording without meaning, for tests, benches and when a model is broken."""
