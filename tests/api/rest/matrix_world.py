"""A service full of secrets: each is a word of its own, with those who may come to see it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from data.access.masks import Mask, MaskStore
from data.policy.operation import Operation
from data.repositories import AchievementRepository, NeedRepository
from data.session import session_scope
from data.tables import CaseRow, PostingEventRow, UserRow
from matcher.types import Status, Visibility
from tests.api.rest.conftest import ACTORS, Voice, eventually
from tests.data.builders import make_achievement, make_need
from tests.data.policy import golden

NOW = datetime(2026, 3, 4, tzinfo=UTC)
STAFF = {"office", "administrator"}
HANDLED = "masked"  # the broker is in charge of a case on this need with this achievement
STATUSES = (Status.PUBLISHED, Status.DRAFT, Status.CLOSED)
_GOLDEN = {
    "need": {
        "enterprise": "owner",
        "rival": "rival",
        "university": "partner",
        "other_university": "partner",
    },
    "achievement": {
        "university": "owner",
        "other_university": "rival",
        "enterprise": "partner",
        "rival": "partner",
    },
}
_COUNTERPARTY = {"need": "university", "achievement": "enterprise"}
_BOTH = {"second_broker": "broker", "textile_broker": "foreign"}
_NUMBERS = count(1)


@dataclass(frozen=True)
class Target:
    """A posting whose rights are tried."""

    id: str
    kind: str
    visibility: Visibility
    status: Status

    @property
    def in_case(self) -> bool:
        """Whether there is a case on it, with its like on the other side."""
        handled = self.status is Status.PUBLISHED and self.visibility == HANDLED
        return handled or self.status is Status.CLOSED

    def may(self, name: str, operation: Operation) -> str:
        """``F``, ``s`` or ``-`` as the golden table has it."""
        who = (_GOLDEN[self.kind] | _BOTH).get(name, name)
        if self.in_case and name in ("broker", _COUNTERPARTY[self.kind]):
            who = "handler" if name == "broker" else "counterparty"
        return golden.expected(operation, who, self.visibility, self.status)


@dataclass
class World:
    """What is stored.

    Attributes:
        targets: Postings of every visibility: open ones, drafts, and closed ones with a case.
        secrets: Words, and the names of the accounts that may be shown them.
        places: Values of path parameters that stand for one thing, and who may read that.
        titles: The word in the title of each target.
        planted: Words of postings.
        seen: Words that somebody was shown.
    """

    client: TestClient
    targets: list[Target] = field(default_factory=list)
    secrets: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    planted: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def secret(self, *names: str) -> str:
        """A new word that only these may be shown."""
        word = f"qzx{next(_NUMBERS):04d}w"
        self.secrets[word] = set(names)
        return word

    def leaked(self, name: str, *texts: str) -> list[str]:
        """Words in the texts that this account must not see."""
        found = {word for text in texts for word in re.findall(r"qzx\d{4}w", text)}
        self.seen |= found
        return sorted(word for word in found if name not in self.secrets[word])

    def target(self, kind: str, visibility: str, status: Status = Status.PUBLISHED) -> Target:
        """The posting of this kind."""
        wanted = (kind, visibility, status)
        return next(t for t in self.targets if (t.kind, t.visibility, t.status) == wanted)


def store_secrets(engine: Engine) -> World:
    """Postings and accounts, each with words of its own; before the service starts."""
    world = World(client=None)  # type: ignore[arg-type]  # set when the service runs
    makers: Any = {"need": (make_need, "e-nev-1"), "achievement": (make_achievement, "u-01")}
    repositories: Any = {"need": NeedRepository, "achievement": AchievementRepository}
    numbers = count(1)
    with session_scope(engine) as session:
        for kind, (make, owner) in makers.items():
            for visibility in Visibility:
                for status in STATUSES:
                    target = Target(f"k{next(numbers)}", kind, visibility, status)
                    world.targets.append(target)
                    readers = _who(target, Operation(f"{kind}.read"))
                    insiders = _who(target, Operation(f"{kind}.background"))

                    def word(readers: set[str] = readers) -> str:
                        return world.secret(*readers)

                    lists = ("keywords", "patents", "team") if kind == "achievement" else (
                        "keywords", "must_have", "nice_to_have", "indicators",
                    )  # fmt: skip
                    world.titles[target.id] = word()
                    posting = make(
                        target.id,
                        organization=owner,
                        title=f"永磁电机高频噪声 {world.titles[target.id]}",
                        text=f"永磁电机的高频噪声过大 {word()}，要求降噪。",
                        chains=("nev",),
                        county="yongkang",
                        visibility=visibility,
                        status=status,
                        **{name: (f"电机噪声≤65 dB {word()}",) for name in lists},
                    )
                    repositories[kind](session).upsert_many([posting])
                    mask = Mask(
                        title="求电机降噪",
                        summary="永磁电机降噪。",
                        terms=(world.secret(*insiders),),
                    )
                    MaskStore(session, kind).put(target.id, mask.approved("owner"))
                    event = {
                        "kind": kind,
                        "posting": target.id,
                        "at": NOW,
                        "who": "u-office",
                        "step": "step.return",
                        "status": status.value,
                        "reason": world.secret(*insiders),
                    }
                    session.execute(insert(PostingEventRow), [event])
        world.planted = set(world.secrets)
        accounts = [
            {
                "id": actor.id,
                "email": f"{world.secret(name, 'administrator')}@example.org",
                "name": name,
                "role": actor.role.value,
                "organization": actor.organization,
                "chains": list(actor.chains),
                "counties": list(actor.counties),
                "totp_step": 0,
                "epoch": 0,
                "created_at": NOW,
                "revision": 1,
            }
            for name, actor in ACTORS.items()
        ]
        session.execute(insert(UserRow), accounts)
        session.execute(insert(CaseRow), [_closed_case(world, v) for v in Visibility])
    return world


def act(world: World, client: TestClient) -> None:
    """What people do with it over HTTP, leaving more secrets behind."""
    world.client = client
    broker, second, firm = (Voice(client, n) for n in ("broker", "second_broker", "enterprise"))
    for kind in ("need", "achievement"):
        for target in world.targets:
            if target.kind == kind == "need" and target.status is Status.PUBLISHED:
                path = f"/needs/{target.id}/matches"
                eventually(lambda p=path: firm.get(p).json()["state"] == "ready", timeout_s=120)
    need, offer = (world.target(kind, HANDLED).id for kind in ("need", "achievement"))
    inside = {"broker", *STAFF}
    case = _ok(broker.post("/cases", json={"need": need, "achievement": offer}))
    path = f"/cases/{case['id']}"
    _ok(broker.post(f"{path}/notes", json={"text": world.secret(*inside)}))
    etag = broker.get(path).headers["etag"]
    plan = {"next_action": world.secret(*inside)}
    _ok(broker.patch(path, json=plan, headers={"if-match": etag}))
    pdf = f"%PDF-1.7 {world.secret(*inside)}".encode()
    filed = _ok(broker.post(f"{path}/files", files={"file": (f"{world.secret(*inside)}.pdf", pdf)}))
    public = {kind: world.target(kind, "public").id for kind in ("need", "achievement")}
    note = {"level": 2, "note": world.secret("broker", "second_broker", *STAFF)}
    _ok(second.post("/decisions", json=public | note))
    table = f"需求编号,需求名称\n新-1,{world.secret('enterprise')}\n".encode()
    name = f"{world.secret('enterprise')}.csv"
    order = {"files": {"file": (name, table)}, "data": {"kind": "needs"}}
    upload = _ok(firm.post("/imports", **order))
    export = _ok(firm.post("/exports", json={"kind": "matches", "need": need, "format": "json"}))
    url = f"https://8.8.8.8/{world.secret('university')}"
    hook = _ok(
        Voice(client, "university").post("/webhooks", json={"url": url, "events": ["strong_match"]})
    )
    _ok(firm.post("/match", json={"text": f"电机降噪 {world.secret('enterprise')}"}))
    run = firm.get("/runs", params={"need": need}).json()["items"][0]
    expert = _ok(
        Voice(client, "university").post("/experts", json={"organization": "u-01", "name": "某"})
    )
    job = _ok(Voice(client, "office").post("/jobs", json={"kind": "rematch"}))
    everybody = set(ACTORS)
    parties = {"enterprise", "university"}
    world.places = {
        "case_id": (case["id"], inside | parties),
        "file_id": (filed["id"], inside),
        "import_id": (upload["id"], {"enterprise"}),
        "export_id": (export["id"], {"enterprise"}),
        "hook_id": (hook["id"], {"university"}),
        "run_id": (run["id"], {"enterprise", "broker", "second_broker", *STAFF}),
        "expert_id": (expert["id"], everybody),
        "job_id": (job["id"], set(STAFF)),
        "user_id": ("u-other", {"administrator"}),
        "organization_id": ("e-nev-1", everybody),
        "chain_id": ("nev", everybody),
        "key_id": ("nobody", set()),
        "item_id": ("4000000000", set()),
        "version": ("99", set()),
        "token": ("nobody", set()),
        "kind": ("need", set(STAFF)),
    }


def endpoints(app: FastAPI) -> Iterator[APIRoute]:
    """Every endpoint of the application with its whole path."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route
        contexts: Callable[[], Any] = getattr(route, "effective_route_contexts", tuple)
        yield from contexts()


def operation_of(route: APIRoute) -> Operation | None:
    """What its ``Call`` says that it does; None where it has none."""
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        found = getattr(dependant.call, "operation", None)
        if found is not None:
            return Operation(found)
        waiting += dependant.dependencies
    return None


def _closed_case(world: World, visibility: str) -> dict[str, Any]:
    return {
        "id": f"c-{visibility}",
        "need": world.target("need", visibility, Status.CLOSED).id,
        "achievement": world.target("achievement", visibility, Status.CLOSED).id,
        "broker": ACTORS["broker"].id,
        "stage": "closed",
        "next_action": "",
        "revision": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _who(target: Target, operation: Operation) -> set[str]:
    return {name for name in ACTORS if target.may(name, operation) == "F"}


def _ok(answer: Any) -> Any:
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json()
