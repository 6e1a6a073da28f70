"""Reads a folder of reference facts, checked whole before any of it is used."""

import json
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from data.reference.fields import BadReference, Fields, Problem
from data.reference.model import Reference, TrlLevel, forms_of_chain, forms_of_county
from data.reference.names import fold
from matcher.chain import Basis, County, IndustryChain, OutsideField, Position, Segment

_SLUG = "[a-z0-9]+(-[a-z0-9]+)*"


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
    county_file = _open(folder, "counties.json", problems)
    prefixes, counties = _counties(county_file)
    # without the county file, every county of every chain would be reported as unknown
    known = {county.id for county in counties} if county_file else None
    chain_file = _open(folder, "chains.json", problems)
    chains = _chains(chain_file, known)
    outside = _outside(chain_file)
    trl_levels = _trl_levels(_open(folder, "trl.json", problems))
    if problems:
        raise BadReference(problems)
    return Reference(
        chains=chains,
        counties=counties,
        trl_levels=trl_levels,
        prefixes=prefixes,
        outside=outside,
    )


def _open(folder: Traversable, name: str, problems: list[Problem]) -> Fields | None:
    """The file's top object; None after a complaint that it cannot be read."""
    try:
        value = json.loads((folder / name).read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = Problem(name, "", f"无法读取（{reason}）", f"cannot be read ({reason})")
    except UnicodeDecodeError:
        problem = Problem(name, "", "不是 UTF-8，请另存为 UTF-8", "not UTF-8; save it as UTF-8")
    except json.JSONDecodeError as error:
        problem = Problem(
            name,
            f"{error.lineno}:{error.colno}",
            "不是 JSON，请检查此处的逗号、引号和括号",
            f"not JSON: {error.msg}; look at commas, quotes and brackets here",
        )
    else:
        return Fields(value, file=name, place="", problems=problems)
    problems.append(problem)
    return None


def _counties(top: Fields | None) -> tuple[tuple[str, ...], tuple[County, ...]]:
    if top is None:
        return (), ()
    top.allow("prefixes", "counties")
    prefixes = top.texts("prefixes")
    taken: dict[str, str] = {}
    counties = []
    for entry in top.objects("counties"):
        county = _county(entry)
        _claim(entry, county.id, forms_of_county(county, prefixes), taken)
        counties.append(county)
    return prefixes, tuple(counties)


def _county(entry: Fields) -> County:
    entry.allow("id", "name_zh", "name_en", "basis", "adcode", "adcode_basis", "aliases")
    entry.choice("basis", Basis)
    entry.choice("adcode_basis", Basis)
    return County(
        id=entry.matching("id", _SLUG, "yongkang"),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        adcode=entry.matching("adcode", "[0-9]{6}", "330784", optional=True) or None,
        aliases=_aliases(entry),
    )


def _chains(top: Fields | None, counties: Collection[str] | None) -> tuple[IndustryChain, ...]:
    if top is None:
        return ()
    top.allow("chains", "outside")
    taken: dict[str, str] = {}
    chains = []
    for entry in top.objects("chains"):
        chain = _chain(entry)
        _claim(entry, chain.id, forms_of_chain(chain), taken)
        if counties is not None:
            _check_counties(entry, chain, counties)
        chains.append(chain)
    return tuple(chains)


def _chain(entry: Fields) -> IndustryChain:
    entry.allow(
        *("id", "name_zh", "name_en", "basis", "aliases", "keywords", "keywords_basis"),
        *("counties", "counties_basis", "segments"),
        *("terms", "terms_basis", "codes", "codes_basis"),
    )
    for field in ("basis", "keywords_basis", "counties_basis"):
        entry.choice(field, Basis)
    chain_id = entry.matching("id", _SLUG, "machine-tool")
    return IndustryChain(
        id=chain_id,
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        aliases=_aliases(entry),
        segments=_segments(entry, chain_id),
        keywords=entry.texts("keywords"),
        counties=entry.texts("counties"),
        terms=entry.texts("terms", optional=True),
        codes=entry.texts("codes", optional=True),
    )


def _outside(top: Fields | None) -> tuple[OutsideField, ...]:
    """Fields beside the chains; a file without any is complete."""
    if top is None or not top.has("outside"):
        return ()
    fields = []
    for entry in top.objects("outside"):
        entry.allow("id", "name_zh", "name_en", "basis", "terms", "terms_basis", "weight")
        entry.choice("basis", Basis)
        field = OutsideField(
            id=entry.matching("id", _SLUG, "food"),
            name_zh=entry.text("name_zh"),
            name_en=entry.text("name_en"),
            terms=entry.texts("terms"),
            weight=entry.share("weight"),
        )
        fields.append(field)
    return tuple(fields)


def _segments(chain: Fields, chain_id: str) -> tuple[Segment, ...]:
    segments: dict[str, Segment] = {}
    for entry in chain.objects("segments"):
        segment = _segment(entry, chain_id)
        if segment.id in segments:
            entry.complain("id", "本链已有同一编号", "another segment of the chain has this id")
        segments[segment.id] = segment
    return tuple(segments.values())


def _segment(entry: Fields, chain_id: str) -> Segment:
    entry.allow(
        *("id", "position", "name_zh", "name_en", "basis", "note", "keywords", "keywords_basis"),
        *("terms", "terms_basis"),
    )
    entry.choice("keywords_basis", Basis)
    return Segment(
        id=entry.matching("id", rf"{re.escape(chain_id)}\.{_SLUG}", f"{chain_id or 'nev'}.motor"),
        chain=chain_id,
        position=entry.choice("position", Position),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        keywords=entry.texts("keywords"),
        basis=entry.choice("basis", Basis),
        note=entry.text("note", optional=True),
        terms=entry.texts("terms", optional=True),
    )


def _aliases(owner: Fields) -> tuple[str, ...]:
    names = []
    for entry in owner.objects("aliases"):
        entry.allow("name", "basis", "note")
        entry.choice("basis", Basis)
        entry.text("note", optional=True)
        names.append(entry.text("name"))
    return tuple(names)


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


def _claim(entry: Fields, id_: str, forms: Iterable[str], taken: dict[str, str]) -> None:
    """Complain when the id or a name already means another record; else note them as taken."""
    keys = {fold(form) for form in forms} - {""}
    clashes = sorted(key for key in keys if key in taken)
    if clashes:
        other = taken[clashes[0]]
        entry.complain(
            "",
            f"编号或名称与 {other!r} 重复：{clashes[0]!r}，请改用不同的编号和名称",
            f"{clashes[0]!r} already means {other!r}; use another id or name",
        )
    taken.update(dict.fromkeys(keys, id_))


def _check_counties(entry: Fields, chain: IndustryChain, known: Collection[str]) -> None:
    for county in chain.counties:
        if county not in known:
            listed = ", ".join(get_close_matches(county, known, n=3) or sorted(known))
            entry.complain(
                "counties",
                f"counties.json 中没有 {county!r}，可用：{listed}",
                f"counties.json lists no {county!r}; use one of: {listed}",
            )
