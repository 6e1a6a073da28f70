"""A small city with people of every role, to follow matches up in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Engine, insert

from data.access.desk import Desk
from data.access.masks import Mask, MaskStore
from data.access.trail import Trail
from data.policy.actor import Actor, Role
from data.repositories import AchievementRepository, NeedRepository, OrganizationRepository
from data.session import session_scope
from data.tables import UserRow
from matcher.types import OrganizationKind, Status, Visibility
from tests.data.builders import make_achievement, make_need, make_organization

ENTERPRISE = Actor(id="of-e1", role=Role.ENTERPRISE, organization="e1")
RIVAL = Actor(id="of-e2", role=Role.ENTERPRISE, organization="e2")
UNIVERSITY = Actor(id="of-u1", role=Role.UNIVERSITY, organization="u1")
OTHER_UNIVERSITY = Actor(id="of-u2", role=Role.UNIVERSITY, organization="u2")
BROKER = Actor(id="broker", role=Role.BROKER)
SECOND_BROKER = Actor(id="second", role=Role.BROKER)
BROKER_OF_U1 = Actor(id="partial", role=Role.BROKER, organization="u1")
BROKER_ELSEWHERE = Actor(id="elsewhere", role=Role.BROKER, counties=("panan",))
BROKER_OF_BIOTECH = Actor(id="biotech", role=Role.BROKER, chains=("life-health",))
OFFICE = Actor(id="office", role=Role.OFFICE)
ADMINISTRATOR = Actor(id="admin", role=Role.ADMINISTRATOR)
BROKERS = (BROKER, SECOND_BROKER, BROKER_OF_U1, BROKER_ELSEWHERE, BROKER_OF_BIOTECH)
EVERYBODY = (
    *BROKERS,
    ENTERPRISE,
    RIVAL,
    UNIVERSITY,
    OTHER_UNIVERSITY,
    OFFICE,
    ADMINISTRATOR,
)


def store_city(engine: Engine) -> None:
    """Organisations, accounts, needs n1 (public), n2 (masked), n-draft; achievements a1, a2."""
    supplier = {"kind": OrganizationKind.UNIVERSITY, "county": None, "gbt4754": None}
    with session_scope(engine) as session:
        OrganizationRepository(session).upsert_many(
            [
                make_organization("e1"),
                make_organization("e2"),
                make_organization("u1", **supplier),
                make_organization("u2", **supplier),
            ]
        )
        public = {"visibility": Visibility.PUBLIC}
        NeedRepository(session).upsert_many(
            [
                make_need("n1", organization="e1", **public),
                make_need("n2", organization="e1", visibility=Visibility.MASKED),
                make_need("n-draft", organization="e1", status=Status.DRAFT, **public),
            ]
        )
        face = Mask(title="某企业求轻质护套", summary="求降低高速转子损耗的护套。")
        MaskStore(session, "need").put("n2", face.approved("of-e1"))
        AchievementRepository(session).upsert_many(
            [
                make_achievement("a1", organization="u1"),
                make_achievement("a2", organization="u2", visibility=Visibility.BROKER),
            ]
        )
        session.execute(insert(UserRow), [_account(actor) for actor in EVERYBODY])


@contextmanager
def desk_of(engine: Engine, actor: Actor) -> Iterator[Desk]:
    """What the actor can reach, in one transaction that is committed at the end."""
    trail = Trail(actor)
    with session_scope(engine) as session:
        yield Desk(session, actor, trail)
        trail.write(session)


def _account(actor: Actor) -> dict[str, object]:
    return {
        "id": actor.id,
        "email": f"{actor.id}@example.org",
        "name": actor.id,
        "role": actor.role.value,
        "organization": actor.organization,
        "chains": list(actor.chains),
        "counties": list(actor.counties),
        "totp_step": 0,
        "epoch": 0,
        "created_at": datetime.now(UTC),
        "revision": 1,
    }
