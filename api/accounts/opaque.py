"""Random tokens, of which only a digest is ever stored."""

import hashlib
import secrets

BYTES = 32
"""Entropy of a token; a plain digest is enough where nothing can be guessed."""


def new_token(prefix: str = "") -> str:
    """A token that nobody can guess, safe in a URL and a header."""
    return prefix + secrets.token_urlsafe(BYTES)


def digest_of(token: str) -> str:
    """What is stored of a token: 64 hexadecimal digits (SHA-256)."""
    # what a caller sends may hold a lone surrogate; it still has to be just unknown
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
