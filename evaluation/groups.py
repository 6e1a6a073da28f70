"""Queries kept together with their near-copies, wherever queries are drawn or parted."""

from collections.abc import Iterable, Mapping


def whole_groups(
    query_ids: Iterable[str], groups: Mapping[str, str]
) -> tuple[tuple[str, ...], ...]:
    """The queries parted into their groups, in an order that depends on the ids alone.

    Args:
        query_ids: Queries in any order; repeats count once.
        groups: Query id to group. A query without an entry is its own group, even beside
            a group that bears its name.

    Returns:
        One tuple of ascending ids per group; the groups ascend by their first id.
    """
    members: dict[tuple[bool, str], list[str]] = {}
    for query_id in sorted(set(query_ids)):
        key = (query_id in groups, groups.get(query_id, query_id))
        members.setdefault(key, []).append(query_id)
    return tuple(map(tuple, members.values()))
