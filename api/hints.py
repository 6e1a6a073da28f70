"""What the one who asks might mend in the need, so that its matches can be trusted."""

from dataclasses import dataclass

from matcher.doubtful import doubtful_figures, says_little
from matcher.match import MatchList


@dataclass(frozen=True, slots=True)
class Hint:
    """One line of advice in both languages."""

    zh: str
    en: str


def hints_of(matches: MatchList) -> tuple[Hint, ...]:
    """Advice on a need that says little, or asks for what cannot be; usually none."""
    hints = []
    if says_little(matches.requirements):
        hints.append(
            Hint(
                "需求只有一个词，把握度仅供参考；请写明要解决的技术问题",
                "one word is too little to trust these levels; say what is to be solved",
            )
        )
    figures = "、".join(doubtful_figures(matches.requirements))
    if figures:
        hints.append(
            Hint(f"请核对指标：{figures}", f"these figures can hardly be meant: {figures}")
        )
    return tuple(hints)
