"""Why a plan that was just made is as it is, in a few lines for each chain or county."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from api.cli.console import out

if TYPE_CHECKING:
    from api.plans.kept import Draft
    from api.plans.words import PlanWords
    from matcher.pairing.problem import Hub
    from matcher.pairing.reasons_types import (
        CoveredNeed,
        OneMore,
        OpenReason,
        PairReason,
        Reasons,
        Remedy,
        WhyOpen,
    )

TOLD_NEEDS = 3
"""Covered needs told for each member; ``yilian plan show`` tells them all."""

TOLD_GAIN = 0.005
"""One more place that brings less is not told."""


def print_reasons(draft: "Draft") -> None:
    """Who covers what and who else could, what stays open, which limits bind."""
    from api.plans.kept import FAIR_LEVEL
    from api.plans.words import PlanWords
    from matcher.pairing.reasons import explain

    words = PlanWords(draft, least=FAIR_LEVEL)
    reasons = explain(draft.problem, draft.plan, least=FAIR_LEVEL)
    _dim(
        f"百分数为匹配等级，100% 最高，不足 {FAIR_LEVEL:.0%} 算未覆盖；"
        "价值与代价以一项平均重要的需求为 1，按只动此处、其余不变计"
    )
    _dim(
        f"levels in %, 100% the highest; below {FAIR_LEVEL:.0%} a need counts as open;"
        " worth and cost: 1 is one need of average importance, all else left as it is"
    )
    for hub in draft.problem.hubs:
        _print_hub(hub, reasons, words)
    _print_left_out(reasons, words)
    _print_binding(reasons, words)


def _print_hub(hub: "Hub", reasons: "Reasons", words: "PlanWords") -> None:
    from api.plans.tables import KINDS

    out.print(f"\n[bold]{escape(hub.label)}[/]（{KINDS[hub.kind]}）")
    for pair in reasons.pairs:
        if pair.hub == hub.id:
            _print_pair(pair, words)
    by_why: dict[WhyOpen, list[OpenReason]] = defaultdict(list)
    for reason in reasons.open:
        if reason.hub == hub.id:
            by_why[reason.why].append(reason)
    for why, alike in by_why.items():
        _print_open(why, alike, words)


def _print_pair(pair: "PairReason", words: "PlanWords") -> None:
    from api.plans.tables import ROLES

    facts = [f"价值 worth {sum(need.value for need in pair.covers):.2f}"]
    facts += ["由规则指定 fixed by a rule"] if pair.fixed else []
    facts += ["延续已有合作 continues a cooperation"] if pair.cooperation > 0 else []
    if shared := words.shared_with(pair):
        facts.append(f"链县协同，兼 also {escape(shared)}")
    name = f"{ROLES[pair.role]}：[bold]{escape(words.label(pair.supplier))}[/]"
    out.print(f"  {name} · {' · '.join(facts)}", soft_wrap=True)
    clear = [need for need in pair.covers if need.level >= words.least]
    for need in clear[:TOLD_NEEDS]:
        _line(f"    {_covered(need, words)}")
    rest = (*clear[TOLD_NEEDS:], *(need for need in pair.covers if need.level < words.least))
    if rest:
        said = "、".join(f"{need.need} {need.level:.0%}" for need in rest)
        _dim(f"    另有 also {said}")
    other = pair.runner_up
    if other is None:
        _line(f"    次选 runner-up：{words.runner_up(None)}")
        return
    who = "、".join(map(words.label, other.suppliers)) or "无，席位空缺 nobody"
    _line(f"    次选 runner-up：{who}，{_change(-other.cost)}")


def _covered(need: "CoveredNeed", words: "PlanWords") -> str:
    proof = f" ← {words.proof(need.evidence[0])}" if need.evidence else ""
    return f"{need.level:>4.0%} {words.need(need.need)}{proof}"


def _print_open(why: "WhyOpen", alike: "Sequence[OpenReason]", words: "PlanWords") -> None:
    from api.plans.why import WHY_OPEN

    said = WHY_OPEN[why]
    _line(f"  未覆盖 open：{said.zh} {said.en}")
    for reason in alike:
        parts = [f"{reason.level:>4.0%} {words.need(reason.need)}"]
        if (other := words.covered_elsewhere(reason)) is not None:
            parts.append(f"（{words.label(other.hub)} 队伍已覆盖 covers {other.level:.0%}）")
        if reason.remedies:
            parts.append(f" ← {_remedy(reason.remedies[0], words)}")
        _line(f"    {''.join(parts)}")


def _remedy(remedy: "Remedy", words: "PlanWords") -> str:
    from api.plans.why import WHY_OPEN

    said = [f"{words.label(remedy.supplier)} {remedy.level:.0%}"]
    if remedy.cost is None:
        said.append(f"{WHY_OPEN[remedy.obstacle]}{f'（{remedy.ban}）' if remedy.ban else ''}")
        return "，".join(said)
    said += ["须加名额 needs capacity"] if remedy.busy else []
    if remedy.instead_of is not None:
        said.append(f"换下 replaces {words.label(remedy.instead_of)}")
    return "，".join([*said, _change(-remedy.cost)])


def _change(gain: float) -> str:
    return f"增加 gains {gain:.2f}" if gain >= TOLD_GAIN else f"代价 cost {abs(gain):.2f}"


def _print_left_out(reasons: "Reasons", words: "PlanWords") -> None:
    if reasons.left_out:
        out.print("\n[bold]未入选单位 left out[/]")
    for left in reasons.left_out:
        why = words.left_out(left)
        _line(f"  {words.label(left.supplier)}：{why.zh}")
        _dim(f"    {why.en}")


def _print_binding(reasons: "Reasons", words: "PlanWords") -> None:
    told = [
        *_binding("再加一个协作名额 one more partner", reasons.partners, words),
        *_binding("再多服务一处 one more team", reasons.capacity, words),
    ]
    if told:
        out.print("\n[bold]起约束作用的名额 places that bind[/]")
        for _, line in sorted(told, reverse=True):
            _line(f"  {line}")


def _binding(what: str, found: "Sequence[OneMore]", words: "PlanWords") -> list[tuple[float, str]]:
    return [
        (
            one.gain,
            f"+{one.gain:.2f} {words.label(one.subject)} {what}：新增 with "
            + "、".join(f"{words.label(h)}—{words.label(s)}" for h, s in one.seats),
        )
        for one in found
        if one.gain >= TOLD_GAIN
    ]


def _line(text: str) -> None:
    # the terminal breaks lines where it likes: a file or a pipe gets whole sentences
    out.print(escape(text), soft_wrap=True)


def _dim(text: str) -> None:
    out.print(f"[dim]{escape(text)}[/]", soft_wrap=True)
