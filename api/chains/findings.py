"""The chain map in sentences: what is missing, what lies idle, and what to do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from matcher.chain import Position
from matcher.chain_map_types import (
    Balance,
    ChainEntry,
    ChainMap,
    Named,
    Postings,
    SegmentEntry,
    State,
)
from matcher.chain_strength import UniversityStrength

TITLE_CHARS = 60
COUNTIES_NAMED = 3
UNIVERSITIES_NAMED = 3

POSITIONS = {
    Position.UPSTREAM: ("上游", "upstream"),
    Position.MIDSTREAM: ("中游", "midstream"),
    Position.DOWNSTREAM: ("下游", "downstream"),
}

STATES = {
    State.BOTTLENECK: ("瓶颈", "bottleneck"),
    State.SHORT: ("缺口", "shortfall"),
    State.SERVED: ("平衡", "served"),
    State.IDLE: ("闲置", "idle"),
    State.EMPTY: ("空白", "empty"),
}
"""What people call a state, in Chinese and in English."""


Bilingual = tuple[str, str]
"""The same words in Chinese and in English."""

_NO_SEGMENT: Bilingual = ("环节未定", "an unsettled segment")


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence in Chinese, the same in English, and the postings that it is about."""

    zh: str
    en: str
    items: tuple[str, ...] = ()


class Wording:
    """Words a chain map for people.

    Args:
        organizations: Display name by id.
        county_name: Display name of a county by id.
        most: How many postings a finding names; None for all.
    """

    def __init__(
        self,
        organizations: Mapping[str, str],
        county_name: Callable[[str], str],
        *,
        most: int | None = None,
    ) -> None:
        self._organizations = organizations
        self._county_name = county_name
        self._most = most

    def of_chain(self, chain: ChainEntry) -> list[Finding]:
        """What an official should know of one chain, the most urgent first."""
        found = [
            self._missing(state, _place(segment), segment.balance, chain.total)
            for state in (State.BOTTLENECK, State.SHORT)
            for segment in chain.having(state)
        ]
        if chain.unplaced.unanswered.count:
            unplaced = chain.unplaced
            found.append(self._missing(unplaced.state, _NO_SEGMENT, unplaced, chain.total))
        found.extend(self._idle(chain))
        found.extend(_silent(chain))
        if chain.total.universities:
            found.append(_strongest(chain.total.universities))
        return found

    def of_review(self, chains: ChainMap) -> list[Finding]:
        """Postings whose tags point at a chain or segment that is gone."""
        return [
            Finding(
                f"待核 · {lost.segment or lost.chain} 已不存在，仍有 {lost.needs.count} 项需求、"
                f"{lost.achievements.count} 项成果指向它。下一步：请人工改标。",
                f"For review: {_count(lost.needs.count, 'need')} and"
                f" {_count(lost.achievements.count, 'achievement')} still point at"
                f" {lost.segment or lost.chain}, which is gone. Next: tag them anew.",
                self._items([("", lost.needs), ("", lost.achievements)]),
            )
            for lost in chains.review
        ]

    def demand_by_county(self, balance: Balance) -> str:
        """Counties with their public open needs, most first; empty without any."""
        counts = sorted(balance.counties.items(), key=lambda item: (-item[1], item[0]))
        return "、".join(f"{self._county_name(county)} {count}" for county, count in counts)

    def _missing(self, state: State, place: Bilingual, balance: Balance, total: Balance) -> Finding:
        missing, wanted = balance.unanswered.count, balance.needs.count
        some_zh, some_en = f"{missing} 项需求", _count(missing, "need")
        if missing < wanted:
            some_zh, some_en = f"{wanted} 项需求中 {missing} 项", f"{missing} of {wanted} needs"
        next_zh, next_en = _remedy(balance, total)
        zh, en = STATES[state]
        return Finding(
            f"{zh} · {place[0]}：{some_zh}没有对口成果。下一步：{next_zh}。",
            f"{en.capitalize()} at {place[1]}: {some_en} without a fitting achievement."
            f" Next: {next_en}.",
            self._items([("", balance.unanswered)]),
        )

    def _idle(self, chain: ChainEntry) -> list[Finding]:
        places = [(_place(segment), segment.balance) for segment in chain.having(State.IDLE)]
        if chain.unplaced.state is State.IDLE:
            places.append((_NO_SEGMENT, chain.unplaced))
        if not places:
            return []
        count = sum(balance.idle.count for _, balance in places)
        where = "、".join(self._county_name(c) for c in chain.counties[:COUNTIES_NAMED])
        return [
            Finding(
                f"闲置 · {len(places)} 个环节的 {count} 项成果无人提出需求。"
                f"下一步：{f'到{where}' if where else ''}组织路演，并走访企业征集需求。",
                f"Idle supply: {_count(count, 'achievement')} on {_count(len(places), 'segment')}"
                f" that no need asks for. Next: a roadshow{f' in {where}' if where else ''},"
                " and visits to collect needs.",
                self._items([(f"{place[0]}：", balance.idle) for place, balance in places]),
            )
        ]

    def _items(self, groups: Sequence[tuple[str, Postings]]) -> tuple[str, ...]:
        lines = [f"{lead}{self._name(p)}" for lead, postings in groups for p in postings.named]
        shown = lines[: self._most]
        hidden = sum(postings.hidden for _, postings in groups)
        if len(lines) > len(shown):
            shown.append(f"另有 {len(lines) - len(shown)} 项 / {len(lines) - len(shown)} more")
        if hidden:
            shown.append(f"{hidden} 项不公开 / {hidden} not public")
        return tuple(shown)

    def _name(self, posting: Named) -> str:
        title = " ".join(posting.title.split())
        cut = title if len(title) <= TITLE_CHARS else f"{title[: TITLE_CHARS - 1]}…"
        owner = self._organizations.get(posting.organization or "")
        level = f"TRL {posting.trl}" if posting.trl is not None else None
        return f"「{cut}」{' · '.join(fact for fact in (owner, level, posting.id) if fact)}"


