"""A plan's reasons in sentences, Chinese and English."""

from collections.abc import Iterator, Mapping

from api.plans.names import PlanNames
from api.plans.why import WHY_OPEN, WHY_OUT
from matcher.pairing.plan import Notice
from matcher.pairing.reasons_types import (
    Basis,
    CoveredNeed,
    Elsewhere,
    LeftOut,
    NeedChange,
    OneMore,
    OpenReason,
    PairReason,
    Reasons,
    Remedy,
    RunnerUp,
    WhyOpen,
)

CHANGES_TOLD = 3
"""Needs that a runner-up's sentence names."""

EVEN = 5e-4
"""Amounts below this are told as nothing."""

TOLD_CHANGE = 0.01
"""Changes of a level below this are not told."""

BASIS: Mapping[Basis, Notice] = {
    Basis.SWAP: Notice("只动此处、其余不变", "only this changes"),
    Basis.SOLVED: Notice("全案重新求解", "the whole plan solved again"),
}


class PlanWords(PlanNames):
    """Words the reasons of plans.

    Amounts are in needs of average importance, covered completely.
    """

    def pairs(self, reasons: Reasons) -> Iterator[tuple[PairReason, list[Notice]]]:
        """Each pair with why it is; what a supplier gave up is told with its first one."""
        told: set[str] = set()
        for pair in reasons.pairs:
            said = list(self._pair(pair))
            if pair.supplier not in told:
                told.add(pair.supplier)
                theirs = (e for e in reasons.elsewhere if e.supplier == pair.supplier)
                said += [self.gave_up(place) for place in theirs]
            yield pair, said

    def runner_up(self, other: RunnerUp | None) -> Notice:
        """The next best choice, and what it costs."""
        if other is None:
            return Notice(
                "其余不变时无人可替补", "with all else as it is nobody could take its place"
            )
        names = [self.label(s) for s in other.suppliers]
        zh = f"次选：{'、'.join(names) or '席位空缺（无合适替补）'}"
        en = f"runner-up: {', '.join(names) or 'an empty seat, nobody suits'}"
        if other.cost < -EVEN:
            zh += f"，反而多 {-other.cost:.2f} 项需求：现方案未证明最优"
            en += f", which gains {-other.cost:.2f} needs: this plan is not proven best"
        else:
            zh += f"，代价 {abs(other.cost):.2f} 项需求"
            en += f", at a cost of {abs(other.cost):.2f} needs"
        basis = BASIS[other.basis]
        zh, en = f"{zh}（{basis.zh}）", f"{en} ({basis.en})"
        clear = [c for c in other.changes if abs(c.after - c.before) >= TOLD_CHANGE]
        if told := clear[:CHANGES_TOLD]:
            zh += "；" + "，".join(f"{self.need(c.need)}{_change(c).zh}" for c in told)
            en += "; " + ", ".join(f"{self.need(c.need)} {_change(c).en}" for c in told)
        if other.moved:
            moved = [self.label(hub) for hub in other.moved]
            zh += f"；{'、'.join(moved)} 的队伍随之调整"
            en += f"; the teams of {', '.join(moved)} change, too"
        return Notice(zh, en)

    def gave_up(self, place: Elsewhere) -> Notice:
        """What a supplier at its limit could have done for one more team."""
        hub = self.label(place.hub)
        zh = f"名额已满，因此放弃 {hub}：若再多服务一处，"
        en = f"at its limit, it gives up {hub}: in one more team "
        if place.instead_of is not None:
            zh += f"可换下 {self.label(place.instead_of)}，"
            en += f"it would replace {self.label(place.instead_of)} and "
        return Notice(
            f"{zh}方案增加 {place.gain:.2f} 项需求", f"{en}add {place.gain:.2f} needs to the plan"
        )

    def left_out(self, out: LeftOut) -> Notice:
        """Why a supplier is in no team."""
        why = WHY_OUT[out.why]
        zh, en = why.zh, why.en
        if out.bans:
            zh, en = f"{zh}（{'；'.join(out.bans)}）", f"{en} ({'; '.join(out.bans)})"
        if out.best is None:
            return Notice(zh, en)
        hub = self.label(out.best.hub)
        zh += f"；最接近入选的是 {hub}"
        en += f"; it came closest in {hub}"
        if out.best.instead_of is not None:
            zh += f"（换下 {self.label(out.best.instead_of)}）"
            en += f" (instead of {self.label(out.best.instead_of)})"
        gain = out.best.gain
        if gain > EVEN:
            return Notice(f"{zh}，方案会增加 {gain:.2f} 项需求", f"{en}, adding {gain:.2f} needs")
        if gain > -EVEN:
            return Notice(f"{zh}，但不增加价值", f"{en}, where it would add nothing")
        return Notice(f"{zh}，代价 {-gain:.2f} 项需求", f"{en}, at a cost of {-gain:.2f} needs")

    def open_need(self, reason: OpenReason) -> Notice:
        """Why a need is not covered, and whether another team covers it."""
        why, weak = WHY_OPEN[reason.why], f"{reason.level:.0%}"
        zh, en = why.zh, why.en
        if reason.level > 0:
            zh, en = f"现仅覆盖 {weak}；{zh}", f"covered at {weak} only; {en}"
        if (other := self.covered_elsewhere(reason)) is not None:
            hub, level = self.label(other.hub), f"{other.level:.0%}"
            zh, en = f"{zh}；{hub} 的队伍已覆盖 {level}", f"{en}; the team of {hub} covers {level}"
        return Notice(zh, en)

    def remedies(self, reason: OpenReason) -> Iterator[Notice]:
        """What would cover a need."""
        if not reason.remedies and reason.why is WhyOpen.NO_SUPPLY:
            yield Notice(
                "可转为揭榜挂帅，或引入市外单位", "make it a challenge, or look outside the city"
            )
        yield from (self._remedy(remedy) for remedy in reason.remedies)

    def one_more(self, more: OneMore, *, partner: bool) -> Notice:
        """What one more place would bring."""
        what = Notice("再加一个协作名额", "one more partner")
        if not partner:
            what = Notice("再多服务一处", "one more team")
        name, basis = self.label(more.subject), BASIS[more.basis]
        if more.gain <= EVEN:
            return Notice(
                f"{name} {what.zh}：没有增益（{basis.zh}）",
                f"{name}, {what.en}: no gain ({basis.en})",
            )
        seats = "、".join(f"{self.label(h)}—{self.label(s)}" for h, s in more.seats)
        return Notice(
            f"{name} {what.zh}：增加 {more.gain:.2f} 项需求，新增 {seats}（{basis.zh}）",
            f"{name}, {what.en}: {more.gain:.2f} needs more, with {seats} ({basis.en})",
        )

    def _pair(self, reason: PairReason) -> Iterator[Notice]:
        if reason.fixed:
            yield Notice("由规则指定", "fixed by a rule")
        yield self._covers(reason)
        yield from (self._covered(n) for n in reason.covers if n.level >= self.least)
        if weak := [n for n in reason.covers if n.level < self.least]:
            named = "、".join(f"{self.need(n.need)} {n.level:.0%}" for n in weak)
            yield Notice(f"另有 {len(weak)} 项只是弱覆盖：{named}", f"{len(weak)} of these weakly")
        if reason.cooperation > 0:
            yield Notice("延续已有合作", "continues an established cooperation")
        if shared := self.shared_with(reason):
            yield Notice(
                f"链县协同，同时服务 {shared}", f"also serves {shared}, which belongs with it"
            )
        if reason.distance_km is not None:
            yield Notice(f"相距 {reason.distance_km:.0f} km", f"{reason.distance_km:.0f} km away")
        if reason.adds > EVEN:
            yield Notice(
                f"若退出且无人顶替，方案损失 {reason.adds:.2f} 项需求",
                f"without it and nobody in its place the plan loses {reason.adds:.2f} needs",
            )
        yield self.runner_up(reason.runner_up)

    def _covers(self, reason: PairReason) -> Notice:
        count, worth = len(reason.covers), sum(need.value for need in reason.covers)
        if not count:
            return Notice("队内没有由它覆盖得最好的需求", "covers no need best in its team")
        return Notice(
            f"由它覆盖 {count} 项需求，合计价值 {worth:.2f}",
            f"covers {count} needs best, worth {worth:.2f}",
        )

    def _covered(self, need: CoveredNeed) -> Notice:
        """The same words for every reader: names and figures."""
        said = f"{self.need(need.need)} {need.level:.0%}"
        if need.evidence:
            # the level is that of the best achievement
            said += f" ← {self.proof(need.evidence[0])}"
        if need.without > 0:
            said += f"；队内其他 others {need.without:.0%}"
        return Notice(said, said)

    def _remedy(self, remedy: Remedy) -> Notice:
        name, level = self.label(remedy.supplier), f"{remedy.level:.0%}"
        zh, en = f"{name} 可覆盖 {level}", f"{name} would cover {level}"
        if remedy.cost is None:
            why = WHY_OPEN[remedy.obstacle]
            ban = f"（{remedy.ban}）" if remedy.ban else ""
            return Notice(f"{zh}，但{why.zh}{ban}", f"{en}, but {why.en}{ban}")
        busy_zh, busy_en = ("须再多给一个名额，", "needs capacity for one more team, ")
        zh += f"：{busy_zh if remedy.busy else ''}"
        en += f": {busy_en if remedy.busy else ''}"
        if remedy.instead_of is not None:
            zh += f"换下 {self.label(remedy.instead_of)}，"
            en += f"replaces {self.label(remedy.instead_of)}, "
        if remedy.cost < -EVEN:
            return Notice(f"{zh}方案增加 {-remedy.cost:.2f}", f"{en}gains {-remedy.cost:.2f}")
        cost = abs(remedy.cost)
        return Notice(f"{zh}代价 {cost:.2f}", f"{en}costs {cost:.2f}")


def _change(change: NeedChange) -> Notice:
    if change.after <= 0:
        return Notice(f" {change.before:.0%} 失去覆盖", f"at {change.before:.0%} is lost")
    return Notice(
        f" {change.before:.0%} → {change.after:.0%}", f"{change.before:.0%} → {change.after:.0%}"
    )
