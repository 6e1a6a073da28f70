"""A plan as sheets of rows, the same for Excel and for pages."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from api.plans.age import age_of
from api.plans.kept import ExplainedPlan
from api.plans.words import BASIS, PlanWords
from api.sheets.sheet import Cell, Sheet
from matcher.pairing.plan import Solver
from matcher.pairing.problem import HubKind, Role
from matcher.pairing.reasons_types import PairReason

KINDS = {HubKind.CHAIN: "产业链 chain", HubKind.COUNTY: "县市区 county"}
ROLES = {Role.LEAD: "牵头 lead", Role.PARTNER: "协作 partner"}
SOLVERS = {
    Solver.EXACT: "精确求解 solved exactly",
    Solver.LIMITED: "到时限为止的最好方案 best within the time limit",
    Solver.GREEDY: "贪心方案 greedy",
}


def sheets_of(explained: ExplainedPlan) -> tuple[Sheet, ...]:
    """Everything about a plan, what matters most first."""
    words = PlanWords(explained.stored, least=explained.least)
    return tuple(make(explained, words) for make in _SHEETS)


def _about(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    stored, plan = explained.stored, explained.stored.plan
    age = age_of(explained.staleness)
    rows: list[tuple[Cell, ...]] = [
        ("方案 plan", f"{stored.version} {stored.name}".strip()),
        ("编制 author", stored.author),
        ("编制时间 made at", f"{stored.created_at:%Y-%m-%d %H:%M} UTC"),
        ("数据版本 data version", stored.data_version),
        ("状态 status", str(age) if age else "与当前数据一致 up to date"),
        ("冻结 frozen", _frozen(explained)),
        ("求解 solver", SOLVERS[plan.solver]),
        ("最优性差距 proven gap", f"{plan.gap:.2%}"),
        ("覆盖需求 needs covered", round(plan.objective.coverage, 3)),
        ("方案价值 worth", round(plan.objective.total, 3)),
        ("价值上界 bound", round(plan.bound, 3)),
        ("备注 note", stored.note),
        ("计量 unit", "1 = 一项平均重要的需求被完全覆盖 one need of average importance, covered"),
    ]
    rows += [("提示 notice", str(notice)) for notice in plan.notices]
    return Sheet("说明", ("项目 item", "内容 content"), tuple(rows))


def _frozen(explained: ExplainedPlan) -> str:
    at, who = explained.stored.frozen_at, explained.stored.frozen_by
    return "否 no" if at is None else f"{at:%Y-%m-%d %H:%M} UTC {who}"


def _pairs(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    columns = (
        *("链或县 hub", "类型 kind", "角色 role", "单位 supplier", "本地 local"),
        *("覆盖需求 needs", "覆盖价值 worth", "退出损失 lost without", "已有合作 cooperation"),
        *("距离 km", "次选 runner-up", "次选代价 its cost", "口径 basis"),
    )
    kinds = {hub.id: hub.kind for hub in explained.stored.problem.hubs}
    local = {s.id: s.local for s in explained.stored.problem.suppliers}
    rows = tuple(
        (
            words.label(pair.hub),
            KINDS[kinds[pair.hub]],
            ROLES[pair.role],
            words.label(pair.supplier),
            "是 yes" if local[pair.supplier] else "",
            len(pair.covers),
            round(sum(need.value for need in pair.covers), 3),
            round(pair.adds, 3),
            round(pair.cooperation, 2) or None,
            None if pair.distance_km is None else round(pair.distance_km),
            *_runner_up(pair, words),
        )
        for pair in explained.reasons.pairs
    )
    return Sheet("结对方案", columns, rows)


def _runner_up(pair: PairReason, words: PlanWords) -> tuple[Cell, Cell, Cell]:
    other = pair.runner_up
    if other is None:
        return "其余不变时无人可替补 nobody", None, None
    names = "、".join(map(words.label, other.suppliers)) or "席位空缺 empty seat"
    return names, round(other.cost, 3), str(BASIS[other.basis])


def _reasons(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    rows = tuple(
        (words.label(pair.hub), ROLES[pair.role], words.label(pair.supplier), said.zh, said.en)
        for pair, sentences in words.pairs(explained.reasons)
        for said in sentences
    )
    columns = ("链或县 hub", "角色 role", "单位 supplier", "理由", "reasons")
    return Sheet("理由", columns, rows)


def _open(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    rows = tuple(
        (
            "" if reason.hub is None else words.label(reason.hub),
            reason.need,
            words.title(reason.need),
            round(reason.level, 3),
            round(reason.value, 3),
            str(words.open_need(reason)),
            "\n".join(str(remedy) for remedy in words.remedies(reason)),
        )
        for reason in explained.reasons.open
    )
    columns = (
        *("链或县 hub", "需求编号 id", "需求 need", "现有覆盖 level", "价值 worth"),
        *("原因 why", "补救 what would help"),
    )
    return Sheet("未覆盖需求", columns, rows)


def _left_out(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    rows = []
    for out in explained.reasons.left_out:
        said = words.left_out(out)
        rows.append((words.label(out.supplier), said.zh, said.en))
    return Sheet("未入选单位", ("单位 supplier", "原因", "why"), tuple(rows))


def _one_more(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    reasons = explained.reasons
    rows = []
    for found, partner in ((reasons.partners, True), (reasons.capacity, False)):
        what = "协作名额 partner" if partner else "服务名额 capacity"
        for one in sorted(found, key=lambda more: -more.gain):
            said = words.one_more(one, partner=partner)
            rows.append((words.label(one.subject), what, round(one.gain, 3), said.zh, said.en))
    columns = ("对象 subject", "多一个 one more", "增益 gain", "说明", "in words")
    return Sheet("名额敏感性", columns, tuple(rows))


def _constraints(explained: ExplainedPlan, words: PlanWords) -> Sheet:
    rows = tuple(_rules(explained, words))
    return Sheet("约束", ("类别 kind", "对象 subject", "内容 rule", "理由 reason"), rows)


def _rules(explained: ExplainedPlan, words: PlanWords) -> Iterator[tuple[Cell, ...]]:
    problem = explained.stored.problem
    for pair in problem.fixed:
        role = ROLES[pair.role] if pair.role else "不限角色 any role"
        subject = f"{words.label(pair.hub)}—{words.label(pair.supplier)}"
        yield "指定 fixed", subject, role, ""
    for ban in problem.forbidden:
        what = "不得牵头 must not lead" if ban.lead_only else "不得参与 must not join"
        subject = f"{words.label(ban.hub)}—{words.label(ban.supplier)}"
        yield "禁止 forbidden", subject, what, ban.reason
    for hub in problem.hubs:
        parts = [f"协作 partners {hub.min_partners}–{hub.max_partners}"]
        parts += [f"本地不少于 local at least {hub.min_local}"] if hub.min_local else []
        parts += ["须本地牵头 local lead"] if hub.local_lead else []
        parts += [] if hub.lead_required else ["可无牵头 lead optional"]
        yield "链或县 hub", hub.label, "；".join(parts), ""
    for supplier in problem.suppliers:
        parts = [f"服务 teams {supplier.min_hubs}–{supplier.max_hubs}"]
        if supplier.max_leads is not None:
            parts.append(f"牵头不超过 leads at most {supplier.max_leads}")
        yield "单位 supplier", supplier.label, "；".join(parts), ""
    if problem.min_county_share > 0:
        share = f"{problem.min_county_share:.0%}"
        yield "县市区 county", "", f"每县需求至少覆盖 at least {share} of each county's needs", ""
    for name, value in asdict(problem.weights).items():
        yield "权重 weight", name, f"{value:g}", ""


_SHEETS: Sequence[Callable[[ExplainedPlan, PlanWords], Sheet]] = (
    _about,
    _pairs,
    _reasons,
    _open,
    _left_out,
    _one_more,
    _constraints,
)
