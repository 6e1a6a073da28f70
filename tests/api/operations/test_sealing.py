"""After a start no secret lies readable, and secrets that cannot be read are told."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert, select, update

from api.accounts.secret import signing_secret
from api.operations.sealing import seal_stored
from api.rest.app import create_app
from api.seal import Seals
from api.service_settings import ServiceSettings
from data.migrate import upgrade
from data.session import make_engine, session_scope
from data.tables import UserRow, WebhookRow
from tests.api.conftest import settings_for

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
IN_USE, OFFERED, HOOK = (
    "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
    "whsec_8",
)
SEALS = Seals.of("not a secret at all, but thirty-two characters")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A store of before there were seals: an account with a second factor, and a webhook."""
    (tmp_path / "home").mkdir()
    engine = make_engine(f"sqlite:///{tmp_path / 'home' / 'yilian.db'}")
    upgrade(engine)
    user = {"id": "u-1", "email": "li@example.com", "name": "李工", "role": "office"}
    counts = {"totp_step": 0, "epoch": 0, "revision": 0, "created_at": NOW}
    limits = {"chains": [], "counties": [], "totp_secret": IN_USE, "totp_pending": OFFERED}
    without = {"id": "u-2", "email": "wang@example.com", "totp_secret": None, "totp_pending": None}
    hook = {"id": "w-1", "account": "u-1", "url": "https://8.8.8.8/", "events": []}
    with session_scope(engine) as session:
        session.execute(insert(UserRow), [user | counts | limits, user | counts | limits | without])
        session.execute(insert(WebhookRow), [hook | {"secret": HOOK, "created_at": NOW}])
    yield engine
    engine.dispose()


def stored(engine: Engine) -> list[str]:
    with session_scope(engine, write=False) as session:
        user = select(UserRow.totp_secret, UserRow.totp_pending).where(UserRow.id == "u-1")
        found = [*session.execute(user).one(), session.scalar(select(WebhookRow.secret))]
    return [str(value) for value in found]


def opened(engine: Engine, seals: Seals) -> list[str]:
    kinds = (seals.second_factor, seals.second_factor, seals.webhook)
    return [seal.open(value) for seal, value in zip(kinds, stored(engine), strict=True)]


def in_files(folder: Path) -> set[str]:
    """Which of the secrets lie readable in any file of a folder."""
    whole = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    return {secret for secret in (IN_USE, OFFERED, HOOK) if secret.encode() in whole}


def test_a_start_leaves_nothing_readable_of_what_an_older_service_stored(
    engine: Engine, tmp_path: Path
):
    home = tmp_path / "home"
    before = in_files(home)
    # no model, which takes its time: matching is none of this test's business
    settings = replace(settings_for(home, tmp_path), database_url=str(engine.url))
    with TestClient(create_app(settings, ServiceSettings())):
        running = in_files(home)

    assert before == {IN_USE, OFFERED, HOOK}
    assert running == in_files(home) == set()
    assert opened(engine, Seals.of(signing_secret(home))) == [IN_USE, OFFERED, HOOK]


def test_what_is_sealed_stays_as_it_is(engine: Engine):
    seal_stored(engine, SEALS)
    once = stored(engine)

    assert seal_stored(engine, SEALS) == (0, 0)
    assert stored(engine) == once
    assert opened(engine, SEALS) == [IN_USE, OFFERED, HOOK]


def test_a_start_with_another_secret_tells_what_is_lost_and_what_to_do(
    engine: Engine, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        seal_stored(engine, SEALS)
        quiet = list(caplog.messages)
        lost = seal_stored(engine, Seals.of("another secret of thirty-two characters"))

    assert quiet == []
    assert lost == (1, 1)
    assert "1 个账号的第二因素、1 个 Webhook" in caplog.text
    assert "yilian user link" in caplog.text
    assert opened(engine, SEALS) == [IN_USE, OFFERED, HOOK]


def test_a_webhook_that_was_given_up_is_not_missed(engine: Engine):
    seal_stored(engine, SEALS)
    with session_scope(engine) as session:
        session.execute(update(WebhookRow).values(ended_at=NOW))

    assert seal_stored(engine, Seals.of("another secret of thirty-two characters")) == (1, 0)
