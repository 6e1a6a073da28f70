"""A stored plan on the screen, as a document for a meeting."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.markup import escape

from api.cli.console import out

if TYPE_CHECKING:
    from api.plans.comparison import PlanComparison
    from api.plans.kept import ExplainedPlan
    from api.plans.words import PlanWords
    from matcher.pairing.plan import Notice


CLEAR = 0.05
"""Changes of a need's level below this are only counted."""


def print_document(explained: "ExplainedPlan") -> None:
    """Teams with their reasons, what stays open, who is left out, what more would bring."""
    from api.plans.tables import KINDS, ROLES
    from api.plans.words import PlanWords

    words = PlanWords(explained.stored, least=explained.least)
    _print_head(explained)
    told = list(words.pairs(explained.reasons))
    for hub in explained.stored.problem.hubs:
        _heading(f"{hub.label}（{KINDS[hub.kind]}）")
        theirs = [(pair, said) for pair, said in told if pair.hub == hub.id]
        if not theirs:
            _line("  没有队伍 / no team")
        for pair, said in theirs:
            out.print(f"  [bold]{ROLES[pair.role]}：{escape(words.label(pair.supplier))}[/]")
            _sentences(said, indent="    ")
    reasons = explained.reasons
    if reasons.open:
        _heading(f"未覆盖需求 open needs（{len(reasons.open)}）")
        for reason in reasons.open:
            where = "" if reason.hub is None else f"{words.label(reason.hub)} "
            why = words.open_need(reason)
            _line(f"• {where}{words.need(reason.need)}：{why.zh}", why.en)
            _sentences(words.remedies(reason), indent="    ")
    if reasons.left_out:
        _heading(f"未入选单位 left out（{len(reasons.left_out)}）")
        for left in reasons.left_out:
            why = words.left_out(left)
            _line(f"• {words.label(left.supplier)}：{why.zh}", why.en)
    more = [
        words.one_more(one, partner=partner)
        for found, partner in ((reasons.partners, True), (reasons.capacity, False))
        for one in found
        if one.gain > 0
    ]
    if more:
        _heading("再多一个名额 one more place")
        _sentences(more, indent="  ")


def print_comparison(found: "PlanComparison", words: "PlanWords") -> None:
    """What the second plan does otherwise.

    Args:
        found: The comparison.
        words: Of the plan whose names are used.
    """
    out.print(f"[bold]方案 plan {found.first} → {found.second}[/]")
    for part, (before, after) in found.objective.items():
        if before or after:
            out.print(f"  {part} {before:.2f} → {after:.2f} ({after - before:+.2f})")
    _listed("输入不同 inputs differ", found.inputs)
    _listed("不再有的需求 needs gone", [words.need(need) for need in found.needs_gone])
    _listed("新增需求 needs new", [words.need(need) for need in found.needs_new])
    if not found.teams and not found.levels:
        out.print("结对与覆盖完全相同 / the same teams, the same coverage")
    for team in found.teams:
        leads = [words.label(lead) if lead else "–" for lead in team.lead]
        lead = f"牵头 lead {' → '.join(leads)}" if leads[0] != leads[1] else ""
        joined = " ".join(f"+{words.label(m)}" for m in team.joined)
        left = " ".join(f"−{words.label(m)}" for m in team.left)
        parts = "；".join(part for part in (lead, joined, left) if part)
        _line(f"• {words.label(team.hub)}：{parts}；覆盖 covered {team.value:+.2f}")
    clear = [change for change in found.levels if abs(change.after - change.before) >= CLEAR]
    for change in clear:
        hub = words.label(change.hub)
        _line(f"  {hub} {words.need(change.need)} {change.before:.0%} → {change.after:.0%}")
    if small := len(found.levels) - len(clear):
        _dim(
            f"  另有 {small} 项变化不足 {CLEAR:.0%}，见 --json"
            f" / {small} more change by less than {CLEAR:.0%}; see --json"
        )


def _print_head(explained: "ExplainedPlan") -> None:
    from api.plans.age import age_of
    from api.plans.tables import SOLVERS

    stored, plan = explained.stored, explained.stored.plan
    out.print(f"[bold]结对方案 plan {stored.version} {escape(stored.name)}[/]")
    frozen = f" · 已冻结 frozen by {stored.frozen_by}" if stored.frozen_at else ""
    facts = (
        f"{stored.author} · {stored.created_at:%Y-%m-%d %H:%M} UTC"
        f" · 数据版本 data {stored.data_version}{frozen}"
    )
    _dim(facts)
    if stored.note:
        _line(stored.note)
    if (age := age_of(explained.staleness)) is not None:
        out.print(f"[bold yellow]{escape(age.zh)}[/]", soft_wrap=True)
        _dim(age.en)
    _dim(
        f"覆盖 covered {plan.objective.coverage:.2f} · {SOLVERS[plan.solver]}"
        f" · 最优性差距 proven gap {plan.gap:.2%}"
        " · 1 = 一项平均重要的需求 one need of average importance"
    )
    for notice in plan.notices:
        _dim(str(notice))


def _heading(text: str) -> None:
    out.print(f"\n[bold]{escape(text)}[/]", soft_wrap=True)


def _sentences(said: "Iterable[Notice]", *, indent: str) -> None:
    for one in said:
        _line(f"{indent}{one.zh}", one.en if one.en != one.zh else "", indent=indent)


def _listed(title: str, items: Iterable[str]) -> None:
    named = "；".join(items)
    if named:
        _line(f"{title}：{named}")


def _line(zh: str, en: str = "", *, indent: str = "  ") -> None:
    # the terminal breaks lines where it likes: a file or a pipe gets whole sentences
    out.print(escape(zh), soft_wrap=True)
    if en:
        _dim(f"{indent}{en}")


def _dim(text: str) -> None:
    out.print(f"[dim]{escape(text)}[/]", soft_wrap=True)
