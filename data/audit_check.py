"""Whether the audit chain is whole."""

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Engine, text

from data.audit import START, Entry, Head, chained, entries, head_of
from data.session import session_scope


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain is broken first.

    Attributes:
        seq: Number of the entry at fault; of the first missing one where entries are gone.
        why: For people, Chinese and English.
    """

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        head: The last sound entry; worth noting down outside the database.
        broken: None where the chain is whole.
    """

    head: Head
    broken: Broken | None


def verify(engine: Engine, *, noted: Head | None = None) -> Verdict:
    """Reads the whole chain in one snapshot, while others go on writing.

    Found are altered, missing, reordered and inserted entries; a tail that was cut off, by
    the head in the meta table; and, by ``noted``, a chain that was rewritten with its head.

    Args:
        engine: The database.
        noted: A head printed by an earlier check.

    Raises:
        StoreError: the database cannot be read.
    """
    with session_scope(engine, write=False) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        stored, head = head_of(session), START
        with closing(entries(session)) as chain:
            for entry in chain:
                broken = _fault(entry, head) or _rewritten(entry, noted)
                if broken is not None:
                    return Verdict(head, broken)
                head = Head(entry.seq, entry.digest)
    return Verdict(head, _at_the_end(head, stored, noted))


def _fault(entry: Entry, before: Head) -> Broken | None:
    if entry.seq != before.seq + 1:
        return Broken(before.seq + 1, "条目缺失 / the entry is missing")
    if entry.previous != before.digest:
        return Broken(entry.seq, "与上一条不相接 / it does not continue the entry before it")
    if entry.digest != chained(entry):
        return Broken(entry.seq, "内容被改动 / it was altered")
    return None


def _rewritten(entry: Entry, noted: Head | None) -> Broken | None:
    if noted is None or noted.seq != entry.seq or noted.digest == entry.digest:
        return None
    return Broken(
        entry.seq, "与记下的链头不符，曾被改写 / it was rewritten: the noted head differs"
    )


def _at_the_end(head: Head, stored: Head, noted: Head | None) -> Broken | None:
    last = max(stored.seq, noted.seq if noted else 0)
    if head.seq < last:
        return Broken(head.seq + 1, f"末尾缺失，应到 {last} / the tail is missing, up to {last}")
    if head != stored:
        return Broken(stored.seq, "链头与条目不符 / the stored head is not that of the entries")
    return None
