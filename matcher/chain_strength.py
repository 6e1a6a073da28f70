"""How strong a university is at a place of a chain: how much, how mature, how recent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log2

from matcher.types import Achievement, Organization, OrganizationKind, Visibility

_HIGHEST_TRL = 9
_DAYS_PER_YEAR = 365.25
_SUPPLIERS = (OrganizationKind.UNIVERSITY, OrganizationKind.INSTITUTE)


@dataclass(frozen=True, slots=True)
class StrengthConfig:
    """What an achievement is worth as a part of its university's strength.

    Set by judgement; no data says how fast an achievement ages.

    Attributes:
        half_life_years: Age at which an achievement counts half.
        unknown_trl: The level taken for one of unknown maturity: the middle of the scale.
    """

    half_life_years: float = 5.0
    unknown_trl: int = 5

    def __post_init__(self) -> None:
        if self.half_life_years <= 0 or not 1 <= self.unknown_trl <= _HIGHEST_TRL:
            raise ValueError(f"half_life_years > 0 and unknown_trl 1 to 9 are needed: {self}")


@dataclass(frozen=True, slots=True)
class UniversityStrength:
    """What a university or institute can do at one place of a chain.

    Attributes:
        achievements: How many public ones it has there.
        best_trl: The most mature of them; None when no level is known.
        latest: The day of the most recent one; None when no day is known.
        strength: Sum over its achievements, best first, of tag weight x TRL/9 x recency,
            the i-th divided by log2(1 + i): many slight results do not make up for a few
            good ones. The discount is that of nDCG (Järvelin and Kekäläinen, 2002).
    """

    organization: str
    name: str
    achievements: int
    best_trl: int | None
    latest: date | None
    strength: float


def university_strengths(
    achievements: Sequence[Achievement],
    weights: Mapping[str, float],
    organizations: Mapping[str, Organization],
    *,
    today: date,
    config: StrengthConfig | None = None,
) -> tuple[UniversityStrength, ...]:
    """The universities and institutes behind some achievements, strongest first.

    Args:
        achievements: Those of one place; only public ones of a university count.
        weights: Achievement id to its tag weight there, in [0, 1].
        organizations: By id.
        today: The day from which ages are counted.
        config: How an achievement is weighed; defaults when None.
    """
    config = config or StrengthConfig()
    of_each: dict[str, list[Achievement]] = {}
    for achievement in achievements:
        owner = organizations.get(achievement.organization or "")
        public = achievement.visibility is Visibility.PUBLIC
        if public and owner is not None and owner.kind in _SUPPLIERS:
            of_each.setdefault(owner.id, []).append(achievement)
    found = [
        UniversityStrength(
            organization=owner_id,
            name=organizations[owner_id].name,
            achievements=len(theirs),
            best_trl=max((a.trl for a in theirs if a.trl is not None), default=None),
            latest=max((day for a in theirs if (day := _day(a)) is not None), default=None),
            strength=_discounted([weights[a.id] * _worth(a, today, config) for a in theirs]),
        )
        for owner_id, theirs in of_each.items()
    ]
    return tuple(sorted(found, key=lambda u: (-u.strength, u.organization)))


def _discounted(worths: Sequence[float]) -> float:
    best_first = sorted(worths, reverse=True)
    return round(sum(worth / log2(1 + i) for i, worth in enumerate(best_first, start=1)), 4)


def _worth(achievement: Achievement, today: date, config: StrengthConfig) -> float:
    maturity = (achievement.trl or config.unknown_trl) / _HIGHEST_TRL
    day = _day(achievement)
    # of unknown age: one half-life old
    age = max(0.0, (today - day).days / _DAYS_PER_YEAR) if day else config.half_life_years
    return float(maturity * 0.5 ** (age / config.half_life_years))


def _day(achievement: Achievement) -> date | None:
    told = achievement.updated_at or achievement.created_at
    return told.date() if told else None
