"""Mail by SMTP: what is new for one account, in one message."""

import logging
import smtplib
import ssl
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from unicodedata import category

from data.delivery_values import MailDelivery, Told

log = logging.getLogger(__name__)

LISTED = 50
"""Items that one mail words; the others are counted."""

IMPLICIT_TLS_PORT = 465

_KINDS = {
    "strong_match": "强匹配 / strong match",
    "posting_published": "新发布 / newly published",
    "posting_returned": "已退回 / returned",
    "case_overdue": "跟进已逾期 / follow-up overdue",
}
_CONFIDENTIAL = "（登录后查看 / sign in to see）"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The server that mail is handed to.

    Attributes:
        port: On 465, TLS begins with the first byte, whatever ``starttls`` says.
        user: None for a server that asks for none.
        starttls: Whether the connection is made private before anything is said.
        sender: Address that mail comes from.
        inbox_url: Where readers find the rest; empty to leave it out.
        timeout_s: For each step of a conversation.
    """

    host: str
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    sender: str = "yilian@localhost"
    inbox_url: str = ""
    timeout_s: float = 15.0


class Mailer:
    """Hands mails to one server."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def send(self, mails: Sequence[MailDelivery]) -> Iterator[tuple[MailDelivery, str | None]]:
        """Sends mails in one conversation; each, once it is sent, with None or why it failed."""
        left = deque(mails)
        try:
            with self._connected() as server:
                while left:
                    failure = self._failure(server, left[0])
                    yield left.popleft(), failure
        except (OSError, smtplib.SMTPException) as error:
            # not reached, signed in to in vain, or lost on the way
            log.warning("mail server %s:%d: %s", self._settings.host, self._settings.port, error)
            yield from ((mail, "no_connection") for mail in left)

    def post(self, message: EmailMessage) -> None:
        """Sends one message that is no news, such as an invitation; sets who it is from.

        Raises:
            OSError: the server does not answer; ``SMTPException`` is one, too.
            ValueError: an address is none.
        """
        message["From"] = Address("Yilian", addr_spec=self._settings.sender)
        with self._connected() as server:
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        own, tls = self._settings, ssl.create_default_context()
        if own.port == IMPLICIT_TLS_PORT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                own.host, own.port, timeout=own.timeout_s, context=tls
            )
        else:
            server = smtplib.SMTP(own.host, own.port, timeout=own.timeout_s)
        try:
            if own.starttls and own.port != IMPLICIT_TLS_PORT:
                server.starttls(context=tls)
            if own.user is not None:
                server.login(own.user, own.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _failure(self, server: smtplib.SMTP, mail: MailDelivery) -> str | None:
        try:
            message = message_of(mail, self._settings)
        except (MessageError, ValueError, IndexError):
            # the library's parser stumbles over some of what is no address
            return "bad_address"
        try:
            server.send_message(message)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPRecipientsRefused:
            return "recipient_refused"
        except smtplib.SMTPException:
            return "server_refused"
        return None


def message_of(mail: MailDelivery, settings: MailSettings) -> EmailMessage:
    """The message that tells an account what is new.

    Raises:
        ValueError, MessageError, IndexError: an address is none.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Yilian", addr_spec=settings.sender)
    message["To"] = Address(_line(mail.name), addr_spec=mail.address)
    count = len(mail.told)
    message["Subject"] = f"一链：{count} 条新消息 / Yilian: {count} new"
    message["Message-ID"] = make_msgid(idstring=mail.ids[0], domain="yilian.invalid")
    # keeps holiday answers away
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(mail, settings.inbox_url))
    return message


def _text(mail: MailDelivery, inbox_url: str) -> str:
    lines = [f"{_line(mail.name)}：您好！ / Hello!", ""]
    for told in mail.told[:LISTED]:
        lines += [*_words(told), ""]
    more = len(mail.told) - LISTED
    if more > 0:
        lines += [f"另有 {more} 条。 / {more} more.", ""]
    if inbox_url:
        lines.append(f"查看收件箱 / your inbox: {inbox_url}")
    return "\n".join(lines)


def _words(told: Told) -> list[str]:
    chance = "" if told.probability is None else f" {told.probability:.0%}"
    lines = [f"· {_KINDS.get(told.kind, told.kind)}{chance}"]
    sides = (
        ("需求 / need", told.need, told.need_title),
        ("成果 / achievement", told.achievement, told.achievement_title),
    )
    for label, posting_id, title in sides:
        if posting_id is not None:
            lines.append(f"  {label}: {_line(title) if title else _CONFIDENTIAL}")
    return lines


def _line(text: str) -> str:
    """The text on one line, without characters that mean something to a machine."""
    return " ".join("".join(" " if category(c)[0] == "C" else c for c in text).split())