def _place(segment: SegmentEntry) -> Bilingual:
    zh, en = POSITIONS[segment.position]
    return f"{segment.name_zh}（{zh}）", f"{segment.name_en} ({en})"


def _remedy(balance: Balance, total: Balance) -> Bilingual:
    """What to do about unanswered needs; one that is not public cannot be a challenge."""
    secret = not balance.unanswered.named
    last_zh = "由技术经纪人点对点寻访团队" if secret else "列入揭榜挂帅榜单，面向全国征集团队"
    last_en = "a broker asks teams one by one" if secret else "publish an open challenge (揭榜挂帅)"
    # one achievement does not make a university the expert of a segment
    here = next((u for u in balance.universities if u.achievements > 1), None)
    if here is not None:
        return (
            f"先请{here.name}（本环节 {here.achievements} 项成果）按需攻关，不成再{last_zh}",
            f"ask {here.name}, with {here.achievements} achievements here, to develop for it,"
            f" else {last_en}",
        )
    if total.universities:
        best = total.universities[0]
        return (
            f"本环节尚无高校有多项成果，先问本链实力最强的{best.name}能否攻关，不成再{last_zh}",
            f"no university has several achievements here, so ask the strongest of the chain,"
            f" {best.name}, whether it can; else {last_en}",
        )
    return last_zh, last_en


def _silent(chain: ChainEntry) -> list[Finding]:
    """What is there to say where nothing is missing and nothing lies idle."""
    found: list[Finding] = []
    total = chain.total
    if not chain.segments:
        found.append(
            Finding(
                "环节 · 本链尚未定义环节。下一步：补充上中下游环节。",
                "No segments are defined for this chain. Next: add them.",
            )
        )
    if empty := chain.having(State.EMPTY):
        names = "、".join(segment.name_zh for segment in empty)
        names_en = ", ".join(segment.name_en for segment in empty)
        found.append(
            Finding(
                f"空白 · {names}：既无需求也无成果。下一步：走访企业征集需求。",
                f"Empty: neither needs nor achievements at {names_en}."
                " Next: visit enterprises and collect their needs.",
            )
        )
    if not total.needs.count:
        found.append(
            Finding(
                "需求 · 本链没有在期需求。下一步：走访企业征集需求。",
                "No open needs on this chain. Next: visit enterprises and collect them.",
            )
        )
    elif not total.unanswered.count:
        found.append(
            Finding(
                f"平衡 · {total.needs.count} 项需求都有对口成果。下一步：由技术经纪人逐项对接。",
                f"Served: each of {_count(total.needs.count, 'need')} has a fitting achievement."
                " Next: brokers introduce the two sides.",
            )
        )
    return found


def _strongest(universities: Sequence[UniversityStrength]) -> Finding:
    best = universities[:UNIVERSITIES_NAMED]
    return Finding(
        f"实力 · {'、'.join(u.name for u in best)}最强。"
        "下一步：一链一校结对时优先考虑（yilian pair）。",
        f"Strongest: {'; '.join(u.name for u in best)}."
        " Next: think of them first when pairing the chain (yilian pair).",
        tuple(
            " · ".join(
                [
                    f"{u.name}：{u.achievements} 项成果 achievements",
                    *([f"最高 best TRL {u.best_trl}"] if u.best_trl else []),
                    *([f"最近更新 latest {u.latest.year}"] if u.latest else []),
                    f"实力 strength {u.strength:.2f}",
                ]
            )
            for u in best
        ),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
