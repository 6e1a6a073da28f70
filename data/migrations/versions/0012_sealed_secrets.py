"""Secrets that the service has to read again lie encrypted, which takes more room.

The key is none of the database's, so the service seals what is there at its next start. On
the way back nothing can be opened either: an account with a sealed second factor gets one
that nobody has, and needs a link of an administrator (``yilian user link``); a webhook with
a sealed secret is gone.
"""

import base64
import json
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = (("users", "totp_secret"), ("users", "totp_pending"), ("webhooks", "secret"))
_SEALED = "sealed:%"


def upgrade() -> None:
    _retype(sa.String())
    _hide_kept_answers()


def downgrade() -> None:
    users = sa.table("users", sa.column("id"), sa.column("totp_secret"), sa.column("totp_pending"))
    connection = op.get_bind()
    sealed = sa.select(users.c.id).where(users.c.totp_secret.like(_SEALED))
    for user in connection.scalars(sealed).all():
        nobodys = base64.b32encode(secrets.token_bytes(20)).decode()
        connection.execute(users.update().where(users.c.id == user).values(totp_secret=nobodys))
    pending = users.update().where(users.c.totp_pending.like(_SEALED))
    connection.execute(pending.values(totp_pending=None))
    webhooks = sa.table("webhooks", sa.column("secret"))
    connection.execute(webhooks.delete().where(webhooks.c.secret.like(_SEALED)))
    _retype(sa.String(64))


def _retype(kind: sa.String) -> None:
    # SQLite never looks at the length
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _COLUMNS:
            op.alter_column(table, column, type_=kind)


def _hide_kept_answers() -> None:
    """Takes webhooks' secrets out of the answers that are kept for repeated requests."""
    kept = sa.table(
        "idempotency_keys", sa.column("account"), sa.column("key"), sa.column("body", sa.Text())
    )
    telling = sa.select(kept).where(kept.c.body.like('%"secret":"whsec_%'))
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        # what is written over would go on lying in the file, and in copies of it
        connection.execute(sa.text("PRAGMA secure_delete = ON"))
    for account, key, body in connection.execute(telling).all():
        without = json.dumps(json.loads(body) | {"secret": None}, ensure_ascii=False)
        own = kept.c.account == account, kept.c.key == key
        connection.execute(kept.update().where(*own).values(body=without))
