"""One's own uploaded files, as they stand."""

from typing import Any

from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from data.access.keyset import Listed, read_page
from data.access.upload import SHOWN, Upload, upload_of
from data.chain_names import ChainNames
from data.chains import ChainRepository
from data.policy.actor import Actor
from data.policy.decide import require
from data.policy.errors import Unseen
from data.policy.operation import Operation
from data.policy.subject import Subject
from data.tables import UploadRow


class UploadReader:
    """Reads the imports of one actor in one transaction."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor

    def get(self, upload_id: str) -> Upload:
        """One import.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        return upload_of(self._known(upload_id))

    def page(self, *, limit: int, cursor: str | None = None) -> Listed[Upload]:
        """The actor's own imports, newest first; the content of others is not for reading.

        Raises:
            NotAcceptable: the cursor is of another list, or none at all.
        """
        mine = Subject(account=self._actor.id)
        require(self._actor, Operation.IMPORT_READ, mine)
        statement = select(*SHOWN).where(UploadRow.account == self._actor.id)
        keys = (UploadRow.created_at, UploadRow.id)
        found = read_page(self._session, statement, *keys, limit=limit, cursor=cursor, down=True)
        return Listed([upload_of(row) for row in found.items], found.next_cursor)

    def problems(self, upload_id: str) -> list[dict[str, Any]]:
        """Everything that is wrong with a file, in the order of its rows.

        Raises:
            Unseen: there is none, or it is somebody else's.
        """
        self._known(upload_id)
        found = select(UploadRow.problems).where(UploadRow.id == upload_id)
        return list(self._session.scalars(found).one())

    def chains(self) -> ChainNames:
        """What the city's chains are called, to read a file with."""
        return ChainNames(ChainRepository(self._session).definitions())

    def content(self, upload_id: str) -> bytes:
        """The file as it came.

        Raises:
            Unseen: there is none, it is somebody else's, or it was dropped long ago.
        """
        self._known(upload_id)
        content = self._session.scalar(select(UploadRow.content).where(UploadRow.id == upload_id))
        if content is None:
            raise Unseen(upload_id)
        return bytes(content)

    def _mine(self, upload_id: str) -> RowMapping:
        row = self._known(upload_id, lock=True)
        require(self._actor, Operation.IMPORT_CREATE, Subject(account=row["account"]))
        return row

    def _known(self, upload_id: str, *, lock: bool = False) -> RowMapping:
        row = self._row(upload_id, lock=lock)
        # what a file holds is its owner's affair until it is stored, whoever else asks
        if row is None or row["account"] != self._actor.id:
            raise Unseen(upload_id)
        return row

    def _row(self, upload_id: str, *, lock: bool = False) -> RowMapping | None:
        statement = select(*SHOWN).where(UploadRow.id == upload_id)
        found = self._session.execute(statement.with_for_update() if lock else statement)
        return found.mappings().one_or_none()
