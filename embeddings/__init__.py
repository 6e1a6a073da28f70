"""Texts in, vectors out; vectors in, neighbours out. Knows nothing of needs."""
