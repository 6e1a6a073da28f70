"""The secret that signs access tokens: one per home, made at the first start."""

import os
import secrets
from pathlib import Path

from api.accounts.errors import SecretUnreadable

NAME = "secret"
BYTES = 32
SHORTEST = 32
"""Characters; HS256 is as strong as its key (RFC 7518, 3.2)."""


def signing_secret(home: Path) -> str:
    """The secret in this home; two first starts at once agree on one.

    Raises:
        SecretUnreadable: the file is there, but empty, cut short or closed to us.
    """
    path = home / NAME
    if not path.exists():
        _make(path)
    try:
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnreadable(str(path)) from error
    if len(secret) < SHORTEST:
        raise SecretUnreadable(str(path))
    return secret


def _make(path: Path) -> None:
    """Puts a whole file there, readable by its owner only, unless another was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # unlike a rename, a link never replaces what is there
            os.link(unfinished, path)
        except FileExistsError:
            pass
    finally:
        unfinished.unlink(missing_ok=True)
