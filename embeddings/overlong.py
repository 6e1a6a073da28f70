"""Texts with more tokens than a model reads at once.

Callers split texts by characters (``Encoder.max_chars``), yet a character can be several
tokens: ``㎢`` is read as ``km2``. Such a text is neither cut nor refused, since one odd
document must not stop an import: it is halved until every part fits, and its vector is
the mean of the parts' vectors weighted by their lengths.
"""

from collections.abc import Callable, Sequence

import numpy as np

from embeddings.encoder import FloatArray


def split_to_fit(text: str, fits: Callable[[str], bool]) -> list[str]:
    """The text in consecutive parts that fit; a single character is never split."""
    if len(text) <= 1 or fits(text):
        return [text]
    middle = len(text) // 2
    return split_to_fit(text[:middle], fits) + split_to_fit(text[middle:], fits)


def encode_in_parts(
    texts: Sequence[str], fits: Callable[[str], bool], encode: Callable[[list[str]], FloatArray]
) -> FloatArray:
    """Unit vectors of texts of any length.

    Args:
        texts: At least one text.
        fits: Whether the model reads a text whole.
        encode: Unit vectors of texts that fit.

    Returns:
        (len(texts), dim) float32, rows of unit length.
    """
    parts = [split_to_fit(text, fits) for text in texts]
    vectors = encode([part for of_text in parts for part in of_text])
    if len(vectors) == len(texts):
        return vectors
    starts = np.cumsum([0, *(len(of_text) for of_text in parts)])
    whole = vectors[starts[:-1]]
    # only texts in parts are computed with: the others keep their bits
    for row, of_text in enumerate(parts):
        if len(of_text) > 1:
            lengths = np.array([[len(part)] for part in of_text], dtype=np.float32)
            mean = (vectors[starts[row] : starts[row + 1]] * lengths).sum(axis=0, keepdims=True)
            whole[row] = unit_rows(mean)[0]
    return np.asarray(whole, dtype=np.float32)


def unit_rows(rows: FloatArray) -> FloatArray:
    """Rows scaled to unit length; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)


def readable(text: str) -> str:
    """The text with lone surrogates, which no tokeniser takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
