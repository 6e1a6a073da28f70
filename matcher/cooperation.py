"""An enterprise and a university that have worked together, as people report it."""

from dataclasses import dataclass

from matcher.errors import MatcherError
from matcher.types import CooperationMode


class BadCooperation(MatcherError):
    """A cooperation that cannot be meant as it is written.

    Attributes:
        zh: What is wrong and what to do, in Chinese.
        en: The same in English.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCooperation:
    """What two organisations have done together, or still do.

    Attributes:
        enterprise: Id of the organisation that asked.
        university: Id of the organisation that supplied.
        chain: Id of the chain that it served, if it served one.
        segment: Id of the segment of that chain.
        since: First year.
        year: Year in which it was last heard of.
        kind: How they worked together.
        source: Where it is known from, such as a contract or a press report.

    Raises:
        BadCooperation: an organisation with itself, a segment without its chain or of
            another one, or an end before the beginning.
    """

    id: str
    enterprise: str
    university: str
    chain: str | None = None
    segment: str | None = None
    since: int | None = None
    year: int | None = None
    kind: CooperationMode | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if self.enterprise == self.university:
            raise BadCooperation(
                "企业与高校院所是同一单位，请改正其中一栏",
                "enterprise and university are the same organisation; correct one of the two",
            )
        if self.segment is not None and self.segment.partition(".")[0] != self.chain:
            raise BadCooperation(
                f"环节 {self.segment} 不属于产业链 {self.chain}，请改正或留空一栏",
                f"segment {self.segment} is not of chain {self.chain}; correct or empty one",
            )
        if self.since is not None and self.year is not None and self.year < self.since:
            raise BadCooperation(
                f"最近年份 {self.year} 早于起始年份 {self.since}，请改正",
                f"the latest year {self.year} is before the first one {self.since}; correct one",
            )
