"""``yilian team``: one lead and some others for one need."""

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.cli.console import out, print_json, progress, say, shorten
from api.settings import Settings

if TYPE_CHECKING:
    from api.plans.teams import TeamAnswer
    from matcher.pairing.panel_types import Panelist, Proof

ASKED_CHARS, SENTENCE_CHARS = 40, 80


class By(StrEnum):
    """What has one seat."""

    ORGANIZATION = "organization"
    GROUP = "group"
    EXPERT = "expert"


def team(
    need_id: Annotated[str, typer.Argument(metavar="NEED", help="需求编号 / id of the need")],
    n: Annotated[
        int, typer.Option("-n", min=0, max=20, help="牵头之外的人数上限 / members beside the lead")
    ] = 3,
    by: Annotated[By, typer.Option(help="按单位、团队或专家组队 / what has one seat")] = By.GROUP,
    lead: Annotated[str | None, typer.Option(help="指定牵头（名称或编号） / who must lead")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="不邀请（可重复） / not to be asked; repeatable")
    ] = None,
    apart: Annotated[
        list[str] | None,
        typer.Option(help="不能同组，写作 甲,乙（可重复） / must not meet: A,B; repeatable"),
    ] = None,
    max_load: Annotated[
        int,
        typer.Option(min=1, help="已承担这么多需求者不再邀请 / too busy with this many needs"),
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """为一条需求组建 1+N 团队，并说明各人补上什么。 / A lead and others for one need."""
    from api.model import ensure_model
    from api.plans.teams import TeamOptions, team_for
    from api.service import MatchService
    from matcher.pairing.panel_types import TeamConfig
    from matcher.pairing.panel_units import Unit
    from matcher.types import Need

    options = TeamOptions(
        by=Unit(by.value),
        exclude=tuple(exclude or ()),
        apart=tuple(_two(text) for text in apart or ()),
        lead=lead,
        config=TeamConfig(others=n, max_load=max_load),
    )
    settings = Settings.from_environment()
    ensure_model(settings, say)
    with progress("编码 / encoding") as advance:
        service = MatchService(settings, notify=say, progress=advance)
        need = service.records.posting(need_id, "needs")
        assert isinstance(need, Need)
        answer = team_for(service, need, options)
    if as_json:
        panel = asdict(answer.panel) | {"gap": answer.panel.gap}
        print_json({"need": need.id, **panel, "titles": dict(answer.titles)})
    else:
        print_team(answer)


def _two(text: str) -> tuple[str, str]:
    first, comma, second = text.replace("，", ",").partition(",")
    if not (comma and first.strip() and second.strip()):
        raise typer.BadParameter(f"{text} 应写作 甲,乙 / write {text} as A,B", param_hint="--apart")
    return first.strip(), second.strip()


def print_team(answer: "TeamAnswer") -> None:
    """The panel as a text for people."""
    panel = answer.panel
    out.print(f"[bold]{escape(answer.need.title)}[/] [dim]{escape(answer.need.id)}[/]")
    if not panel.requirements:
        out.print(
            "该需求没有写明要求，无法按要求组队；请补充必备要求或指标。"
            " / the need states no requirements; add must-haves or indicators"
        )
        return
    if not panel.members:
        out.print(
            "没有候选能回应任何要求，可转为揭榜挂帅。"
            " / nobody answers any requirement; make the need a challenge"
        )
    else:
        others = len(panel.members) - 1
        solver = "精确 exact" if panel.gap == 0 else f"贪心 greedy, gap ≤ {panel.gap:.1%}"
        _dim(f"1+{others} · 合计回应 answers {panel.coverage:.0%} · {solver}")
    for place, member in enumerate(panel.members):
        _print_member(answer, member, lead=place == 0)
    _print_open(answer)
    for who, why in (
        *((c, c.barred) for c in panel.passed_over),
        *((c, f"已承担 {c.load} 项需求 / busy with {c.load} needs") for c in panel.busy),
    ):
        _dim(f"未邀请 not asked: {who.name}（{why}）")


def _print_member(answer: "TeamAnswer", member: "Panelist", *, lead: bool) -> None:
    role, candidate = "牵头 lead" if lead else "协作 joins", member.candidate
    out.print(f"\n[bold]{role}：{escape(candidate.name)}[/]", soft_wrap=True)
    adds = f"新增 adds {member.adds:.0%} · 仅其能答 only here {member.only:.0%}"
    load = f" · 在办 busy with {candidate.load}" if candidate.load else ""
    _dim(f"  {adds} · 契合 fit {candidate.fit:.0%}{load}")
    for proof in member.proofs:
        _print_proof(answer, proof)


def _print_proof(answer: "TeamAnswer", proof: "Proof") -> None:
    mark = "[green]✓[/]" if proof.met else "[yellow]≈[/]"
    asked = shorten(answer.panel.requirements[proof.requirement].text, ASKED_CHARS)
    said = shorten(proof.sentence, SENTENCE_CHARS)
    title = answer.titles[proof.achievement]
    out.print(f"  {mark} {escape(asked)} ← {escape(said)}", soft_wrap=True)
    _dim(f"      「{title}」（{proof.achievement}）")


def _print_open(answer: "TeamAnswer") -> None:
    panel = answer.panel
    left = [panel.requirements[r] for r in panel.open if r not in panel.near]
    if left:
        out.print("\n未见回应 open:")
        for requirement in left:
            must = "（必备 must）" if requirement.must else ""
            out.print(f"  ✗ {escape(shorten(requirement.text, ASKED_CHARS))}{must}", soft_wrap=True)


def _dim(text: str) -> None:
    out.print(f"[dim]{escape(text)}[/]", soft_wrap=True)
