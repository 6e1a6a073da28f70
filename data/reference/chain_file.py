"""One file of industry chains: read, checked whole before any of it is used, and written."""

import json
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from typing import Any

from data.reference.fields import BadReference, Fields, Problem
from data.reference.model import forms_of_chain
from data.reference.names import fold
from matcher.chain import Basis, IndustryChain, OutsideField, Position, Segment

SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
"""What an id looks like."""


def load_chains(
    folder: Traversable, name: str, *, counties: Collection[str]
) -> tuple[IndustryChain, ...]:
    """The chains of a file such as the packaged ``chains.json``.

    Args:
        folder: Holds the file.
        name: The file's name.
        counties: Ids of the counties that a chain may name.

    Raises:
        BadReference: the file cannot be read, or a fact is wrong; see ``load_reference``.
    """
    problems: list[Problem] = []
    top = open_file(folder, name, problems)
    chains = chains_of(top, counties)
    outside_of(top)
    if problems:
        raise BadReference(problems)
    return chains


def chains_as_json(chains: Iterable[IndustryChain]) -> str:
    """The chains as ``load_chains`` reads them; what is no fact of theirs is unsourced."""
    plain = {"chains": [_chain_as_json(chain) for chain in chains]}
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def _chain_as_json(chain: IndustryChain) -> dict[str, Any]:
    return {
        "id": chain.id,
        "name_zh": chain.name_zh,
        "name_en": chain.name_en,
        **dict.fromkeys(("basis", "keywords_basis", "counties_basis"), Basis.UNSOURCED),
        "aliases": [{"name": name, "basis": Basis.UNSOURCED} for name in chain.aliases],
        "keywords": chain.keywords,
        "terms": chain.terms,
        "codes": chain.codes,
        "counties": chain.counties,
        "segments": [_segment_as_json(segment) for segment in chain.segments],
    }


def _segment_as_json(segment: Segment) -> dict[str, Any]:
    plain = {
        "id": segment.id,
        "position": segment.position,
        "name_zh": segment.name_zh,
        "name_en": segment.name_en,
        "basis": segment.basis,
        "keywords": segment.keywords,
        "keywords_basis": Basis.UNSOURCED,
        "terms": segment.terms,
    }
    return plain | ({"note": segment.note} if segment.note else {})


def open_file(folder: Traversable, name: str, problems: list[Problem]) -> Fields | None:
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


def chains_of(top: Fields | None, counties: Collection[str] | None) -> tuple[IndustryChain, ...]:
    """The chains of a file; what is wrong goes to its list of problems.

    Args:
        top: The file's top object; None for a file that could not be read.
        counties: Ids of counties that a chain may name; None leaves them unchecked.
    """
    if top is None:
        return ()
    top.allow("chains", "outside")
    taken: dict[str, str] = {}
    chains = []
    for entry in top.objects("chains"):
        chain = _chain(entry)
        claim(entry, chain.id, forms_of_chain(chain), taken)
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
    chain_id = entry.matching("id", SLUG, "machine-tool")
    return IndustryChain(
        id=chain_id,
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        aliases=aliases(entry),
        segments=_segments(entry, chain_id),
        keywords=entry.texts("keywords"),
        counties=entry.texts("counties"),
        terms=entry.texts("terms", optional=True),
        codes=entry.texts("codes", optional=True),
    )


def outside_of(top: Fields | None) -> tuple[OutsideField, ...]:
    """Fields beside the chains; a file without any is complete."""
    if top is None or not top.has("outside"):
        return ()
    fields = []
    for entry in top.objects("outside"):
        entry.allow("id", "name_zh", "name_en", "basis", "terms", "terms_basis", "weight")
        entry.choice("basis", Basis)
        field = OutsideField(
            id=entry.matching("id", SLUG, "food"),
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
        id=entry.matching("id", rf"{re.escape(chain_id)}\.{SLUG}", f"{chain_id or 'nev'}.motor"),
        chain=chain_id,
        position=entry.choice("position", Position),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        keywords=entry.texts("keywords"),
        basis=entry.choice("basis", Basis),
        note=entry.text("note", optional=True),
        terms=entry.texts("terms", optional=True),
    )


def aliases(owner: Fields) -> tuple[str, ...]:
    """Further names of a record."""
    names = []
    for entry in owner.objects("aliases"):
        entry.allow("name", "basis", "note")
        entry.choice("basis", Basis)
        entry.text("note", optional=True)
        names.append(entry.text("name"))
    return tuple(names)


def claim(entry: Fields, id_: str, forms: Iterable[str], taken: dict[str, str]) -> None:
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
