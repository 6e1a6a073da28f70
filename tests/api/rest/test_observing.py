"""Request ids, the access log and the figures, around a small application."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from api.operations.logs import configure_logs
from api.operations.metrics import Metrics
from api.rest.observing import Observer


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process would write to standard error, as JSON."""
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    configure_logs(form="json", level="info", target=stream)
    yield stream
    root.handlers, root.level = before


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def small_app(metrics: Metrics) -> FastAPI:
    app = FastAPI()

    @app.get("/work/{item}")
    def work(item: str) -> dict[str, str]:
        logging.getLogger("yilian.work").info("working")
        return {"item": item}

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("password=hunter2 in a defect")

    @app.get("/half")
    def half() -> StreamingResponse:
        def parts() -> Iterator[str]:
            yield "one"
            raise RuntimeError("no second part")

        return StreamingResponse(parts())

    @app.get("/links/{token}")
    def link(token: str) -> None:
        """A one-time link."""

    app.add_middleware(Observer, metrics=metrics)
    return app


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def client(metrics: Metrics) -> TestClient:
    return TestClient(small_app(metrics))


def test_lines_written_while_answering_bear_the_id_of_the_request(
    client: TestClient, log: io.StringIO
):
    client.get("/work/w1", headers={"x-request-id": "r-1"})
    logging.getLogger("yilian.work").info("later")

    found = {line["event"]: line.get("request_id") for line in lines(log)}
    assert found["working"] == found["request"] == "r-1"
    assert found["later"] is None


def test_the_query_stays_out_of_the_log(client: TestClient, log: io.StringIO):
    client.get("/work/w1?token=geheim&q=abc")

    assert "geheim" not in log.getvalue()
    assert "abc" not in log.getvalue()


def test_a_secret_in_the_path_stays_out_of_the_log(client: TestClient, log: io.StringIO):
    client.get("/links/geheim")

    assert "geheim" not in log.getvalue()
    assert [line["path"] for line in lines(log) if line["event"] == "request"] == ["/links/{token}"]


@pytest.mark.parametrize("path", ["/v1/links/geheim", "/links/geheim/", "/v1//links//geheim/x"])
def test_nor_is_a_link_told_that_never_reached_its_route(
    client: TestClient, log: io.StringIO, path: str
):
    client.post(path, follow_redirects=False)

    assert "geheim" not in log.getvalue()
    assert [line["path"] for line in lines(log)] == [path.replace("geheim", "***")]


def test_a_path_cannot_forge_lines_or_colours(client: TestClient, log: io.StringIO):
    client.get("/x%0Afake%1B[31m")

    (line,) = [line for line in lines(log) if line["event"] == "request"]
    assert line["path"] == "/x%0Afake%1B%5B31m"


def test_a_defect_ends_as_a_problem_that_tells_nothing_but_its_id(
    client: TestClient, log: io.StringIO, metrics: Metrics
):
    answer = client.get("/broken", headers={"x-request-id": "r-9"})

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "r-9"
    assert "defect" not in answer.text
    failed = next(line for line in lines(log) if line["event"] == "a request failed")
    assert failed["request_id"] == "r-9"
    assert "RuntimeError" in str(failed["exception"])
    assert 'route="/broken",status="500"} 1.0' in metrics.text().decode()


def test_an_answer_that_breaks_off_half_way_is_no_whole_answer(
    client: TestClient, log: io.StringIO
):
    with pytest.raises(RuntimeError, match="no second part"):
        client.get("/half")

    assert [line["status"] for line in lines(log) if line["event"] == "request"] == [200]


def test_probes_are_quiet_unless_asked_for(client: TestClient, log: io.StringIO):
    client.get("/healthz")

    assert log.getvalue() == ""


def test_figures_of_two_applications_are_apart(client: TestClient, metrics: Metrics):
    other = Metrics()

    client.get("/work/w1")
    TestClient(small_app(other)).get("/work/w2")

    expected = 'yilian_http_requests_total{method="GET",route="/work/{item}",status="200"} 1.0'
    assert expected in metrics.text().decode()
    assert expected in other.text().decode()


def test_invented_methods_share_one_label(client: TestClient, metrics: Metrics):
    client.request("BREW", "/work/w1")
    client.request("STEEP", "/work/w1")

    text = metrics.text().decode()
    assert 'method="other"' in text
    assert "BREW" not in text
    assert "STEEP" not in text


def test_nothing_is_in_progress_after_the_last_answer(client: TestClient, metrics: Metrics):
    client.get("/work/w1")
    client.get("/broken")

    assert "yilian_http_requests_in_progress 0.0" in metrics.text().decode()


def test_a_figure_that_cannot_be_read_leaves_the_others(metrics: Metrics):
    from data.errors import DatabaseBusy

    def busy() -> dict[str, float]:
        raise DatabaseBusy("y.sqlite")

    metrics.watch("yilian_busy", "Cannot be read", busy)
    metrics.watch("yilian_idle", "Can be read", lambda: {"": 3})

    text = metrics.text().decode()
    assert "yilian_idle 3.0" in text
    assert "yilian_busy 0" not in text


def test_a_figure_can_be_watched_again_after_a_restart(metrics: Metrics):
    metrics.watch("yilian_jobs", "Jobs", lambda: {"done": 1}, label="state")
    metrics.watch("yilian_jobs", "Jobs", lambda: {"done": 2}, label="state")

    assert 'yilian_jobs{state="done"} 2.0' in metrics.text().decode()


@pytest.mark.parametrize(
    "words",
    [
        "GET /v1/links?token=geheim&x=1", "Authorization: Bearer geheim", "code=geheim",
        'password=geheim"',
    ],
)  # fmt: skip
def test_secrets_in_others_lines_are_hidden(log: io.StringIO, words: str):
    logging.getLogger("uvicorn.error").info(words)

    assert "geheim" not in log.getvalue()
    assert "***" in log.getvalue()


def test_facts_named_like_secrets_are_hidden(log: io.StringIO):
    logging.getLogger("x").info("sent", extra={"webhook_secret": "geheim", "to": "b1"})

    (line,) = lines(log)
    assert (line["webhook_secret"], line["to"]) == ("***", "b1")


def test_the_server_logs_through_the_same_place_and_not_every_request_twice(log: io.StringIO):
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("uvicorn.access").info("GET / 200")

    assert [line["event"] for line in lines(log)] == ["Started server process"]
    assert {"timestamp", "level", "logger"} <= set(lines(log)[0])


def test_people_may_read_the_log_as_plain_lines():
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()

    configure_logs(form="console", level="warning", target=stream)
    logging.getLogger("x").warning("磁盘将满", extra={"free_mib": 12})
    logging.getLogger("x").info("not told")
    root.handlers, root.level = before

    assert "磁盘将满" in stream.getvalue()
    assert "free_mib=12" in stream.getvalue()
    assert "not told" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_a_request_leaves_no_context_behind(client: TestClient, log: io.StringIO):
    client.get("/work/w1")

    assert structlog.contextvars.get_contextvars() == {}
