"""The default model in the user's home: built once, checked on our own sample texts."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from api.settings import Settings
from data import reference
from data.samples import sample_texts
from matcher.tag_terms import TermIndex

if TYPE_CHECKING:
    from embeddings.build_model import ModelReport


def build_default_model(settings: Settings, progress: Callable[[str], None]) -> "ModelReport":
    """Build and install the model that ``settings`` expects by default.

    Raises:
        EmbeddingError: the weights cannot be read, or the model fails its checks.
        OSError: the home cannot be written.
    """
    # what builds a model takes a while to import, and every command asks for a model
    from embeddings.build_model import build_model

    titles, texts = sample_texts()
    return build_model(
        settings.default_model,
        titles=titles,
        texts=texts,
        background=_industry_names(),
        known=_chain_terms(),
        progress=progress,
    )


def ensure_model(settings: Settings, progress: Callable[[str], None]) -> None:
    """Build the default model if it is the one wanted and is not there yet."""
    if settings.uses_default_model and not settings.default_model.exists():
        build_default_model(settings, progress)


def _industry_names() -> list[str]:
    """Names of every group and class of GB/T 4754: short texts from all fields of industry."""
    entries = [e for e in reference.industry_classes() if e.level in ("group", "class")]
    return [e.name_zh for e in sorted(entries, key=lambda e: (e.level == "class", e.code))]


def _chain_terms() -> list[str]:
    """The terms by which every home tells chains, unless its city has changed them."""
    return TermIndex(reference.chains(), reference.outside_fields()).texts()
