"""The revision that makes room for sealed secrets, forwards and back."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select

from data.migrate import HEAD, move_to
from data.session import session_scope
from data.tables import DeliveryRow, IdempotencyRow, UserRow, WebhookRow

BEFORE, AFTER = "0011", "0012"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
READABLE = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SEALED = "sealed:" + "x" * 160


def user(name: str, secret: str | None, pending: str | None) -> dict[str, Any]:
    return {
        "id": name,
        "email": f"{name}@example.com",
        "name": name,
        "role": "office",
        "chains": [],
        "counties": [],
        "totp_secret": secret,
        "totp_pending": pending,
        "totp_step": 0,
        "epoch": 0,
        "created_at": NOW,
        "revision": 0,
    }


def webhook(name: str, secret: str) -> dict[str, Any]:
    url = "https://8.8.8.8/"
    whole = {"id": name, "account": "a", "url": url, "events": [], "secret": secret}
    return whole | {"created_at": NOW}


def delivery(hook: str) -> dict[str, Any]:
    whole = {"id": f"d-{hook}", "channel": "webhook", "account": "a", "webhook": hook}
    return whole | {"state": "waiting", "created_at": NOW, "due_at": NOW, "attempts": 0}


def test_on_the_way_back_what_cannot_be_opened_shuts_and_the_rest_stays(engine: Engine):
    users = [
        user("sealed", SEALED, SEALED),
        user("readable", READABLE, READABLE),
        user("without", None, None),
    ]
    with session_scope(engine) as session:
        session.execute(insert(UserRow), users)
        session.execute(insert(WebhookRow), [webhook("w1", SEALED), webhook("w2", "whsec_2")])
        session.execute(insert(DeliveryRow), [delivery("w1"), delivery("w2")])

    move_to(engine, BEFORE)
    move_to(engine, HEAD)

    with session_scope(engine, write=False) as session:
        columns = select(UserRow.id, UserRow.totp_secret, UserRow.totp_pending)
        found = {row[0]: tuple(row[1:]) for row in session.execute(columns)}
        hooks = list(session.scalars(select(WebhookRow.secret)))
        waiting = list(session.scalars(select(DeliveryRow.id)))
    assert found["readable"] == (READABLE, READABLE)
    assert found["without"] == (None, None)
    nobodys, pending = found["sealed"]
    # a second factor is still asked for, and nobody has it
    assert len(nobodys) == 32
    assert nobodys not in (READABLE, SEALED)
    assert pending is None
    assert (hooks, waiting) == (["whsec_2"], ["d-w2"])


def test_answers_kept_for_repetitions_lose_the_secret_that_they_told(engine: Engine):
    move_to(engine, BEFORE)
    telling = {"id": "w-1", "url": "https://8.8.8.8/", "secret": "whsec_1"}
    bodies = {"k1": json.dumps(telling, separators=(",", ":")), "k2": '{"title":"转子"}'}
    whole = {"account": "a", "request": "r", "status": 201, "headers": {}, "made_at": NOW}
    rows = [whole | {"key": key, "body": body} for key, body in bodies.items()]
    with session_scope(engine) as session:
        session.execute(insert(IdempotencyRow), rows)

    move_to(engine, AFTER)

    with session_scope(engine, write=False) as session:
        columns = select(IdempotencyRow.key, IdempotencyRow.body)
        found = {key: body for key, body in session.execute(columns)}
    assert json.loads(found["k1"]) == telling | {"secret": None}
    assert found["k2"] == bodies["k2"]
