"""A mail server on loopback that keeps what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from api.delivery.mail import MailSettings
from data.delivery_values import MailDelivery, Told

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class PostOffice:
    """Takes mail in; refuses recipients whose address begins with ``nobody``."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append((list(envelope.rcpt_tos), message))
        return "250 OK"

    @property
    def settings(self) -> MailSettings:
        """How to reach it."""
        return MailSettings(host="127.0.0.1", port=self.port, starttls=False, timeout_s=5.0)


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        # the library probes the port that it was told; which one it got is known only now
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def open_office(**options: Any) -> Iterator[PostOffice]:
    """A post office that works while the block runs."""
    office = PostOffice()
    controller = _AnyPort(office, hostname="127.0.0.1", port=0, **options)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def make_told(item: int = 7, **changes: Any) -> Told:
    """A strong match of n1 and a confidential a1."""
    values: dict[str, Any] = {
        "kind": "strong_match",
        "need": "n1",
        "need_title": "电机转子护套减薄",
        "achievement": "a1",
        "achievement_title": None,
        "probability": 0.8,
        "created_at": MOMENT,
    }
    return Told(item=item, **(values | changes))


def make_mail(*told: Told, **changes: Any) -> MailDelivery:
    """A mail for a broker."""
    values: dict[str, Any] = {
        "ids": ("d1",),
        "lease": "l",
        "address": "broker@example.org",
        "name": "李工（示例）",
    }
    return MailDelivery(told=told or (make_told(),), **(values | changes))
