"""Files to import: tried first, applied when their owner says so."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from data.access.fate import Fate, Sorted
from data.access.import_rows import ImportRows
from data.access.jobs import GuardedJobs
from data.access.postings import Postings
from data.access.trail import Trail
from data.access.upload import (
    TABLE,
    NotConfirmable,
    Upload,
    UploadForm,
    UploadState,
    problem_as_json,
    upload_of,
)
from data.access.upload_reader import UploadReader
from data.expert import Expert
from data.importers.problems import Advice, Problem
from data.importers.read import ReadTable
from data.importers.report import Complaints
from data.importers.rows import Kind
from data.jobs import UNFINISHED, JobKind, JobStore
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.repository import BATCH
from data.tables import UploadRow
from data.upsert import insert_if_new
from matcher.types import Need

PROBLEMS_KEPT = 20_000
"""A file with more than this is wrong as a whole; the rest is counted, not listed."""


class GuardedUploads(UploadReader):
    """Imports of one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor, trail: Trail) -> None:
        super().__init__(session, actor)
        self._trail = trail
        self._rows = ImportRows(session, actor, trail)

    def try_out(
        self,
        kind: Kind,
        name: str,
        content: bytes,
        tables: Sequence[ReadTable],
        complaints: Complaints,
    ) -> Upload:
        """Keeps a file, with what its rows would do; none of them is stored.

        The same file of the same account is the same import: it is tried anew, unless it
        is being applied.

        Args:
            kind: What the rows are.
            name: The file's name, for people.
            content: The file.
            tables: What was read from it.
            complaints: What was wrong with it.

        Raises:
            Forbidden: the actor imports nothing.
        """
        counts = dict.fromkeys(Fate, 0)
        problems = [*complaints.errors]
        for table in tables:
            for start in range(0, len(table.items), BATCH):
                batch = table.items[start : start + BATCH]
                for one in self._rows.sort(kind, batch, table.absent):
                    counts[one.fate] += 1
                    if one.advice is not None:
                        problems.append(_refusal(table, one, one.advice))
        problems.sort(key=lambda problem: (problem.sheet or "", problem.row or 0))
        rows = sum(table.rows for table in tables)
        told = counts | {Fate.REFUSED: rows - sum(counts[fate] for fate in _GOOD)}
        report = {
            "rows": rows,
            **{str(fate): count for fate, count in told.items()},
            "problems": len(problems),
            "warnings": [problem_as_json(warning) for warning in complaints.warnings[:200]],
        }
        return self._keep(kind, UploadForm.TABLE, name, content, report, problems)

    def keep_draft(self, name: str, content: bytes, draft: Mapping[str, Any]) -> Upload:
        """Keeps a form with the need that was read from it, for a person to confirm.

        Raises:
            Forbidden: the actor imports nothing.
        """
        return self._keep(Kind.NEEDS, UploadForm.DOCUMENT, name, content, draft, [])

    def confirm(self, upload_id: str) -> Upload:
        """Has the good rows stored, as a job; asking twice orders it once.

        Raises:
            Unseen: there is none, or it is somebody else's.
            Forbidden: it is somebody else's that the actor may see.
            NotConfirmable: no row is good, or the file was dropped long ago.
        """
        row = self._mine(upload_id)
        if row["state"] == UploadState.APPLYING and self._under_way(row["job"]):
            return upload_of(row)
        gone = select(UploadRow.content.is_(None)).where(UploadRow.id == upload_id)
        if self._session.scalar(gone) or not any(row["report"].get(fate) for fate in _GOOD):
            raise NotConfirmable(upload_id)
        jobs = GuardedJobs(self._session, self._actor, self._trail)
        job = jobs.follow(JobKind.IMPORT, {"upload": upload_id})
        self._set(upload_id, state=UploadState.APPLYING.value, job=job.id)
        self._trail.note(Operation.IMPORT_CREATE, "import", upload_id, did="confirm", job=job.id)
        return self.get(upload_id)

    def confirm_draft(self, upload_id: str, need: Need) -> Upload:
        """Stores the need of a form as a draft, once; its id stands in the report.

        Raises:
            Unseen: there is none, or it is somebody else's.
            Forbidden: the actor may not post it.
        """
        row = self._mine(upload_id)
        if row["form"] != UploadForm.DOCUMENT:
            raise NotConfirmable(upload_id)
        if row["state"] == UploadState.APPLIED:
            return upload_of(row)
        posted = replace(need, organization=self._rows.organization_of(need))
        seen = Postings(Need, self._session, self._actor, self._trail).create(posted)
        report = {**row["report"], "need": seen.posting.id}
        self._set(upload_id, state=UploadState.APPLIED.value, report=report)
        return self.get(upload_id)

    def apply(self, upload_id: str, table: ReadTable, start: int, end: int) -> dict[str, Any]:
        """Stores some rows of a file that was confirmed; safe to repeat.

        Args:
            upload_id: Which file.
            table: One of its tables.
            start: First item of the table to store, from 0.
            end: The item after the last.

        Returns:
            How many rows had which fate, and ``problems``.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        self._mine(upload_id)
        counts = dict.fromkeys(map(str, Fate), 0)
        problems = []
        for one in self._rows.store(table.kind, table.items[start:end], table.absent):
            counts[str(one.fate)] += 1
            if one.advice is not None:
                problems.append(problem_as_json(_refusal(table, one, one.advice)))
        return {**counts, "problems": problems}

    def finish(
        self, upload_id: str, counts: Mapping[str, int], problems: Sequence[Mapping[str, Any]]
    ) -> None:
        """Notes that a file was applied, and what came of it.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        row = self._mine(upload_id)
        report = {**row["report"], "applied": dict(counts), "problems": len(problems)}
        kept = list(problems[:PROBLEMS_KEPT])
        state = UploadState.APPLIED.value
        self._set(upload_id, state=state, report=report, problems=kept)

    def _keep(
        self,
        kind: Kind,
        form: UploadForm,
        name: str,
        content: bytes,
        report: Mapping[str, Any],
        problems: Sequence[Problem],
    ) -> Upload:
        organization = self._actor.organization
        owners = frozenset({organization} if organization else ())
        require(self._actor, Operation.IMPORT_CREATE, Subject(owners=owners))
        mark = sha256(content).hexdigest()
        names = "\0".join((self._actor.id, kind, form, mark))
        upload_id = f"i-{blake2b(names.encode(), digest_size=12).hexdigest()}"
        now = datetime.now(UTC)
        before = self._row(upload_id)
        if before is not None and before["state"] == UploadState.APPLYING:
            if self._under_way(before["job"]):
                return upload_of(before)
        if before is not None and "need" in before["report"]:
            return upload_of(before)  # a form became a need once, and that is where it goes on
        values = {
            "state": UploadState.CHECKED.value,
            "name": name,
            "job": None,
            "updated_at": now,
            "report": dict(report),
            "problems": [problem_as_json(problem) for problem in problems[:PROBLEMS_KEPT]],
            "content": content,
        }
        fresh = {
            "id": upload_id,
            "account": self._actor.id,
            "kind": kind.value,
            "form": form.value,
            "size": len(content),
            "digest": mark,
            "created_at": now,
        }
        # the same file may come twice at once, and the two find nothing before them
        new = insert_if_new(self._session, UploadRow)
        self._session.execute(new.values(fresh | values))
        if before is not None:
            self._set(upload_id, **values)
        self._trail.note(
            Operation.IMPORT_CREATE, "import", upload_id, did="upload", rows=report.get("rows")
        )
        return self.get(upload_id)

    def _under_way(self, job_id: str | None) -> bool:
        job = JobStore(self._session).get(job_id or "")
        return job is not None and job.state in UNFINISHED

    def _set(self, upload_id: str, **values: Any) -> None:
        values |= {"updated_at": datetime.now(UTC)}
        self._session.execute(update(TABLE).where(TABLE.c.id == upload_id).values(values))


_GOOD = (Fate.ADDED, Fate.CHANGED, Fate.UNCHANGED)


def _refusal(table: ReadTable, one: Sorted[Any], advice: Advice) -> Problem:
    # an id that the program made says nothing to those who read it
    value = one.item.name if isinstance(one.item, Expert) else one.id
    return table.place.problem(advice, row=table.row_of.get(one.id), column=one.column, value=value)
