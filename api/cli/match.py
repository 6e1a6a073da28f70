"""``yilian match``: ranked lists with reasons."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, progress, say, shorten
from api.cli.question import require_id_or_text
from api.settings import Settings

if TYPE_CHECKING:
    from api.graph.city import ChainPaths
    from api.learning.cited_precedents import CitedMatch
    from api.service import Answer
    from data.definitions import Definitions
    from matcher.match import Match
    from matcher.requirements import Requirement
    from matcher.types import Achievement, Filter, Need, Organization


ASKED_CHARS, SENTENCE_CHARS = 24, 60
"""Characters quoted of a requirement and of the sentence that answers it."""


class PostingKind(StrEnum):
    """What a match can start from."""

    NEEDS = "needs"
    ACHIEVEMENTS = "achievements"


SIGNAL_NAMES = {"lexical": "字面 wording", "dense": "语义 meaning", "adapted": "语义 meaning"}

NO_GOOD_SUPPLY = {
    "nothing_near": "没有相近的成果 / nothing is near",
    "too_early": "有相近成果，但成熟度不足 / near, but not mature enough",
    "nothing_asked": "需求未写明技术问题 / the need names no technical problem",
    "must_haves_open": "有相近成果，但必备要求未见回应 / near, but must-haves stay open",
}


def match(
    posting_id: Annotated[
        str | None, typer.Argument(help="需求或成果编号 / id of a need or an achievement")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="直接描述技术问题 / describe the problem in free words")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=500, help="条数 / matches to list")] = 10,
    chain: Annotated[
        list[str] | None, typer.Option(help="只看这些产业链 / only these chains")
    ] = None,
    county: Annotated[
        list[str] | None, typer.Option(help="只看这些县市区 / only these counties")
    ] = None,
    min_trl: Annotated[
        int | None,
        typer.Option(min=1, max=9, help="最低成熟度，未标注的仍列出 / lowest TRL; unknown stays"),
    ] = None,
    kind: Annotated[
        PostingKind | None,
        typer.Option(help="编号属于哪一类，默认先找需求 / what the id names; needs first"),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="不用某类信号，如 chains（产业链图谱） / leave out a group of signals"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """为需求找成果、为成果找需求，并说明理由。 / Ranked, explained matches."""
    from api.model import ensure_model
    from api.service import MatchService
    from matcher.config import MatchConfig
    from matcher.types import Need

    require_id_or_text(posting_id, text)
    config = MatchConfig(without=_known_signals(without or ()))
    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as advance:
        service = MatchService(settings, notify=say, progress=advance, config=config)
        chains = service.tags.definitions() if chain else None
        wanted = filter_of(chain or (), county or (), min_trl, definitions=chains)
        if text is not None:
            answer = service.match_text(text, k=k, wanted=wanted)
        else:
            posting = service.records.posting(str(posting_id), *([kind] if kind else []))
            if min_trl is not None and not isinstance(posting, Need):
                raise typer.BadParameter(
                    "只有找成果时才能限定成熟度 / needs have no maturity to filter by",
                    param_hint="--min-trl",
                )
            answer = service.match(posting, k=k, wanted=wanted)
    if as_json:
        from api.answers import answer_as_json

        print_json(answer_as_json(answer))
    else:
        print_answer(answer)


def filter_of(
    chains: Sequence[str],
    counties: Sequence[str],
    min_trl: int | None,
    *,
    definitions: "Definitions | None" = None,
) -> "Filter":
    """The filter that the options describe.

    Args:
        chains: Names, aliases or ids, earlier ids included.
        counties: Names or ids.
        min_trl: Lowest technology readiness level.
        definitions: The city's chains; the packaged ones unless given.

    Raises:
        typer.BadParameter: a name is not known; the message gives the nearest ones.
    """
    from data.chain_names import ChainNames, packaged_names
    from data.reference import reference
    from matcher.types import Filter

    facts = reference()
    names = packaged_names() if definitions is None else ChainNames(definitions)
    every_county = [county.name_zh for county in facts.counties]
    return Filter(
        chains=tuple(_known(name, names.find(name), names.all()) for name in chains),
        counties=tuple(
            _known(name, facts.find_county(name), facts.nearest_counties(name) or every_county)
            for name in counties
        ),
        min_trl=min_trl,
    )


def _known_signals(names: Sequence[str]) -> tuple[str, ...]:
    from matcher.signals import NAMES, Group

    known = (*Group, *NAMES)
    for name in names:
        if name not in known:
            raise typer.BadParameter(
                f"没有信号或信号组 {name}，可用 / no such signal or group, try: {', '.join(known)}",
                param_hint="--without",
            )
    return tuple(names)


def _known(name: str, found: str | None, known: Sequence[str]) -> str:
    if found is None:
        hints = "、".join(known) or "–"
        raise typer.BadParameter(f"未知名称 {name}，可用 / unknown name, try: {hints}")
    return found


def print_answer(answer: "Answer") -> None:
    """The match list as a table for people."""
    from api.hints import hints_of

    if answer.asked is not None:
        heading = shorten(answer.asked.title, 200)
        out.print(f"[bold]{escape(heading)}[/] [dim]{escape(answer.asked.id)}[/]")
    if answer.chains is not None:
        out.print(f"[dim]产业链 chains:[/] {_places(answer.chains)}")
    if not answer.matches.matches:
        out.print(
            "没有候选：条件太窄，或尚未载入数据（yilian load 文件）。"
            " / no candidates: the filter is too narrow, or nothing is loaded (yilian load FILE)"
        )
        return
    if answer.matches.supply in NO_GOOD_SUPPLY:
        why = NO_GOOD_SUPPLY[answer.matches.supply]
        out.print(f"[bold yellow]暂无好的供给 / no good supply:[/] {why}")
    for hint in hints_of(answer.matches):
        out.print(f"[yellow]{escape(hint.zh)} / {escape(hint.en)}[/]")
    graded = answer.matches.supply is not None
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("三级以上 ≥3" if graded else "得分 score", justify="right")
    table.add_column("编号 id", overflow="fold")
    table.add_column("名称与单位 title", overflow="fold", ratio=3)
    table.add_column("依据 reasons", overflow="fold", ratio=3)
    for found in answer.matches.matches:
        posting = answer.postings[found.document_id]
        table.add_row(
            str(found.rank),
            f"{found.score:+.2f}" if found.fair is None else f"{found.fair:.0%}",
            escape(found.document_id),
            _titled(posting, answer.organizations),
            _reasons(found, answer),
        )
    out.print(table)


def _titled(posting: "Need | Achievement", organizations: Mapping[str, "Organization"]) -> str:
    organization = organizations.get(posting.organization or "")
    trl = getattr(posting, "trl", None)
    facts = [organization.name if organization else None, f"TRL {trl}" if trl else None]
    detail = " · ".join(fact for fact in facts if fact)
    return escape(shorten(posting.title, 200)) + (f"\n[dim]{escape(detail)}[/]" if detail else "")


def _places(chains: "ChainPaths") -> str:
    places = (
        f"{escape(' › '.join(name.zh for name in place.names))} ({place.weight:.2f})"
        for place in chains.places
    )
    return "；".join(places) or "不属于任何产业链 / of no chain"


def _paths(chains: "ChainPaths | None", document_id: str) -> str:
    """Why the chain graph speaks for a match, in one line; empty where it does not."""
    found = chains.paths.get(document_id, ()) if chains else ()
    if not found:
        return ""
    from matcher.graph.paths import words

    return f"[cyan]链[/] {escape('；'.join(words(path, 'zh') for path in found))}"


def _reasons(found: "Match", answer: "Answer") -> str:
    quoted = " ".join(f"「{escape(phrase.text)}」" for phrase in found.phrases)
    shares = " · ".join(f"{SIGNAL_NAMES.get(s.name, s.name)} {s.share:.0%}" for s in found.signals)
    lines = [
        quoted,
        *_answers(found, answer.matches.requirements),
        _precedent(answer.precedents.get(found.document_id)),
        _paths(answer.chains, found.document_id),
        f"[dim]{shares}[/]",
    ]
    return "\n".join(line for line in lines if line)


def _precedent(cited: "CitedMatch | None") -> str:
    """The judged match that this one is like, in one line; empty where none is near enough."""
    if cited is None or not cited.close:
        return ""
    return f"[magenta]{escape(cited.zh)} / {cited.en}[/]"


def _answers(found: "Match", requirements: "Sequence[Requirement]") -> Iterator[str]:
    """The requirements that are answered, or nearly, and the must-haves left open."""
    left_open = []
    for requirement, answer in zip(requirements, found.answers, strict=True):
        asked = escape(shorten(requirement.text, ASKED_CHARS))
        if answer.sentence is not None:
            mark = "[green]✓[/]" if answer.met else "[yellow]≈[/]"
            yield f"{mark} {asked} ← {escape(shorten(answer.sentence, SENTENCE_CHARS))}"
        elif requirement.must and requirement.marked:
            left_open.append(asked)
    if left_open:
        yield f"[dim]未见回应 open: {'；'.join(left_open)}[/]"
