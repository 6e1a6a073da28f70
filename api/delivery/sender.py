"""The thread that sends what is due."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from api.delivery.mail import Mailer
from api.delivery.webhook import WebhookClient
from data.deliveries import DeliveryQueue

log = logging.getLogger(__name__)

WEBHOOKS_IN_A_ROUND = 32
MAILS_IN_A_ROUND = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSettings:
    """How often the sender looks.

    Attributes:
        interval_s: Between two rounds, where nothing wakes it.
        mail_interval: Least time between two mails to one account.
        clear_interval: Between two clearings of what was sent long ago.
    """

    interval_s: float = 5.0
    mail_interval: timedelta = timedelta(minutes=15)
    clear_interval: timedelta = timedelta(hours=1)


class Sender:
    """Sends webhooks and mail in rounds; any number of processes may run one."""

    def __init__(
        self,
        queue: DeliveryQueue,
        webhooks: WebhookClient,
        mailer: Mailer | None = None,
        settings: SenderSettings | None = None,
    ) -> None:
        """Name what it sends with.

        Args:
            queue: What is to be sent.
            webhooks: Makes the requests.
            mailer: Sends the mails; None leaves them in the queue.
            settings: How often it looks.
        """
        self._queue = queue
        self._webhooks = webhooks
        self._mailer = mailer
        self._settings = settings or SenderSettings()
        self._cleared_at: datetime | None = None
        self._wake = Event()
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begins to send in a thread of its own."""
        self._stopping.clear()
        self._thread = Thread(target=self._run, name="yilian-sender", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tells it that something new may be waiting."""
        self._wake.set()

    def stop(self, timeout_s: float = 30.0) -> None:
        """Ends after the round that is under way; what it had in hand is settled."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
            self._thread = None

    def run_once(self, now: datetime) -> int:
        """One round; how many webhooks and mails were tried."""
        tried = self._send_webhooks(now)
        if self._mailer is not None:
            tried += self._send_mails(self._mailer, now)
        if self._cleared_at is None or now - self._cleared_at > self._settings.clear_interval:
            self._queue.clear(now)
            self._cleared_at = now
        return tried

    def _send_webhooks(self, now: datetime) -> int:
        requests = self._queue.take_webhooks(now, k=WEBHOOKS_IN_A_ROUND)
        if requests:
            self._queue.settle_webhooks(self._webhooks.send(requests, now), now)
        return len(requests)

    def _send_mails(self, mailer: Mailer, now: datetime) -> int:
        interval = self._settings.mail_interval
        mails = self._queue.take_mails(now, interval=interval, k=MAILS_IN_A_ROUND)
        for mail, failure in mailer.send(mails) if mails else ():
            # one by one: a mail that went out should not go out again after a crash
            self._queue.settle_mail(mail, failure, now)
        return len(mails)

    def _run(self) -> None:
        while True:
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                busy = self.run_once(datetime.now(UTC)) > 0
            except Exception:
                # the queue keeps what was not settled; the next round tries again
                log.exception("a round of sending failed")
                busy = False
            if not busy:
                self._wake.wait(self._settings.interval_s)
