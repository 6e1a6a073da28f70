"""Reference facts that records point to: industry chains, counties, readiness levels, classes.

The functions below answer from the packaged facts. ``load_reference`` reads another city's
folder into a ``Reference``, which has the same questions as methods.
"""

from data.reference.fields import BadReference, Problem
from data.reference.industry import IndustryClass, industry_class, industry_classes
from data.reference.load import load_reference, reference
from data.reference.model import Reference, TrlLevel
from matcher.chain import County, IndustryChain, OutsideField

__all__ = [
    "BadReference",
    "IndustryClass",
    "OutsideField",
    "Problem",
    "Reference",
    "TrlLevel",
    "chain_name",
    "chains",
    "counties",
    "county_name",
    "find_chain",
    "find_county",
    "industry_class",
    "industry_classes",
    "load_reference",
    "nearest_chains",
    "nearest_counties",
    "outside_fields",
    "reference",
    "trl_levels",
]


def chains() -> tuple[IndustryChain, ...]:
    """The packaged chains, in the order of the file."""
    return reference().chains


def outside_fields() -> tuple[OutsideField, ...]:
    """The packaged fields that no chain covers, in the order of the file."""
    return reference().outside


def counties() -> tuple[County, ...]:
    """The packaged counties, in the order of the file."""
    return reference().counties


def trl_levels() -> tuple[TrlLevel, ...]:
    """The nine technology readiness levels, 1 first."""
    return reference().trl_levels


def find_chain(name: str) -> str | None:
    """Like ``Reference.find_chain``, among the packaged chains."""
    return reference().find_chain(name)


def find_county(name: str) -> str | None:
    """Like ``Reference.find_county``, among the packaged counties."""
    return reference().find_county(name)


def nearest_chains(name: str) -> list[str]:
    """Like ``Reference.nearest_chains``, among the packaged chains."""
    return reference().nearest_chains(name)


def nearest_counties(name: str) -> list[str]:
    """Like ``Reference.nearest_counties``, among the packaged counties."""
    return reference().nearest_counties(name)


def chain_name(chain_id: str) -> str:
    """Like ``Reference.chain_name``, among the packaged chains."""
    return reference().chain_name(chain_id)


def county_name(county_id: str) -> str:
    """Like ``Reference.county_name``, among the packaged counties."""
    return reference().county_name(county_id)
