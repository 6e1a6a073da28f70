"""Delivery as the service's settings ask for it."""

from datetime import timedelta

from sqlalchemy import Engine

from api.delivery.mail import Mailer, MailSettings
from api.delivery.safe_address import TargetRules
from api.delivery.sender import Sender, SenderSettings
from api.delivery.webhook import WebhookClient
from api.seal import Seal
from api.service_settings import ServiceSettings
from data.deliveries import DeliveryQueue


def make_sender(engine: Engine, settings: ServiceSettings, seal: Seal) -> Sender:
    """A sender over one database, not started yet; without ``smtp_host`` it sends no mail.

    Args:
        engine: The store.
        settings: How to send.
        seal: Opens the secrets of webhooks.
    """
    return Sender(
        DeliveryQueue(engine),
        WebhookClient(target_rules(settings), seal),
        make_mailer(settings),
        SenderSettings(mail_interval=timedelta(minutes=settings.mail_minutes)),
    )


def target_rules(settings: ServiceSettings) -> TargetRules:
    """Which webhooks the settings allow."""
    hosts = frozenset(host.strip("[]").lower() for host in settings.webhook_hosts)
    return TargetRules(hosts=hosts, http=settings.webhook_http)


def make_mailer(settings: ServiceSettings) -> Mailer | None:
    """What hands mail over; None without ``smtp_host``."""
    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return Mailer(
        MailSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=None if password is None else password.get_secret_value(),
            starttls=settings.smtp_starttls,
            sender=settings.smtp_from,
            inbox_url=settings.public_url,
        )
    )
