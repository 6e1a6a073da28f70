"""Loading: files in, one transaction, and a report of all that was wrong.

Files are read to the end before the transaction begins, so the write lock is held for
the writing alone; whatever stops a load (Ctrl-C, a full disk, a kill) leaves the database
as it was. Items wait in memory meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from data.chain_names import ChainNames
from data.chains import ChainRepository
from data.cooperations import CooperationRepository
from data.decisions import DecisionRepository
from data.expert import Expert
from data.importers.absent import keep_absent
from data.importers.experts import Roster, Unplaced
from data.importers.fields import label_of
from data.importers.organizations import resolve, take_over, under_stored_ids
from data.importers.problems import Advice, Place, Severity
from data.importers.read import Progress, ReadTable, read_sources
from data.importers.report import Complaints, LoadReport, TableReport
from data.importers.rows import Kind
from data.importers.sources import sources_of
from data.migrate import upgrade
from data.repositories import (
    AchievementRepository,
    NeedRepository,
    OrganizationRepository,
    PostingItem,
    PostingRepository,
)
from data.repository import BATCH, UpsertCounts
from data.session import refresh_statistics, session_scope
from data.versions import data_version
from matcher.cooperation import BadCooperation, PastCooperation
from matcher.decision import Decision
from matcher.types import Achievement, Need, Organization, OrganizationKind

# what others name comes first, so that they find it in the same load
_ORDER = (
    Kind.ORGANIZATIONS,
    Kind.NEEDS,
    Kind.ACHIEVEMENTS,
    Kind.DECISIONS,
    Kind.COOPERATIONS,
    Kind.EXPERTS,
)


def load(
    paths: Sequence[str | Path],
    *,
    engine: Engine,
    strict: bool = False,
    kind: Kind = Kind.AUTO,
    progress: Progress = lambda stage, file, done, total: None,
) -> LoadReport:
    """Stores the good rows of files and folders, by id, in one transaction.

    A missing database is created, an older one migrated. Chains are those of the database.
    Of an id in two files the later file counts. A field for which a file has no column keeps
    its stored value.

    Args:
        paths: ``.xlsx``, ``.csv``, ``.tsv``, ``.jsonl`` files, BEIR folders, or folders of
            such files.
        engine: Where to store.
        strict: Store nothing unless every row is good.
        kind: What the rows are; AUTO tells by sheet name, file name or columns.
        progress: Told how far the load has come.

    Raises:
        StoreError: the database failed; nothing was stored.
    """
    upgrade(engine)
    complaints = Complaints()
    sources = sources_of([Path(path) for path in paths])
    with session_scope(engine, write=False) as session:
        chains = ChainNames(ChainRepository(session).definitions())
    tables = read_sources(
        sources, kind=kind, complaints=complaints, progress=progress, chains=chains
    )
    tables.sort(key=lambda table: _ORDER.index(table.kind))
    stored = not (strict and complaints.errors)
    work = _Work(progress, complaints)
    with session_scope(engine, write=stored) as session:
        reports = [work.store(session, t) if stored else _unstored(t) for t in tables]
        version = data_version(session)
        if stored:
            refresh_statistics(session)
    return LoadReport(
        stored=stored,
        data_version=version,
        tables=tuple(reports),
        problems=tuple(complaints.errors),
        warnings=tuple(complaints.warnings),
        added_organizations=tuple(sorted(work.added - work.merged)),
        merged_organizations=tuple(sorted(work.merged)),
    )


class _Work:
    """One load's storing, and what it did besides the rows themselves."""

    def __init__(self, progress: Progress, complaints: Complaints) -> None:
        self._progress = progress
        self._complaints = complaints
        self.added: set[str] = set()
        self.merged: set[str] = set()

    def store(self, session: Session, table: ReadTable) -> TableReport:
        counts = UpsertCounts()
        done = 0
        for start in range(0, len(table.items), BATCH):
            batch = table.items[start : start + BATCH]
            if table.kind is Kind.ORGANIZATIONS:
                counts += self._organizations(
                    session, cast(list[Organization], batch), table.absent
                )
            elif table.kind is Kind.NEEDS:
                needs = cast(list[Need], batch)
                counts += self._postings(NeedRepository(session), session, needs, table.absent)
            elif table.kind is Kind.DECISIONS:
                counts += self._decisions(session, cast(list[Decision], batch), table.place)
            elif table.kind is Kind.COOPERATIONS:
                cooperations = cast(list[PastCooperation], batch)
                counts += self._cooperations(session, cooperations, table.place)
            elif table.kind is Kind.EXPERTS:
                counts += self._experts(session, cast(list[Expert], batch), table)
            else:
                achievements = cast(list[Achievement], batch)
                repository = AchievementRepository(session)
                counts += self._postings(repository, session, achievements, table.absent)
            done += len(batch)
            self._progress("store", table.place.file, done, len(table.items))
        return replace(_unstored(table), counts=counts)

    def _organizations(
        self, session: Session, batch: list[Organization], absent: frozenset[str]
    ) -> UpsertCounts:
        repository = OrganizationRepository(session)
        batch = keep_absent(repository, under_stored_ids(session, batch), absent)
        counts = repository.upsert_many(batch)
        self.merged.update(take_over(session, batch))
        return counts

    def _decisions(self, session: Session, batch: list[Decision], place: Place) -> UpsertCounts:
        needs = NeedRepository(session).get_many(d.query_id for d in batch)
        achievements = AchievementRepository(session).get_many(d.document_id for d in batch)
        unknown = {d.query_id for d in batch} - set(needs)
        unknown |= {d.document_id for d in batch} - set(achievements)
        self._complaints.extend(
            place.problem(_UNKNOWN_ITEM, value=item_id, severity=Severity.WARNING)
            for item_id in sorted(unknown)
        )
        return DecisionRepository(session).add_many(batch)

    def _cooperations(
        self, session: Session, batch: list[PastCooperation], place: Place
    ) -> UpsertCounts:
        enterprises, universities = (
            self._resolved(session, named, otherwise=kind)
            for named, kind in (
                ((c.enterprise for c in batch), OrganizationKind.ENTERPRISE),
                ((c.university for c in batch), OrganizationKind.UNIVERSITY),
            )
        )
        found = []
        for item in batch:
            ends = enterprises[item.enterprise], universities[item.university]
            try:
                found.append(replace(item, enterprise=ends[0], university=ends[1]))
            except BadCooperation as wrong:
                # an id and a name may turn out to be the same organisation
                problem = place.problem(Advice(wrong.zh, wrong.en), value=item.enterprise)
                self._complaints.extend([problem])
        return CooperationRepository(session).upsert_many(found)

    def _experts(self, session: Session, batch: list[Expert], table: ReadTable) -> UpsertCounts:
        roster = Roster(session, batch, table.absent)
        counts = UpsertCounts()
        for row in batch:
            try:
                placed = roster.place(row)
            except Unplaced as wrong:
                self._complaints.extend(
                    [
                        table.place.problem(
                            wrong.advice,
                            row=table.row_of.get(row.id),
                            column=label_of(Kind.EXPERTS, wrong.field),
                            value=getattr(row, wrong.field) or None,
                        )
                    ]
                )
                continue
            new = placed.listed is None
            counts += UpsertCounts(new, not new and placed.changes, not placed.changes)
            if placed.changes:
                roster.take(placed)
        self.added.update(organization.name for organization in roster.new_organizations())
        roster.store()
        return counts

    def _postings(
        self,
        repository: PostingRepository[PostingItem],
        session: Session,
        batch: list[PostingItem],
        absent: frozenset[str],
    ) -> UpsertCounts:
        batch = keep_absent(repository, batch, absent)
        asks = repository.kind is Need
        ids = self._resolved(
            session,
            (item.organization for item in batch if item.organization is not None),
            otherwise=OrganizationKind.ENTERPRISE if asks else OrganizationKind.UNIVERSITY,
        )
        return repository.upsert_many(
            replace(item, organization=ids.get(item.organization or "")) for item in batch
        )

    def _resolved(
        self, session: Session, named: Iterable[str], *, otherwise: OrganizationKind
    ) -> dict[str, str]:
        ids, added = resolve(session, named, otherwise=otherwise)
        self.added.update(organization.name for organization in added)
        return ids


def _unstored(table: ReadTable) -> TableReport:
    place = table.place
    return TableReport(file=place.file, sheet=place.sheet, kind=table.kind, rows=table.rows)


_UNKNOWN_ITEM = Advice(
    "没有此编号的需求或成果；反馈已留存，载入该条目后才用于训练",
    "no need or achievement has this id; the decision is kept, and learnt from once it is loaded",
)
