"""Requests to webhooks: signed, bounded in time, and only to addresses that were judged."""

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from ssl import SSLContext

import httpx2

from api.delivery.safe_address import (
    LookUp,
    TargetRules,
    UnsafeTarget,
    look_up,
    read_target,
    resolving,
)
from api.seal import Seal, SealBroken
from data.delivery_values import Told, WebhookDelivery

log = logging.getLogger(__name__)

SIGNATURE = "Yilian-Signature"
"""Header ``t=<unix seconds>,v1=<hex HMAC-SHA-256 of "<t>." and the body>``."""

DELIVERY = "Yilian-Delivery"
"""Header with the delivery's id, the same at every attempt."""


class WebhookClient:
    """Makes requests, several at a time."""

    def __init__(
        self,
        rules: TargetRules,
        seal: Seal,
        *,
        timeout_s: float = 10.0,
        at_once: int = 8,
        look_up: LookUp = look_up,
    ) -> None:
        """Say how careful to be.

        Args:
            rules: Targets that are allowed; asked again at every request.
            seal: Opens the secrets of webhooks.
            timeout_s: For one request as a whole, from resolving to the answer's status.
            at_once: Most requests under way.
            look_up: Resolves host names.
        """
        self._rules = rules
        self._seal = seal
        self._timeout_s = timeout_s
        self._at_once = at_once
        self._look_up = look_up

    @cached_property
    def _tls(self) -> SSLContext:
        # reads every root certificate, so only once, and not before something is to be sent;
        # SSL_CERT_FILE names authorities of one's own
        return httpx2.create_ssl_context()

    def send(
        self, requests: Sequence[WebhookDelivery], now: datetime
    ) -> list[tuple[WebhookDelivery, str | None]]:
        """Makes the requests; each with None for success, or why it failed.

        Success is a status from 200 to 299. A redirect is not followed, and nothing of an
        answer but its status is read: what a stranger's server says is no concern of ours.
        """
        return asyncio.run(self._send(requests, now))

    async def _send(
        self, requests: Sequence[WebhookDelivery], now: datetime
    ) -> list[tuple[WebhookDelivery, str | None]]:
        turn = asyncio.Semaphore(self._at_once)
        # a connection kept for the next request could serve another name at that address
        limits = httpx2.Limits(max_connections=self._at_once, max_keepalive_connections=0)
        async with httpx2.AsyncClient(
            verify=self._tls, trust_env=False, limits=limits, timeout=self._timeout_s
        ) as client:

            async def one(request: WebhookDelivery) -> tuple[WebhookDelivery, str | None]:
                async with turn:
                    return request, await self._failure(client, request, now)

            return list(await asyncio.gather(*(one(request) for request in requests)))

    async def _failure(
        self, client: httpx2.AsyncClient, request: WebhookDelivery, now: datetime
    ) -> str | None:
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._status(client, request, now)
        except UnsafeTarget as error:
            return f"refused_{error.reason}"
        except SealBroken:
            return "secret_lost"
        except (TimeoutError, httpx2.TimeoutException):
            return "timeout"
        except httpx2.ConnectError:
            return "no_connection"
        except httpx2.HTTPError:
            return "broken_answer"
        except Exception:
            # whatever one target manages to provoke, the others get theirs
            log.exception("webhook delivery %s failed in an unforeseen way", request.id)
            return "error"
        return None if 200 <= status < 300 else f"status_{status}"

    async def _status(
        self, client: httpx2.AsyncClient, request: WebhookDelivery, now: datetime
    ) -> int:
        target = read_target(request.url, self._rules)
        addresses = await asyncio.wrap_future(resolving(target, self._look_up))
        body = body_of(request)
        headers = {
            "Host": target.url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "Yilian-Webhook/1",
            "Accept-Encoding": "identity",
            DELIVERY: request.id,
            SIGNATURE: signature(self._seal.open(request.secret), body, int(now.timestamp())),
        }
        async with client.stream(
            "POST",
            # the judged address, not the name, which might lead elsewhere by now
            target.url.copy_with(host=addresses[0]),
            content=body,
            headers=headers,
            extensions={"sni_hostname": target.host},
        ) as answer:
            return answer.status_code


def new_secret() -> str:
    """A secret for a webhook, which nobody can guess."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def body_of(request: WebhookDelivery) -> bytes:
    """The body of a request, JSON in UTF-8."""
    content = {
        "id": request.id,
        "event": "test" if request.told is None else request.told.kind,
        "created_at": request.created_at.isoformat(),
        "data": None if request.told is None else _data(request.told),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of the ``SIGNATURE`` header.

    Args:
        secret: Of the webhook.
        body: What is sent.
        at: Unix seconds; a receiver refuses what is too old, and so a replay.
    """
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _data(told: Told) -> dict[str, object]:
    return {
        "item": told.item,
        "need": _side(told.need, told.need_title),
        "achievement": _side(told.achievement, told.achievement_title),
        "probability": told.probability,
    }


def _side(posting_id: str | None, title: str | None) -> dict[str, str | None] | None:
    return None if posting_id is None else {"id": posting_id, "title": title}
