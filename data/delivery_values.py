"""What is sent, and how patiently."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long failures are waited out.

    Attributes:
        attempts: How often one delivery is tried.
        first_s: Wait after a first failure; it doubles from then on.
        longest_s: Longest wait, before chance adds to it.
        patience_s: A webhook that has failed for longer than this, with no success between,
            is sent nothing of what waits for it.
    """

    attempts: int = 10
    first_s: float = 30.0
    longest_s: float = 6 * 3600.0
    patience_s: float = 24 * 3600.0

    def wait(self, attempts: int) -> timedelta:
        """How long to wait after the given number of attempts, at least 1.

        Up to half is added by chance, so that many failures do not all come back at once.
        """
        seconds = min(self.first_s * 2.0 ** (attempts - 1), self.longest_s)
        return timedelta(seconds=seconds * random.uniform(1.0, 1.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a delivery tells: ids, and words that anybody with an account may read.

    Attributes:
        item: Id of the inbox item.
        need_title: None where there is no need, or it is not public.
        achievement_title: Likewise.
    """

    item: int
    kind: str
    need: str | None
    need_title: str | None
    achievement: str | None
    achievement_title: str | None
    probability: float | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """One request to make.

    Attributes:
        id: The same at every attempt, so that the receiver can tell repetitions.
        secret: As it is stored, sealed.
        told: None for a test.
    """

    id: str
    lease: str
    webhook: str
    url: str
    secret: str
    told: Told | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDelivery:
    """One mail to send.

    Attributes:
        ids: The deliveries that it settles.
        told: What it tells, oldest first.
    """

    ids: tuple[str, ...]
    lease: str
    address: str
    name: str
    told: tuple[Told, ...]
