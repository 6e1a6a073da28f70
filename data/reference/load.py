"""Reads a folder of reference facts, checked whole before any of it is used."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from data.reference.chain_file import SLUG, aliases, chains_of, claim, open_file, outside_of
from data.reference.fields import BadReference, Fields, Problem
from data.reference.model import Reference, TrlLevel, forms_of_county
from matcher.chain import Basis, County


@cache
def reference() -> Reference:
    """The packaged facts, read once."""
    return load_reference(files("data.reference"))


def load_reference(folder: Traversable) -> Reference:
    """The facts of one folder.

    Args:
        folder: A ``pathlib.Path`` or packaged folder that holds ``chains.json``,
            ``counties.json`` and ``trl.json``, in UTF-8; README.md says how they look.

    Raises:
        BadReference: a file is missing or unreadable, or a fact is wrong: a field missing or
            misspelt, an id or name used twice, a segment under another chain's id, a county
            that is not listed, a position or basis that does not exist.
    """
    problems: list[Problem] = []
    county_file = open_file(folder, "counties.json", problems)
    prefixes, counties = _counties(county_file)
    # without the county file, every county of every chain would be reported as unknown
    known = {county.id for county in counties} if county_file else None
    chain_file = open_file(folder, "chains.json", problems)
    chains = chains_of(chain_file, known)
    outside = outside_of(chain_file)
    trl_levels = _trl_levels(open_file(folder, "trl.json", problems))
    if problems:
        raise BadReference(problems)
    return Reference(
        chains=chains,
        counties=counties,
        trl_levels=trl_levels,
        prefixes=prefixes,
        outside=outside,
    )


def _counties(top: Fields | None) -> tuple[tuple[str, ...], tuple[County, ...]]:
    if top is None:
        return (), ()
    top.allow("prefixes", "counties")
    prefixes = top.texts("prefixes")
    taken: dict[str, str] = {}
    counties = []
    for entry in top.objects("counties"):
        county = _county(entry)
        claim(entry, county.id, forms_of_county(county, prefixes), taken)
        counties.append(county)
    return prefixes, tuple(counties)


def _county(entry: Fields) -> County:
    entry.allow("id", "name_zh", "name_en", "basis", "adcode", "adcode_basis", "aliases")
    entry.choice("basis", Basis)
    entry.choice("adcode_basis", Basis)
    return County(
        id=entry.matching("id", SLUG, "yongkang"),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        adcode=entry.matching("adcode", "[0-9]{6}", "330784", optional=True) or None,
        aliases=aliases(entry),
    )


def _trl_levels(top: Fields | None) -> tuple[TrlLevel, ...]:
    if top is None:
        return ()
    top.allow("note", "levels")
    top.text("note", optional=True)
    levels = []
    for entry in top.objects("levels"):
        entry.allow("level", "name_zh", "name_en", "basis")
        entry.choice("basis", Basis)
        levels.append(
            TrlLevel(
                level=entry.integer("level"),
                name_zh=entry.text("name_zh"),
                name_en=entry.text("name_en"),
            )
        )
    if [level.level for level in levels] != list(range(1, 10)):
        top.complain(
            "levels", "应为 1 至 9 级，依次各一", "must be levels 1 to 9, once each, in order"
        )
    return tuple(levels)
