"""Organisations that are known by nothing but their name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b

from matcher.types import Organization, OrganizationKind

# an id as systems give them: ASCII without blanks, with a digit, such as e-nev-1
_ID_LIKE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._:/\-]*")
_KIND_OF_ENDING = (
    (("大学", "学院", "学校", "university", "college"), OrganizationKind.UNIVERSITY),
    (("研究院", "研究所", "研究中心", "实验室", "设计院", "institute"), OrganizationKind.INSTITUTE),
    (("基金", "投资", "创投", "fund"), OrganizationKind.FUND),
    (("公司", "集团", "厂", "合作社", "企业", "ltd", "inc"), OrganizationKind.ENTERPRISE),
)


def organization_from_name(named: str, *, otherwise: OrganizationKind) -> Organization:
    """The organisation that a posting names, when nobody has stored it yet.

    Something that looks like an id becomes the id, so that loading the organisation
    later completes the record; any other name gets an id derived from it.

    Args:
        named: As written in the posting's row.
        otherwise: The kind, where the name does not tell.
    """
    kind = guess_kind(named) or otherwise
    own_id = named if _ID_LIKE.fullmatch(named) else id_of_name(named)
    return Organization(id=own_id, name=named, kind=kind)


def id_of_name(name: str) -> str:
    """The id of an organisation that has none of its own; the same name, the same id."""
    return f"o-{blake2b(name.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"


def best_ids(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of pairs (name, id) the id that each name goes by.

    An id that somebody chose counts before one that is the name itself, and that before
    one derived from the name; the smallest among equals.
    """
    ids: dict[str, str] = {}
    for name, own_id in sorted(named, key=lambda pair: (_rank(*pair), pair[1])):
        ids.setdefault(name, own_id)
    return ids


def under_own_id(organization: Organization, ids: Mapping[str, str]) -> Organization:
    """The organisation, under the better id that ``ids`` may have for its name."""
    best = ids.get(organization.name, organization.id)
    better = _rank(organization.name, best) < _rank(organization.name, organization.id)
    return replace(organization, id=best) if better else organization


def _rank(name: str, own_id: str) -> int:
    return 2 if own_id == id_of_name(name) else int(own_id == name)


def guess_kind(name: str) -> OrganizationKind | None:
    """The kind that a name tells by its last telling word, or None."""
    lowered = name.casefold()
    found = [
        (lowered.rfind(word) + len(word), kind)
        for words, kind in _KIND_OF_ENDING
        for word in words
        if word in lowered
    ]
    # 某大学科技园有限公司 is a company, 某公司研究院 an institute: the end of a name decides
    return max(found, key=lambda pair: pair[0])[1] if found else None
