"""Letters that carry a one-time link to the account's own address."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from api.delivery.mail import Mailer
from data.access.account import Account


def link_to(token: str, *, public_url: str) -> str:
    """The address that opens a one-time link.

    The token stands behind a ``#``, which browsers keep to themselves: no log of a server
    or a proxy ever holds it.
    """
    return f"{public_url.rstrip('/')}/welcome#{token}"


def send_link(mailer: Mailer | None, account: Account, link: str) -> bool:
    """Sends a link to its account; False where no mail can be sent."""
    if mailer is None:
        return False
    try:
        mailer.post(letter(account, link))
    except (OSError, MessageError, ValueError, IndexError):
        return False
    return True


def letter(account: Account, link: str) -> EmailMessage:
    """The letter.

    Raises:
        ValueError, MessageError, IndexError: the account's e-mail cannot be written to.
    """
    name = " ".join(account.name.split())
    message = EmailMessage(policy=SMTP)
    message["To"] = Address(name, addr_spec=account.email)
    message["Subject"] = "一链：设置密码 / Yilian: set your password"
    # keeps holiday answers away
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{name}：您好！\n\n"
        f"请打开以下链接设置密码；链接只能使用一次，过期作废。如非本人操作，请忽略本邮件。\n"
        "Open this link to set your password. It works once and expires;"
        " ignore this mail if you did not ask for it.\n\n"
        f"{link}\n"
    )
    return message
