"""What is refused before an endpoint sees it."""

from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from api.rest.limits import Gate, Limits, is_loopback


@pytest.fixture
def seen() -> list[int]:
    """Lengths of the bodies that reached the endpoint."""
    return []


@pytest.fixture
def app(seen: list[int]) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/needs")
    async def post(request: Request) -> dict[str, int]:
        seen.append(len(await request.body()))
        return {"length": seen[-1]}

    app.add_api_route("/v1/imports", post, methods=["POST"])
    app.add_api_route("/v1/cases/{case}/files", post, methods=["POST"])
    app.add_api_route("/", lambda: {"ok": True}, methods=["GET"])
    return app


def client_of(app: FastAPI, **limits: Any) -> TestClient:
    app.add_middleware(Gate, limits=Limits(**{"body": 100, "upload": 1000} | limits))
    return TestClient(app)


def chunks(count: int, size: int = 60) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * size


def test_a_body_within_the_limit_arrives_whole(app: FastAPI, seen: list[int]):
    answer = client_of(app).post("/v1/needs", content=b"x" * 100)

    assert (answer.status_code, seen) == (200, [100])


def test_a_body_that_says_it_is_too_long_is_not_read_at_all(app: FastAPI, seen: list[int]):
    answer = client_of(app).post("/v1/needs", content=b"x" * 101)

    assert (answer.status_code, answer.json()["code"], seen) == (413, "body-too-large", [])


def test_a_body_that_grows_too_long_is_refused_on_the_way(app: FastAPI, seen: list[int]):
    answer = client_of(app).post("/v1/needs", content=chunks(5))

    assert (answer.status_code, answer.json()["code"], seen) == (413, "body-too-large", [])


def test_a_body_in_parts_within_the_limit_arrives_whole(app: FastAPI, seen: list[int]):
    answer = client_of(app).post("/v1/needs", content=chunks(1))

    assert (answer.status_code, seen) == (200, [60])


def test_reading_stops_where_the_limit_is_passed(app: FastAPI):
    read = 0

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 60, "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/needs", "raw_path": b"/v1/needs",
        "query_string": b"", "headers": [], "client": ("192.0.2.7", 1), "state": {},
    }  # fmt: skip
    client_of(app)
    anyio.run(app, scope, receive, send)

    assert read == 2
    assert [m["status"] for m in sent if m["type"] == "http.response.start"] == [413]


@pytest.mark.parametrize("path", ["/v1/imports", "/v1/cases/c1/files"])
def test_uploads_may_be_larger(app: FastAPI, path: str):
    client = client_of(app)

    assert client.post(path, content=b"x" * 1000).status_code == 200
    assert client.post(path, content=b"x" * 1001).status_code == 413


@pytest.mark.parametrize("path", ["/v1/importsx", "/v1/cases/c1/notes", "/v1/v1/imports"])
def test_a_path_that_only_looks_like_an_upload_has_the_small_limit(app: FastAPI, path: str):
    assert client_of(app).post(path, content=b"x" * 101).status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 30, "1e3", "١٠١"])
def test_a_nonsensical_length_does_no_harm(app: FastAPI, length: str):
    headers = {"content-length": length.encode()}

    answer = client_of(app).post("/v1/needs", content=b"x", headers=headers)

    assert answer.status_code in (200, 413)


def test_an_overlong_address_is_refused(app: FastAPI):
    answer = client_of(app).get("/?q=" + "x" * 9000)

    assert (answer.status_code, answer.json()["code"]) == (414, "url-too-long")


def test_overlarge_headers_are_refused(app: FastAPI):
    answer = client_of(app).get("/", headers={"x-much": "x" * 40_000})

    assert (answer.status_code, answer.json()["code"]) == (431, "headers-too-large")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("yilian.example", 200), ("YILIAN.example:8443", 200), ("evil.example", 400),
        ("", 400), ("localhost", 400), ("yilian.example.evil.example", 400), ("[::1]:80", 400),
    ],
)  # fmt: skip
def test_only_the_names_of_the_service_are_answered_to(app: FastAPI, host: str, status: int):
    client = client_of(app, hosts=("yilian.example",))

    assert client.get("/", headers={"host": host}).status_code == status


def test_a_probe_on_the_machine_itself_needs_no_name(app: FastAPI):
    client_of(app, hosts=("yilian.example",))
    here = TestClient(app, client=("127.0.0.1", 50000))

    assert here.get("/", headers={"host": "127.0.0.1:8000"}).status_code == 200
    assert here.get("/", headers={"host": "evil.example"}).status_code == 400


def test_browsers_are_told_to_stay_with_https_where_there_is_https(app: FastAPI):
    answer = client_of(app, https=True).get("/")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_refusals_bear_the_careful_headers_too(app: FastAPI):
    answer = client_of(app).post("/v1/needs", content=b"x" * 101)

    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_endpoint_may_say_more_about_its_content(app: FastAPI):
    from fastapi import Response

    own = {"content-security-policy": "default-src 'self'; frame-ancestors 'none'"}
    app.add_api_route("/page", lambda: Response("x", headers=own), methods=["GET"])

    answer = client_of(app).get("/page")

    assert answer.headers.get_list("content-security-policy") == list(own.values())


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        ("127.0.0.1", [], True), ("127.9.9.9", [], True), ("::1", [], True),
        ("192.0.2.7", [], False), ("testclient", [], False),
        ("127.0.0.1", [(b"x-forwarded-for", b"192.0.2.7")], False),
        ("127.0.0.1", [(b"forwarded", b"for=192.0.2.7")], False),
    ],
)  # fmt: skip
def test_what_comes_from_this_very_machine(
    address: str, headers: list[tuple[bytes, bytes]], expected: bool
):
    assert is_loopback({"client": (address, 1), "headers": headers}) is expected


def test_a_request_over_a_socket_file_is_from_nowhere():
    assert is_loopback({"client": None, "headers": []}) is False
