"""Somebody of each kind that the golden table names, around one posting."""

from data.policy.actor import Actor, Role

HOME, AWAY = "yongkang", "pan-an"
CHAIN, OTHER_CHAIN = "nev", "biomedicine"


def people(*, of_achievement: bool) -> dict[str, Actor]:
    """Actors by the names of ``golden.WHO``, for a posting of e1, or of u1."""
    enterprise = Actor(id="of-e1", role=Role.ENTERPRISE, organization="e1")
    university = Actor(id="of-u1", role=Role.UNIVERSITY, organization="u1")
    second = Actor(id="of-e2", role=Role.ENTERPRISE, organization="e2")
    third = Actor(id="of-u2", role=Role.UNIVERSITY, organization="u2")
    # a case joins the need of e1 and the achievement of u1
    owner = university if of_achievement else enterprise
    return {
        "owner": owner,
        "rival": third if of_achievement else second,
        "partner": second if of_achievement else third,
        "counterparty": enterprise if of_achievement else university,
        "office": Actor(id="office", role=Role.OFFICE),
        "administrator": Actor(id="admin", role=Role.ADMINISTRATOR),
        "broker": Actor(id="broker", role=Role.BROKER),
        "near": Actor(id="near", role=Role.BROKER, chains=(CHAIN,), counties=(HOME,)),
        "far": Actor(id="far", role=Role.BROKER, counties=(AWAY,)),
        "foreign": Actor(id="foreign", role=Role.BROKER, chains=(OTHER_CHAIN,)),
        "handler": Actor(id="handler", role=Role.BROKER, counties=(AWAY,)),
        "dropped": Actor(id="dropped", role=Role.BROKER, counties=(AWAY,)),
        "staffed": Actor(id="staffed", role=Role.BROKER, organization=owner.organization),
    }
