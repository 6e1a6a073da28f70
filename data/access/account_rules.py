"""Which role goes with which organisation and which limits."""

from collections.abc import Sequence
from typing import Never

from sqlalchemy import select
from sqlalchemy.orm import Session

from data import reference
from data.access.errors import NotAcceptable
from data.policy.actor import PEOPLE, Role
from data.tables import ChainRow, OrganizationRow

_MEMBERS = (Role.ENTERPRISE, Role.UNIVERSITY)


def check_membership(
    session: Session,
    *,
    role: Role,
    organization: str | None,
    chains: Sequence[str],
    counties: Sequence[str],
) -> None:
    """Refuses an account whose parts do not fit.

    People of enterprises and universities belong to one; only brokers have limits.

    Raises:
        NotAcceptable: names the field.
    """
    if role not in PEOPLE:
        _refuse("role", f"账号不能为 {role}。", f"no account can be {role}")
    if role in _MEMBERS and organization is None:
        _refuse(
            "organization",
            f"角色 {role} 必须属于一个单位。",
            f"an account of the role {role} belongs to an organisation; name it",
        )
    if organization is not None and role not in (*_MEMBERS, Role.BROKER):
        _refuse(
            "organization",
            f"角色 {role} 不属于任何单位，请留空。",
            f"an account of the role {role} belongs to no organisation; leave it out",
        )
    if organization is not None and session.get(OrganizationRow, organization) is None:
        _refuse("organization", f"没有单位 {organization!r}。", f"no organisation {organization!r}")
    if (chains or counties) and role is not Role.BROKER:
        _refuse(
            "chains" if chains else "counties",
            "只有技术经纪人可限定产业链或区县。",
            "only brokers are limited to chains or counties",
        )
    _check_limits(session, chains, counties)


def _check_limits(session: Session, chains: Sequence[str], counties: Sequence[str]) -> None:
    if chains:
        known = set(session.scalars(select(ChainRow.id)))
        if unknown := sorted(set(chains) - known):
            _refuse("chains", f"没有产业链 {unknown[0]!r}。", f"no chain {unknown[0]!r}")
    if counties:
        known = {county.id for county in reference.counties()}
        if unknown := sorted(set(counties) - known):
            _refuse("counties", f"没有区县 {unknown[0]!r}。", f"no county {unknown[0]!r}")


def _refuse(field: str, zh: str, en: str) -> Never:
    raise NotAcceptable(field, f"{zh} / {en}")
