"""Webhooks are signed, told public words only, and kept from doing harm."""

import hmac
import json
import socket
import threading
import time
from hashlib import sha256
from typing import Any

import pytest

from api.delivery.safe_address import TargetRules
from api.delivery.webhook import WebhookClient
from tests.api.delivery.targets import MOMENT, SEAL, Target, make_request, misbehaving, serving

LOOPBACK = TargetRules(hosts=frozenset({"127.0.0.1", "localhost"}), http=True)


def send(url: str, rules: TargetRules = LOOPBACK, **options: Any) -> str | None:
    """Why the delivery to this URL failed; None for success."""
    client = WebhookClient(rules, SEAL, **({"timeout_s": 5.0} | options))
    ((_, failure),) = client.send([make_request(url)], MOMENT)
    return failure


def test_a_receiver_can_check_who_sent_what_and_when():
    with serving(Target()) as target:
        assert send(target.url) is None

    ((path, headers, body),) = target.requests
    assert path == "/hook"
    assert headers["Yilian-Delivery"] == "d1"
    at, signed = (part.split("=")[1] for part in headers["Yilian-Signature"].split(","))
    assert int(at) == int(MOMENT.timestamp())
    expected = hmac.new("whsec_示例".encode(), f"{at}.".encode() + body, sha256).hexdigest()
    assert signed == expected


def test_the_body_tells_ids_and_public_titles():
    with serving(Target()) as target:
        send(target.url)

    body = json.loads(target.requests[0][2])
    assert body == {
        "id": "d1",
        "event": "strong_match",
        "created_at": "2026-03-04T05:06:07+00:00",
        "data": {
            "item": 7,
            "need": {"id": "n1", "title": "电机转子护套减薄"},
            "achievement": {"id": "a1", "title": None},
            "probability": 0.8,
        },
    }


def test_a_test_tells_nothing():
    with serving(Target()) as target:
        WebhookClient(LOOPBACK, SEAL).send([make_request(target.url, told=False)], MOMENT)

    body = json.loads(target.requests[0][2])
    assert (body["event"], body["data"]) == ("test", None)


@pytest.mark.parametrize("status", [300, 304, 400, 404, 410, 429, 500, 503])
def test_only_a_status_of_success_is_one(status: int):
    with serving(Target(status)) as target:
        assert send(target.url) == f"status_{status}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int):
    with serving(Target()) as inner, serving(Target(status, {"Location": inner.url})) as outer:
        assert send(outer.url) == f"status_{status}"

    assert len(outer.requests) == 1
    assert inner.requests == []


def test_many_requests_are_made_at_once_and_one_failure_is_nobody_elses():
    with serving(Target()) as target:
        requests = [make_request(target.url, id=f"d{i}") for i in range(20)]
        requests.append(make_request("http://127.0.0.1:1/", id="dead"))

        outcomes = WebhookClient(LOOPBACK, SEAL, at_once=4).send(requests, MOMENT)

    assert {r.id: failure for r, failure in outcomes if failure} == {"dead": "no_connection"}
    assert len(target.requests) == 20


def test_a_name_that_answers_differently_the_second_time_gains_nothing():
    asked = []

    def rebinding(host: str) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    with serving(Target()) as target:
        rules = TargetRules(http=True)
        url = "http://hooks.example.com/"
        # the first answer passed when the webhook was added; sending asks, and judges, anew
        rebinding("hooks.example.com")
        assert send(url, rules, look_up=rebinding) == "refused_address"

    assert target.requests == []


def test_the_connection_goes_to_the_judged_address_and_the_name_is_asked_for_once():
    asked = []

    def look_up(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(Target()) as target:
        rules = TargetRules(hosts=frozenset({"hooks.intranet"}), http=True)
        failure = send(f"http://hooks.intranet:{target.port}/a?b=c", rules, look_up=look_up)

    assert failure is None
    assert asked == ["hooks.intranet"]
    path, headers, _ = target.requests[0]
    assert path == "/a?b=c"
    assert headers["Host"] == f"hooks.intranet:{target.port}"


@pytest.mark.parametrize(
    ("url", "failure"),
    [
        ("http://127.0.0.1/", "refused_scheme"),
        ("https://127.0.0.1/", "refused_address"),
        ("https://[::ffff:127.0.0.1]/", "refused_address"),
        ("https://a:b@hooks.example.com/", "refused_userinfo"),
        ("https://hooks.example.com:25/", "refused_port"),
    ],
)
def test_what_was_stored_before_the_rules_became_stricter_is_refused_when_sending(
    url: str, failure: str
):
    assert send(url, TargetRules()) == failure


def silent(connection: socket.socket, ended: threading.Event) -> None:
    ended.wait(10)


def trickling(connection: socket.socket, ended: threading.Event) -> None:
    """A header that never ends, a byte at a time: no single wait is long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not ended.wait(0.05):
        connection.sendall(b"a")


@pytest.mark.parametrize("slow", [silent, trickling])
def test_a_slow_target_is_given_up_after_the_whole_time(slow: Any):
    with misbehaving(slow) as url:
        began = time.monotonic()
        assert send(url, timeout_s=0.5) == "timeout"

    assert time.monotonic() - began < 5


def endless_body(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not ended.is_set():
        connection.sendall(b"400\r\n" + b"x" * 0x400 + b"\r\n")


def endless_headers(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not ended.is_set():
        connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")


def nonsense(connection: socket.socket, ended: threading.Event) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


def hanging_up(connection: socket.socket, ended: threading.Event) -> None:
    pass


def test_an_answer_without_end_is_not_read():
    with misbehaving(endless_body) as url:
        assert send(url) is None


@pytest.mark.parametrize("answer", [endless_headers, nonsense, hanging_up])
def test_an_answer_that_is_none_is_a_failure(answer: Any):
    with misbehaving(answer) as url:
        assert send(url) == "broken_answer"


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch):
    with serving(Target()) as proxy, serving(Target()) as target:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert send(target.url) is None

    assert (len(proxy.requests), len(target.requests)) == (0, 1)
