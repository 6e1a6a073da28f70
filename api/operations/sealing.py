"""Brings secrets that were stored before there were seals under one, and finds lost ones."""

import logging
from collections.abc import Iterable
from contextlib import closing

from sqlalchemy import Engine, select, text, update

from api.seal import PREFIX, Seal, SealBroken, Seals
from data.session import session_scope
from data.tables import UserRow, WebhookRow

_log = logging.getLogger(__name__)

_LOST = (
    "%d 个账号的第二因素、%d 个 Webhook 的密钥是用另一个签名密钥加密的，无法读取。"
    "请恢复原来的签名密钥后重启；若已丢失，请用 yilian user link 重置这些账号，"
    "并由所有者停用、重新添加这些 Webhook。"
    " / the second factors of %d accounts and the secrets of %d webhooks were sealed under another"
    " signing secret and cannot be read: bring that one back and start again; if it is lost,"
    " reset the accounts with yilian user link, and have the webhooks given up and added again"
)


def seal_stored(engine: Engine, seals: Seals) -> tuple[int, int]:
    """Seals every secret that lies readable, and logs how many cannot be opened.

    Returns:
        How many second factors, and secrets of webhooks in use, were sealed under another
        signing secret.
    """
    with session_scope(engine, write=False) as session:
        factors = list(session.scalars(select(UserRow.totp_secret)).all())
        pending = list(session.scalars(select(UserRow.totp_pending)).all())
        webhooks = list(session.scalars(select(WebhookRow.secret)).all())
        in_use = session.scalars(select(WebhookRow.secret).where(WebhookRow.ended_at.is_(None)))
        lost = _lost(factors, seals.second_factor), _lost(in_use, seals.webhook)
    # a start seldom finds any, and then takes no lock
    if any(stored and not stored.startswith(PREFIX) for stored in factors + pending + webhooks):
        _seal_readable(engine, seals)
    if any(lost):
        _log.warning(_LOST, *lost, *lost)
    return lost


def _lost(stored: Iterable[str | None], seal: Seal) -> int:
    return sum(not _opens(text, seal) for text in stored if text is not None)


def _opens(stored: str, seal: Seal) -> bool:
    try:
        seal.open(stored)
    except SealBroken:
        return False
    return True


def _seal_readable(engine: Engine, seals: Seals) -> None:
    sqlite = engine.dialect.name == "sqlite"
    with session_scope(engine) as session:
        if sqlite:
            # what is written over would go on lying in the file, and in copies of it
            session.execute(text("PRAGMA secure_delete = ON"))
        for column, seal in (
            (UserRow.totp_secret, seals.second_factor),
            (UserRow.totp_pending, seals.second_factor),
            (WebhookRow.secret, seals.webhook),
        ):
            row = column.class_
            readable = column.is_not(None) & ~column.startswith(PREFIX)
            found = session.execute(select(row.id, column).where(readable).with_for_update())
            for row_id, stored in found.all():
                sealed = update(row).where(row.id == row_id).values({column.key: seal.seal(stored)})
                session.execute(sealed)
    if sqlite:
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
