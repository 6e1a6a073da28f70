"""Rendered answers on the shelf, and requests that are answered from it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.rest.shelf import AnsweredBefore, Kept, Shelf
from data.policy.actor import Actor, Role
from tests.api.rest.conftest import ClientAs, eventually

ONE = Actor(id="one", role=Role.OFFICE)
OTHER = Actor(id="other", role=Role.OFFICE)


def request(path: str, query: str = "") -> Request:
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    return Request({**scope, "headers": []})


def kept(body: bytes, stamp: str = "s") -> Kept:
    return Kept(stamp, lambda glance: stamp, body, route=None)


def body_of(found: Kept | None) -> bytes | None:
    return None if found is None else found.body


def test_an_answer_is_found_for_the_same_request_of_the_same_person_only():
    shelf = Shelf()
    shelf.keep(ONE, request("/a", "k=1"), kept(b"one"))

    assert body_of(shelf.find(ONE, request("/a", "k=1"))) == b"one"
    assert shelf.find(ONE, request("/a", "k=2")) is None
    assert shelf.find(ONE, request("/b", "k=1")) is None
    assert shelf.find(OTHER, request("/a", "k=1")) is None


def test_what_was_asked_for_longest_ago_is_given_up_first():
    shelf = Shelf(most_bytes=10)
    shelf.keep(ONE, request("/a"), kept(b"12345"))
    shelf.keep(ONE, request("/b"), kept(b"12345"))
    shelf.find(ONE, request("/a"))
    shelf.keep(ONE, request("/c"), kept(b"12345"))

    assert shelf.find(ONE, request("/a")) is not None
    assert shelf.find(ONE, request("/b")) is None


def test_a_newer_answer_takes_the_place_and_the_room_of_the_one_before():
    shelf = Shelf(most_bytes=10)
    for number in range(5):
        shelf.keep(ONE, request("/a"), kept(b"1234%d" % number))
    shelf.keep(ONE, request("/b"), kept(b"12345"))

    assert body_of(shelf.find(ONE, request("/a"))) == b"12344"
    assert shelf.find(ONE, request("/b")) is not None


def small(state_of_now: Callable[[], str], *, waits: bool) -> tuple[TestClient, list[str]]:
    """An application with one endpoint that keeps its answers, and what the endpoint did."""
    app, rendered = FastAPI(), []
    app.add_middleware(AnsweredBefore)
    app.state.shelf, app.state.identify = Shelf(), lambda request: ONE
    app.state.known_already = lambda request: True
    app.state.glance = SimpleNamespace(waits=waits)

    @app.get("/v1/list")
    def endpoint(request: Request) -> dict[str, Any]:
        rendered.append(stamp := state_of_now())
        body = b'{"rendered_from":"%s"}' % stamp.encode()
        keep = Kept(stamp, lambda glance: state_of_now(), body, request.scope["route"])
        app.state.shelf.keep(ONE, request, keep)
        return {"rendered_from": stamp}

    return TestClient(app), rendered


@pytest.mark.parametrize("waits", [False, True])
def test_a_request_is_answered_as_before_until_something_changes(waits: bool):
    state = ["first"]
    client, rendered = small(lambda: state[0], waits=waits)

    answers = [client.get("/v1/list").json() for _ in range(3)]
    state[0] = "second"
    answers += [client.get("/v1/list").json() for _ in range(2)]

    assert answers == [{"rendered_from": "first"}] * 3 + [{"rendered_from": "second"}] * 2
    assert rendered == ["first", "second"]


def test_a_search_finds_what_has_been_posted_since_it_was_answered(client_as: ClientAs):
    path = "/achievements?q=shelfword&limit=5"
    office = client_as("office")

    assert office.get(path).json()["items"] == office.get(path).json()["items"] == []
    posted = office.post(
        "/achievements", json={"title": "shelfword 轴承在线检测", "status": "published"}
    ).json()

    found = eventually(lambda: office.get(path).json()["items"])
    assert [item["id"] for item in found] == [posted["id"]]
    assert [item["id"] for item in client_as("broker").get(path).json()["items"]] == [posted["id"]]


def test_a_page_that_was_answered_shows_no_more_what_was_withdrawn(client_as: ClientAs):
    path = "/achievements?limit=3&sort=-created_at"
    office, rival = client_as("office"), client_as("rival")
    posted = office.post(
        "/achievements", json={"title": "撤回前可见", "status": "published"}
    ).json()
    for _ in range(2):
        assert posted["id"] in [item["id"] for item in rival.get(path).json()["items"]]

    step = {"step": "withdraw", "reason": "误发"}
    assert office.post(f"/achievements/{posted['id']}/steps", json=step).status_code == 200

    assert posted["id"] not in [item["id"] for item in rival.get(path).json()["items"]]
