"""Whether a problem makes sense; everything that is wrong with it, at once."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from matcher.pairing.errors import BadProblem
from matcher.pairing.plan import Notice
from matcher.pairing.problem import Fixed, Forbidden, Hub, Problem, Supplier


def check(problem: Problem) -> tuple[Notice, ...]:
    """What people should know before they rely on a plan, such as a university listed twice.

    Raises:
        BadProblem: something cannot be meant as it stands.
    """
    faults = tuple([*_missing(problem), *_repeated(problem), *_unknown(problem)])
    if not faults:
        faults = tuple([*_numbers(problem), *_limits(problem), *_contradictions(problem)])
    if faults:
        raise BadProblem(faults)
    return tuple([*_idle_hubs(problem), *_same_names(problem), *_out_of_reach(problem)])


def nearest(name: str, known: Mapping[str, str]) -> list[str]:
    """Up to three ids that a mistyped id or name may have meant, among names by id."""
    by_word = {word: i for i, label in known.items() for word in (label, i) if word}
    close = get_close_matches(name, by_word, n=3, cutoff=0.5)
    within = [word for word in by_word if len(name) > 1 and name in word]
    return list(dict.fromkeys(by_word[word] for word in (*close, *within)))[:3]


def _missing(problem: Problem) -> Iterator[Notice]:
    if not problem.suppliers:
        yield Notice(
            "没有高校或院所，请先载入单位",
            "there are no universities or institutes; load organisations first",
        )
    if not problem.hubs:
        yield Notice(
            "没有要结对的产业链或县市区，请先载入需求",
            "there is no chain or county to pair; load needs first",
        )
    expected = len(problem.needs), len(problem.suppliers)
    if problem.levels.shape != expected:
        yield Notice(
            f"匹配等级矩阵应为 {expected}，实为 {problem.levels.shape}",
            f"levels must be {expected}, they are {problem.levels.shape}",
        )
    seats = len(problem.hubs), len(problem.suppliers)
    for zh, en, matrix in (
        ("合作", "cooperation", problem.cooperation),
        ("距离", "distances", problem.distance_km),
    ):
        if matrix is not None and matrix.shape != seats:
            yield Notice(
                f"{zh}矩阵应为 {seats}，实为 {matrix.shape}",
                f"{en} must be {seats}, they are {matrix.shape}",
            )


def _repeated(problem: Problem) -> Iterator[Notice]:
    for zh, en, ids in (
        ("产业链或县市区", "hub", [hub.id for hub in problem.hubs]),
        ("单位", "supplier", [supplier.id for supplier in problem.suppliers]),
        ("需求", "need", [need.id for need in problem.needs]),
    ):
        for name, count in Counter(ids).items():
            if count > 1:
                yield Notice(
                    f"{zh}编号 {name} 出现 {count} 次，请只保留一个",
                    f"{en} id {name} is there {count} times; keep one",
                )


def _unknown(problem: Problem) -> Iterator[Notice]:
    hubs = {hub.id: hub.name for hub in problem.hubs}
    suppliers = {supplier.id: supplier.name for supplier in problem.suppliers}
    pairs: tuple[Fixed | Forbidden, ...] = (*problem.fixed, *problem.forbidden)
    asked_hubs = [
        *(h for need in problem.needs for h in need.hubs),
        *(pair.hub for pair in pairs),
        *(h for c in problem.couplings for h in (c.first, c.second)),
    ]
    yield from _not_among(asked_hubs, hubs, "产业链或县市区", "chain or county")
    yield from _not_among([p.supplier for p in pairs], suppliers, "高校院所", "university")


def _not_among(
    names: Iterable[str], known: Mapping[str, str], zh: str, en: str
) -> Iterator[Notice]:
    for name in dict.fromkeys(names):
        if name not in known:
            close = [f"{known[i]}（{i}）" if known[i] else i for i in nearest(name, known)]
            hint_zh = f"，是否指 {'、'.join(close)}" if close else ""
            hint_en = f"; did you mean {', '.join(close)}" if close else ""
            yield Notice(f"没有名为 {name} 的{zh}{hint_zh}", f"no {en} {name}{hint_en}")


def _numbers(problem: Problem) -> Iterator[Notice]:
    for need in problem.needs:
        if not (np.isfinite(need.weight) and need.weight >= 0):
            yield Notice(
                f"需求 {need.id} 的权重 {need.weight:g} 不可为负",
                f"need {need.id} has weight {need.weight:g}; weights cannot be negative",
            )
    strengths = np.array([c.strength for c in problem.couplings])
    for zh, en, values, most in (
        ("匹配等级", "levels", problem.levels.data, 1.0),
        ("合作强度", "cooperation", problem.cooperation, 1.0),
        ("距离", "distances", problem.distance_km, np.inf),
        ("关联强度", "coupling strengths", strengths, 1.0),
        ("县市区覆盖下限", "the least share of a county", problem.min_county_share, 1.0),
    ):
        if values is None or np.size(values) == 0:
            continue
        if not (np.isfinite(values).all() and np.min(values) >= 0 and np.max(values) <= most):
            span = "≥ 0" if most == np.inf else "[0, 1]"
            yield Notice(f"{zh}须在 {span} 内", f"{en} must be within {span}")


def _limits(problem: Problem) -> Iterator[Notice]:
    for hub in problem.hubs:
        if not 0 <= hub.min_partners <= hub.max_partners or hub.min_local < 0:
            yield _bad_limits(hub)
    for supplier in problem.suppliers:
        optional = (supplier.max_leads, supplier.comfortable_hubs)
        if not 0 <= supplier.min_hubs <= supplier.max_hubs or any(
            limit is not None and limit < 0 for limit in optional
        ):
            yield _bad_limits(supplier)


def _bad_limits(what: Hub | Supplier) -> Notice:
    return Notice(
        f"{what.label} 的数量限制自相矛盾：下限须 ≥ 0 且不大于上限",
        f"the limits of {what.label} contradict each other: 0 ≤ least ≤ most is needed",
    )


def _contradictions(problem: Problem) -> Iterator[Notice]:
    banned = {(b.hub, b.supplier): b for b in problem.forbidden if not b.lead_only}
    hubs = {hub.id: hub for hub in problem.hubs}
    suppliers = {supplier.id: supplier for supplier in problem.suppliers}
    for pair in dict.fromkeys(problem.fixed):
        ban = banned.get((pair.hub, pair.supplier))
        if ban is not None:
            hub, supplier = hubs[pair.hub].label, suppliers[pair.supplier].label
            yield Notice(
                f"{hub}—{supplier} 既被指定又被禁止（{ban.reason}），请去掉其中一条",
                f"{hub}–{supplier} is both fixed and forbidden ({ban.reason}); drop one of the two",
            )


def _idle_hubs(problem: Problem) -> Iterator[Notice]:
    asked = {hub for need in problem.needs if need.weight > 0 for hub in need.hubs}
    idle = [hub.label for hub in problem.hubs if hub.id not in asked]
    if idle:
        yield Notice(
            f"没有待覆盖的需求：{'、'.join(idle)}；其结对只取决于已有合作与距离",
            f"no needs to cover: {', '.join(idle)}; only cooperation and distance decide there",
        )


def _same_names(problem: Problem) -> Iterator[Notice]:
    """Suppliers whose names agree but for width, case, spaces and punctuation."""
    alike: dict[str, list[Supplier]] = {}
    for supplier in problem.suppliers:
        folded = unicodedata.normalize("NFKC", supplier.label).casefold()
        alike.setdefault("".join(c for c in folded if c.isalnum()), []).append(supplier)
    for group in alike.values():
        if len(group) > 1:
            names = [f"{supplier.label}（{supplier.id}）" for supplier in group]
            yield Notice(
                f"可能是同一单位：{'、'.join(names)}；按不同单位计算会多占名额，请合并",
                f"these may be one organisation: {', '.join(names)};"
                " counted apart it gets too many places, so merge them",
            )


def _out_of_reach(problem: Problem) -> Iterator[Notice]:
    supplied = np.diff(problem.levels.indptr) > 0
    without = sum(
        not some and need.weight > 0 for need, some in zip(problem.needs, supplied, strict=True)
    )
    if without:
        yield Notice(
            f"{without} 条需求没有任何单位能满足，不论如何结对都不被覆盖",
            f"{without} needs have no supplier at all; no plan covers them",
        )
