"""From the database to a pairing problem, and to its plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from api.errors import PairingTooLarge
from api.plans.supply import past_cooperation, supply_levels
from api.progress import Progress
from api.records import SUPPLIERS
from api.service import MatchService
from data.chain_names import ChainNames
from data.cooperations import CooperationRepository
from data.reference import counties, find_county
from data.repositories import AchievementRepository, OrganizationRepository
from data.session import session_scope
from matcher.pairing.coupling import strong_couplings
from matcher.pairing.importance import importance
from matcher.pairing.plan import Plan
from matcher.pairing.problem import (
    Fixed,
    Forbidden,
    Hub,
    HubKind,
    OpenNeed,
    Problem,
    Supplier,
    level_matrix,
)
from matcher.pairing.solve import solve
from matcher.types import OPEN, Need, Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class PairOptions:
    """What the office decides before the solver does.

    Attributes:
        kinds: What gets teams: chains, counties or both.
        only: Ids of the chains and counties that get teams; empty for all.
        partners: Most suppliers besides the lead, for each chain or county.
        capacity: Most teams that a university or institute is in.
        max_leads: Most of them that it leads; None is as many as it is in.
        min_local: Fewest local members of each team.
        local_lead: Whether every lead must be local.
        fixed: By ids of chain or county and organisation.
        forbidden: The same, with reasons.
        leaders: Organisations whose needs count more.
        time_limit_s: When the solver stops with its best plan.
    """

    kinds: tuple[HubKind, ...] = (HubKind.CHAIN,)
    only: frozenset[str] = frozenset()
    partners: int = 1
    capacity: int = 2
    max_leads: int | None = None
    min_local: int = 0
    local_lead: bool = False
    fixed: tuple[Fixed, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    leaders: frozenset[str] = frozenset()
    time_limit_s: float = 60.0


def pair(service: MatchService, options: PairOptions | None = None) -> Plan:
    """One lead and some partners for every chain, county or both, chosen jointly.

    Raises:
        MatcherError: see ``matcher.pairing.solve.solve``.
    """
    options = options or PairOptions()
    problem = pairing_problem(service, options, today=date.today())
    return solve(problem, time_limit_s=options.time_limit_s)


def pairing_problem(
    service: MatchService,
    options: PairOptions,
    *,
    today: date,
    most: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Problem:
    """The open needs of the city, and what its universities and institutes have for them.

    A need that names no chain counts for those that its wording tells. Chains and counties
    that have needs, or that a fixed or forbidden pair names, get teams.

    Args:
        service: The engine.
        options: What the office decides.
        today: The day on which needs are open.
        most: Needs above which nothing is graded; None for any number.
        progress: Told how many needs have been graded.

    Raises:
        PairingTooLarge: there are more needs.
    """
    needs = service.records.published_needs()
    hubs_of = {
        need: tuple(hub for hub in hubs if not options.only or hub in options.only)
        for need, hubs in _hubs_of(service, needs, options.kinds).items()
    }
    rules: tuple[Fixed | Forbidden, ...] = (*options.fixed, *options.forbidden)
    named = {rule.hub for rule in rules}
    hubs = _hubs(service, {h for hubs in hubs_of.values() for h in hubs} | named, options)
    known = {hub.id for hub in hubs}
    open_needs = tuple(
        OpenNeed(
            id=need.id,
            hubs=tuple(hub for hub in hubs_of[need.id] if hub in known),
            weight=importance(need, today=today, leaders=options.leaders),
            county=need.county,
        )
        for need in needs
        if hubs_of[need.id]
    )
    with session_scope(service.engine, write=False) as session:
        organizations = list(OrganizationRepository(session).stream())
        stored = AchievementRepository(session).stream()
        achievements = [a for a in stored if a.status in OPEN]
        past = CooperationRepository(session).all()
    suppliers = _suppliers(organizations, options)
    able = {supplier.id for supplier in suppliers}
    asked = {need.id for need in open_needs}
    if most is not None and len(asked) > most:
        raise PairingTooLarge(len(asked), most)
    levels, evidence = supply_levels(
        service,
        [need for need in needs if need.id in asked],
        [a for a in achievements if a.organization in able],
        progress=progress,
    )
    county_of = {organization.id: organization.county for organization in organizations}
    return Problem(
        hubs=hubs,
        suppliers=suppliers,
        needs=open_needs,
        levels=level_matrix(open_needs, suppliers, levels),
        cooperation=past_cooperation(past, county_of, hubs, suppliers),
        fixed=options.fixed,
        forbidden=options.forbidden,
        couplings=strong_couplings(open_needs, hubs),
        evidence=evidence,
    )


def read_rule(service: MatchService, hub: str, supplier: str) -> tuple[str, str]:
    """Ids of a chain or county and an organisation from ids or names; unknown ones stay."""
    names = {name: id_ for id_, name in service.records.organization_names().items()}
    hub_id = ChainNames(service.tags.definitions()).find(hub) or find_county(hub) or hub
    return hub_id, names.get(supplier, supplier)


def hub_kinds(service: MatchService) -> dict[str, HubKind]:
    """Every chain and county that there is, by id."""
    kinds = {county.id: HubKind.COUNTY for county in counties()}
    return kinds | {chain.id: HubKind.CHAIN for chain in service.records.chains()}


def _hubs_of(
    service: MatchService, needs: Sequence[Need], kinds: Collection[HubKind]
) -> Mapping[str, tuple[str, ...]]:
    chains = service.chains_of(needs) if HubKind.CHAIN in kinds else {}
    return {
        need.id: (
            *chains.get(need.id, ()),
            *((need.county,) if HubKind.COUNTY in kinds and need.county is not None else ()),
        )
        for need in needs
    }


def _hubs(service: MatchService, ids: Collection[str], options: PairOptions) -> tuple[Hub, ...]:
    """Teams for these ids, chains first; other ids are left to be complained about."""
    names = {
        HubKind.CHAIN: {chain.id: chain.name_zh for chain in service.records.chains()},
        HubKind.COUNTY: {county.id: county.name_zh for county in counties()},
    }
    return tuple(
        Hub(
            id=hub_id,
            kind=kind,
            name=name,
            max_partners=options.partners,
            min_local=options.min_local,
            local_lead=options.local_lead,
        )
        for kind in options.kinds
        for hub_id, name in names[kind].items()
        if hub_id in ids
    )


def _suppliers(organizations: Sequence[Organization], options: PairOptions) -> tuple[Supplier, ...]:
    return tuple(
        Supplier(
            id=organization.id,
            name=organization.name,
            local=organization.county is not None,
            max_hubs=options.capacity,
            max_leads=options.max_leads,
        )
        for organization in organizations
        if organization.kind in SUPPLIERS
    )
