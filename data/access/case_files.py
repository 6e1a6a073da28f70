"""Files of cases: small, of a few known kinds, and for those who see the case in full."""

import uuid
from datetime import UTC, datetime
from hashlib import blake2b

from sqlalchemy import RowMapping, func, insert, select

from data.access.case_errors import FileTooLarge, TooManyFiles
from data.access.case_values import CaseFile, EventKind
from data.access.cases import Cases
from data.access.media_types import media_type, safe_name
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.tables import CaseFileRow

MAX_BYTES = 10 * 2**20
MAX_FILES = 50

_TOLD = tuple(c for c in CaseFileRow.__table__.columns if c.name not in ("case", "content"))


class CaseFiles(Cases):
    """Files of cases for one actor in one transaction."""

    def files(self, case_id: str) -> list[CaseFile]:
        """What is filed with a case, oldest first.

        Raises:
            Unseen: the actor may not see the case.
            Forbidden: the actor sees its summary only.
        """
        self._seen_in_full(case_id)
        ordered = (CaseFileRow.at, CaseFileRow.id)
        statement = select(*_TOLD).where(CaseFileRow.case == case_id).order_by(*ordered)
        return [_to_file(row) for row in self._session.execute(statement).mappings()]

    def content(self, case_id: str, file_id: str) -> tuple[CaseFile, bytes]:
        """One file with its content; who opened it is recorded.

        Raises:
            Unseen: there is none, or the actor may not see the case.
            Forbidden: the actor sees its summary only.
        """
        self._seen_in_full(case_id)
        statement = select(*_TOLD, CaseFileRow.content).where(
            CaseFileRow.case == case_id, CaseFileRow.id == file_id
        )
        row = self._session.execute(statement).mappings().one_or_none()
        if row is None:
            raise Unseen(file_id)
        self._trail.note(Operation.CASE_READ, "case_file", file_id, case=case_id)
        return _to_file(row), row["content"]

    def file(self, case_id: str, name: str, content: bytes) -> CaseFile:
        """Files something with a case.

        Raises:
            Unseen: the actor may not see the case.
            Forbidden: it is not in the actor's charge.
            CaseEnded: it is closed or dropped.
            FileTooLarge: it is larger than ``MAX_BYTES``.
            TooManyFiles: the case holds ``MAX_FILES`` already.
            UnsupportedFile: it is of no known kind, or not of the kind that its name says.
        """
        self._at_hand(case_id, Operation.CASE_UPDATE)
        if len(content) > MAX_BYTES:
            raise FileTooLarge(MAX_BYTES)
        held = select(func.count()).select_from(CaseFileRow).where(CaseFileRow.case == case_id)
        if (self._session.scalar(held) or 0) >= MAX_FILES:
            raise TooManyFiles(MAX_FILES)
        clean = safe_name(name)
        told = CaseFile(
            id=f"f-{uuid.uuid4().hex}",
            name=clean,
            media_type=media_type(clean, content),
            size=len(content),
            digest=blake2b(content, digest_size=16).hexdigest(),
            who=self._actor.id,
            at=datetime.now(UTC),
        )
        values = {c.name: getattr(told, c.name) for c in _TOLD}
        self._session.execute(insert(CaseFileRow), [values | {"case": case_id, "content": content}])
        self._happened(case_id, EventKind.FILE, clean, file=told.id, size=told.size)
        self._trail.note(Operation.CASE_UPDATE, "case", case_id, file=told.id, digest=told.digest)
        return told


def _to_file(row: RowMapping) -> CaseFile:
    return CaseFile(**{c.name: row[c.name] for c in _TOLD})
