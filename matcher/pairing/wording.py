"""Rules in the words of the people who made them."""

from collections.abc import Callable, Sequence

from matcher.pairing.plan import Notice
from matcher.pairing.problem import Problem, Role
from matcher.pairing.rules import Rule, RuleKind


def state(problem: Problem, rules: Sequence[Rule]) -> tuple[Notice, ...]:
    """What the rules say; those of one kind and limit together in one sentence."""
    labels = _labels(problem)
    groups: dict[tuple[RuleKind, object], list[Rule]] = {}
    for rule in rules:
        single = rule.kind in (RuleKind.FIXED, RuleKind.FORBIDDEN)
        groups.setdefault(
            (rule.kind, rule.subject if single else _limit(problem, rule)), []
        ).append(rule)
    return tuple(_sentence(problem, group, labels) for group in groups.values())


def resolve(problem: Problem, rules: Sequence[Rule], amounts: Sequence[float]) -> Notice:
    """What to do so that these rules give way by these amounts."""
    labels = _labels(problem)
    groups: dict[tuple[RuleKind, float, float], list[str]] = {}
    for rule, amount in zip(rules, amounts, strict=True):
        who = "—".join(labels[name] for name in rule.subject)
        groups.setdefault((rule.kind, _limit(problem, rule), amount), []).append(who)
    zh = [_CHANGES[kind]("、".join(who), n, by)[0] for (kind, n, by), who in groups.items()]
    en = [_CHANGES[kind](", ".join(who), n, by)[1] for (kind, n, by), who in groups.items()]
    return Notice("，并".join(zh), " and ".join(en))


def _labels(problem: Problem) -> dict[str, str]:
    labels = {supplier.id: supplier.label for supplier in problem.suppliers}
    labels |= {need.county: need.county for need in problem.needs if need.county is not None}
    return labels | {hub.id: hub.label for hub in problem.hubs}


def _limit(problem: Problem, rule: Rule) -> float:
    """The number that a rule sets, as people wrote it."""
    hubs = {hub.id: hub for hub in problem.hubs}
    subject = rule.subject[0]
    if rule.kind is RuleKind.MAX_PARTNERS:
        return hubs[subject].max_partners
    if rule.kind is RuleKind.MIN_PARTNERS:
        return hubs[subject].min_partners
    return rule.lower if rule.lower > -float("inf") else rule.upper


def _sentence(problem: Problem, group: Sequence[Rule], labels: dict[str, str]) -> Notice:
    rule = group[0]
    names = [labels[one.subject[0]] for one in group]
    who_zh, who_en = "、".join(names), ", ".join(names)
    n = _limit(problem, rule)
    if rule.fixed is not None or rule.forbidden is not None:
        return _decision(rule, *(labels[name] for name in rule.subject))
    zh, en = _STATEMENTS[rule.kind]
    each = ("各", " each") if len(group) > 1 else ("", "")
    return Notice(
        f"{who_zh} {each[0]}{zh.format(n=n)}",
        f"{who_en}{each[1]} {en.format(n=n)}",
    )


def _decision(rule: Rule, hub: str, supplier: str) -> Notice:
    if rule.forbidden is not None:
        reason = rule.forbidden.reason
        zh, en = ("牵头", "lead") if rule.forbidden.lead_only else ("服务", "serve")
        return Notice(
            f"禁止 {supplier} {zh} {hub}（{reason}）", f"{supplier} must not {en} {hub} ({reason})"
        )
    role = None if rule.fixed is None else rule.fixed.role
    zh, en = _AS[role]
    return Notice(f"已指定 {supplier} {zh} {hub}", f"{supplier} is fixed {en} {hub}")


_AS: dict[Role | None, tuple[str, str]] = {
    Role.LEAD: ("牵头", "as lead of"),
    Role.PARTNER: ("协作", "as partner of"),
    None: ("服务", "for"),
}

_STATEMENTS: dict[RuleKind, tuple[str, str]] = {
    RuleKind.LEAD: ("必须有牵头单位", "must have a lead"),
    RuleKind.LOCAL_LEAD: ("必须由本地单位牵头", "must have a local lead"),
    RuleKind.MIN_LOCAL: ("至少要有 {n:g} 家本地单位", "must have {n:g} or more local members"),
    RuleKind.MIN_PARTNERS: ("至少要有 {n:g} 家协作单位", "must have {n:g} or more partners"),
    RuleKind.MAX_PARTNERS: ("最多 {n:g} 家协作单位", "may have no more partners than {n:g}"),
    RuleKind.MAX_HUBS: (
        "最多服务 {n:g} 个链或县",
        "may serve no more than {n:g} of the chains and counties",
    ),
    RuleKind.MIN_HUBS: (
        "至少服务 {n:g} 个链或县",
        "must serve {n:g} or more of the chains and counties",
    ),
    RuleKind.MAX_LEADS: ("最多牵头 {n:g} 个", "may lead no more than {n:g}"),
    RuleKind.COUNTY_SHARE: ("的需求至少覆盖 {n:.0%}", "must have {n:.0%} of its needs covered"),
}

_CHANGES: dict[RuleKind, Callable[[str, float, float], tuple[str, str]]] = {
    RuleKind.LEAD: lambda who, n, by: (f"允许 {who} 没有牵头单位", f"let {who} go without a lead"),
    RuleKind.LOCAL_LEAD: lambda who, n, by: (
        f"允许 {who} 由外地单位牵头",
        f"let {who} have a lead from elsewhere",
    ),
    RuleKind.MIN_LOCAL: lambda who, n, by: (
        f"{who} 的本地单位下限由 {n:g} 降到 {n - by:g}",
        f"ask for {n - by:g} instead of {n:g} local members of {who}",
    ),
    RuleKind.MIN_PARTNERS: lambda who, n, by: (
        f"{who} 的协作单位下限由 {n:g} 降到 {max(n - by, 0):g}",
        f"ask for {max(n - by, 0):g} instead of {n:g} partners of {who}",
    ),
    RuleKind.MAX_PARTNERS: lambda who, n, by: (
        f"{who} 的协作单位上限由 {n:g} 提到 {n + by:g}",
        f"allow {who} {n + by:g} instead of {n:g} partners",
    ),
    RuleKind.MAX_HUBS: lambda who, n, by: (
        f"{who} 的服务上限由 {n:g} 提到 {n + by:g}",
        f"let {who} serve {n + by:g} instead of {n:g}",
    ),
    RuleKind.MIN_HUBS: lambda who, n, by: (
        f"{who} 的服务下限由 {n:g} 降到 {n - by:g}",
        f"ask {who} to serve {n - by:g} instead of {n:g}",
    ),
    RuleKind.MAX_LEADS: lambda who, n, by: (
        f"{who} 的牵头上限由 {n:g} 提到 {n + by:g}",
        f"let {who} lead {n + by:g} instead of {n:g}",
    ),
    RuleKind.FIXED: lambda who, n, by: (f"取消指定 {who}", f"unfix {who}"),
    RuleKind.FORBIDDEN: lambda who, n, by: (f"解除禁止 {who}", f"allow {who}"),
    RuleKind.COUNTY_SHARE: lambda who, n, by: (
        f"{who} 的覆盖下限由 {n:.0%} 降到 {n - by:.0%}",
        f"ask for {n - by:.0%} instead of {n:.0%} of the needs of {who}",
    ),
}
