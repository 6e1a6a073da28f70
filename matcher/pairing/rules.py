"""The rules of a plan as rows over seat and lead columns, each with what it is about.

Rules are what people decide on ("生命健康 must have a local lead"): the explanation of a
contradiction names them, and relaxing one means allowing its row to be broken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import sparse

from matcher.pairing.model import IntArray, Model
from matcher.pairing.problem import Fixed, FloatArray, Forbidden, Role

INF = float("inf")


class RuleKind(StrEnum):
    """What a rule is about; the values are stable names for stored reports."""

    LEAD = "lead"
    LOCAL_LEAD = "local_lead"
    MIN_LOCAL = "min_local"
    MIN_PARTNERS = "min_partners"
    MAX_PARTNERS = "max_partners"
    MAX_HUBS = "max_hubs"
    MIN_HUBS = "min_hubs"
    MAX_LEADS = "max_leads"
    FIXED = "fixed"
    FORBIDDEN = "forbidden"
    COUNTY_SHARE = "county_share"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One row: ``lower ≤ Σ coefficient · column ≤ upper``.

    Attributes:
        subject: Whom it is about: ids of (hub,), (supplier,), (hub, supplier) or (county,).
        columns: As ``Columns`` numbers seats and leads; none for a county's share, which is
            a matter of coverage.
        fixed: The decision behind a ``FIXED`` rule, for its role.
        forbidden: The decision behind a ``FORBIDDEN`` rule, for its reason.
    """

    kind: RuleKind
    subject: tuple[str, ...]
    columns: IntArray
    coefficients: FloatArray
    lower: float = -INF
    upper: float = INF
    fixed: Fixed | None = None
    forbidden: Forbidden | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Numbers the two binary variables of every seat: taken, and leading."""

    hubs: int
    suppliers: int

    @property
    def count(self) -> int:
        """How many there are."""
        return 2 * self.hubs * self.suppliers

    def seats(self, h: int) -> IntArray:
        """Columns of all seats of a hub."""
        return np.arange(h * self.suppliers, (h + 1) * self.suppliers)

    def leads(self, h: int) -> IntArray:
        """Columns of all leads of a hub."""
        return self.seats(h) + self.hubs * self.suppliers

    def seats_of(self, s: int) -> IntArray:
        """Columns of all seats of a supplier."""
        return np.arange(self.hubs) * self.suppliers + s

    def leads_of(self, s: int) -> IntArray:
        """Columns of all leads of a supplier."""
        return self.seats_of(s) + self.hubs * self.suppliers


def columns_of(model: Model) -> Columns:
    """The numbering for a model."""
    return Columns(*model.shape)


def rules_of(model: Model) -> list[Rule]:
    """Every rule that can be relaxed, those of hubs first."""
    return [
        *_hub_rules(model),
        *_supplier_rules(model),
        *_pair_rules(model),
        *_county_rules(model),
    ]


def structure(columns: Columns, width: int) -> sparse.csr_array:
    """Rows that must stay ≤ 0, 0, …, 1, 1, …: a lead has its seat; a hub has one lead.

    Returns:
        (seats + hubs, width); the first rows have upper bound 0, the last ``hubs`` rows 1.
    """
    n = columns.hubs * columns.suppliers
    own_seat = sparse.hstack([-sparse.eye_array(n), sparse.eye_array(n)])
    one = sparse.kron(sparse.eye_array(columns.hubs), np.ones((1, columns.suppliers)))
    one_lead = sparse.hstack([sparse.csr_array(one.shape), one])
    rows = sparse.vstack([own_seat, one_lead])
    others = sparse.csr_array((rows.shape[0], width - columns.count))
    return sparse.csr_array(sparse.hstack([rows, others]))


def as_matrix(rules: Sequence[Rule], width: int) -> tuple[sparse.csr_array, FloatArray, FloatArray]:
    """The rows of these rules with their lower and upper bounds."""
    if not rules:
        return sparse.csr_array((0, width)), np.empty(0), np.empty(0)
    counts = [len(rule.columns) for rule in rules]
    rows = np.repeat(np.arange(len(rules)), counts)
    columns = np.concatenate([rule.columns for rule in rules])
    data = np.concatenate([rule.coefficients for rule in rules])
    matrix = sparse.csr_array((data, (rows, columns)), shape=(len(rules), width))
    return matrix, np.array([r.lower for r in rules]), np.array([r.upper for r in rules])


def _hub_rules(model: Model) -> Iterator[Rule]:
    columns = columns_of(model)
    away = np.array([not supplier.local for supplier in model.problem.suppliers], dtype=bool)
    ones = np.ones(columns.suppliers)
    for h, hub in enumerate(model.problem.hubs):
        seats, leads = columns.seats(h), columns.leads(h)
        both = np.concatenate([seats, leads])
        about = (hub.id,)
        if hub.lead_required:
            yield Rule(RuleKind.LEAD, about, leads, ones, lower=1)
        most = np.concatenate([ones, -(1 + hub.max_partners) * ones])
        yield Rule(RuleKind.MAX_PARTNERS, about, both, most, upper=0)
        if hub.min_partners > 0:
            fewest = np.concatenate([ones, -(1 + hub.min_partners) * ones])
            yield Rule(RuleKind.MIN_PARTNERS, about, both, fewest, lower=0)
        if hub.min_local > 0:
            local = seats[~away]
            yield Rule(RuleKind.MIN_LOCAL, about, local, np.ones(len(local)), lower=hub.min_local)
        if hub.local_lead:
            yield Rule(RuleKind.LOCAL_LEAD, about, leads[away], ones[away], upper=0)


def _supplier_rules(model: Model) -> Iterator[Rule]:
    columns = columns_of(model)
    ones = np.ones(columns.hubs)
    for s, supplier in enumerate(model.problem.suppliers):
        seats, about = columns.seats_of(s), (supplier.id,)
        yield Rule(RuleKind.MAX_HUBS, about, seats, ones, upper=supplier.max_hubs)
        if supplier.min_hubs > 0:
            yield Rule(RuleKind.MIN_HUBS, about, seats, ones, lower=supplier.min_hubs)
        if supplier.max_leads is not None:
            leads = columns.leads_of(s)
            yield Rule(RuleKind.MAX_LEADS, about, leads, ones, upper=supplier.max_leads)


def _pair_rules(model: Model) -> Iterator[Rule]:
    for fixed in model.problem.fixed:
        column, coefficient = _of_role(model, fixed.hub, fixed.supplier, fixed.role)
        about = (fixed.hub, fixed.supplier)
        yield Rule(RuleKind.FIXED, about, column, coefficient, lower=1, fixed=fixed)
    for ban in model.problem.forbidden:
        role = Role.LEAD if ban.lead_only else None
        column, coefficient = _of_role(model, ban.hub, ban.supplier, role)
        about = (ban.hub, ban.supplier)
        yield Rule(RuleKind.FORBIDDEN, about, column, coefficient, upper=0, forbidden=ban)


def _of_role(
    model: Model, hub: str, supplier: str, role: Role | None
) -> tuple[IntArray, FloatArray]:
    """The expression that is 1 when the supplier has this role in the hub, and 0 otherwise."""
    columns = columns_of(model)
    h, s = model.hub_index[hub], model.supplier_index[supplier]
    taken, leading = columns.seats(h)[s], columns.leads(h)[s]
    if role is Role.LEAD:
        return np.array([leading]), np.ones(1)
    if role is Role.PARTNER:
        return np.array([taken, leading]), np.array([1.0, -1.0])
    return np.array([taken]), np.ones(1)


def _county_rules(model: Model) -> Iterator[Rule]:
    share = model.problem.min_county_share
    if share > 0:
        nothing = np.empty(0, dtype=np.int64), np.empty(0)
        for county in model.counties:
            yield Rule(RuleKind.COUNTY_SHARE, (county,), *nothing, lower=share)
