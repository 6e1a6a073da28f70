"""Whether a posting names chains, a county and an organisation that exist."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import reference
from data.access.errors import NotAcceptable
from data.tables import ChainRow, OrganizationRow
from matcher.types import Achievement, Need

_CHAINS = select(ChainRow.id).order_by(ChainRow.position)


def check_places(session: Session, posting: Need | Achievement) -> None:
    """Refuses what the city does not know, naming what it does.

    Raises:
        NotAcceptable: an unknown chain, county or organisation.
    """
    check_chains_and_county(session, posting.chains, posting.county)
    organization = posting.organization
    if organization is not None and session.get(OrganizationRow, organization) is None:
        raise NotAcceptable(
            "organization",
            f"没有编号为 {organization!r} 的单位，请先登记。"
            f" / there is no organisation {organization!r}; register it first",
        )


def check_chains_and_county(session: Session, chains: Iterable[str], county: str | None) -> None:
    """Refuses ids that the city does not know, naming those that it does.

    Raises:
        NotAcceptable: an unknown chain or county.
    """
    named = list(chains)
    known = list(session.scalars(_CHAINS)) if named else []
    for chain in named:
        if chain not in known:
            raise _unknown("chains", "产业链", "chain", chain, known)
    counties = [one.id for one in reference.counties()]
    if county is not None and county not in counties:
        raise _unknown("county", "县（市、区）", "county", county, counties)


def _unknown(field: str, zh: str, en: str, value: str, known: list[str]) -> NotAcceptable:
    return NotAcceptable(
        field,
        f"{zh}编号 {value!r} 不存在，可用：{'、'.join(known)}。"
        f" / there is no {en} {value!r}; known: {', '.join(known)}",
    )
