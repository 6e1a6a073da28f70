"""A city small enough to work out by hand: boats and kites, two counties."""

from matcher.chain import County, IndustryChain, Position, Segment
from matcher.judgement import Judgement
from matcher.tag_types import Tag
from matcher.types import Achievement, Need, Organization, OrganizationKind

HARBOUR = County(id="harbour", name_zh="港区", name_en="Harbour District")
HILL = County(id="hill", name_zh="山区", name_en="Hill County")


def make_chain(id_="boats", *, counties=(), upstream=(), midstream=(), downstream=()):
    slugs = {"upstream": upstream, "midstream": midstream, "downstream": downstream}
    segments = tuple(
        Segment(
            id=f"{id_}.{slug}",
            chain=id_,
            position=Position(position),
            name_zh=f"环节{slug}",
            name_en=slug,
        )
        for position, some in slugs.items()
        for slug in some
    )
    return IndustryChain(
        id=id_, name_zh=f"链{id_}", name_en=id_, segments=segments, counties=tuple(counties)
    )


def make_chains():
    return [
        make_chain("boats", counties=["harbour"], upstream=["steel"], midstream=["hull"]),
        make_chain("kites", counties=["hill"], upstream=["silk"], midstream=["frame"]),
    ]


COUNTIES = [HARBOUR, HILL]


def tag(place, weight=0.8):
    """A tag of a segment ``boats.hull`` or of a chain ``boats``."""
    chain, _, segment = place.partition(".")
    return Tag(chain, place if segment else None, weight, ())


def need(id_="n", **fields):
    return Need(id=id_, title=f"需求{id_}", **fields)


def achievement(id_="a", **fields):
    return Achievement(id=id_, title=f"成果{id_}", **fields)


def university(id_="u", **fields):
    return Organization(id=id_, name=f"大学{id_}", kind=OrganizationKind.UNIVERSITY, **fields)


def enterprise(id_="e", **fields):
    return Organization(id=id_, name=f"企业{id_}", kind=OrganizationKind.ENTERPRISE, **fields)


def judged(need_id, achievement_id, level):
    return Judgement(
        query_id=need_id, document_id=achievement_id, level=float(level), weight=1.0, brokers=1
    )
