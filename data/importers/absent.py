"""What a file has no column for stays as it is stored; only a blank cell empties a field."""

from collections.abc import Sequence
from dataclasses import replace

from data.importers.names import id_of_name
from data.repository import ContentRepository
from data.rows import Item
from matcher.types import Organization


def keep_absent(
    repository: ContentRepository[Item], items: Sequence[Item], absent: frozenset[str]
) -> list[Item]:
    """The items, with the stored values of those fields that their file does not have.

    Args:
        repository: Where the items are stored, if they are.
        items: As read, under the ids that they will be stored by.
        absent: Names of fields without a column.
    """
    stored = repository.get_many(item.id for item in items) if absent else {}
    return [_kept(item, stored[item.id], absent) if item.id in stored else item for item in items]


def _kept(item: Item, stored: Item, absent: frozenset[str]) -> Item:
    # the kind of an organisation that only postings named was a guess
    names = absent - {"kind"} if _is_bare(stored) else absent
    return replace(item, **{name: getattr(stored, name) for name in names})


def _is_bare(stored: object) -> bool:
    return (
        isinstance(stored, Organization)
        and stored.id in (stored.name, id_of_name(stored.name))
        and stored == Organization(id=stored.id, name=stored.name, kind=stored.kind)
    )
