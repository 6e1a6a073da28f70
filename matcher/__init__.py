"""The domain: what is matched, how, and why. No web, SQL, files or environment."""

from matcher.config import MatchConfig
from matcher.dense import DenseRetriever
from matcher.explain import Phrase
from matcher.lexical import LexicalRetriever
from matcher.match import Match, MatchList, Signal
from matcher.pipeline import Pipeline
from matcher.retrieve import Retriever
from matcher.run import Run
from matcher.span import Span
from matcher.text import document_of, query_from_text, query_of
from matcher.types import Achievement, Document, Filter, Need, Organization, Query

__all__ = [
    "Achievement",
    "DenseRetriever",
    "Document",
    "Filter",
    "LexicalRetriever",
    "Match",
    "MatchConfig",
    "MatchList",
    "Need",
    "Organization",
    "Phrase",
    "Pipeline",
    "Query",
    "Retriever",
    "Run",
    "Signal",
    "Span",
    "document_of",
    "query_from_text",
    "query_of",
]
