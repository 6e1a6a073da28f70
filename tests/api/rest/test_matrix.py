"""Every endpoint × every role × own and others' things × every visibility: who gets what.

Endpoints are found by walking the application; one that is new is tried as well, or fails
until what it needs is written down here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.settings import sqlite_url
from data.policy.actor import PEOPLE, Role
from data.policy.operation import Operation
from data.session import make_engine
from tests.api.rest.conftest import ACTORS, Voice
from tests.api.rest.matrix_world import Target, World, act, endpoints, operation_of, store_secrets
from tests.data.policy import golden

ANONYMOUS = {
    "healthz", "readyz", "metrics", "sign_in", "refresh_session", "accept_link",
    "ask_for_reset", "begin_single_sign_on", "finish_single_sign_on", "front_door", "welcome",
    "/docs", "/docs/oauth2-redirect", "/redoc",
}  # fmt: skip
"""Endpoints that come before anybody is known, or are for machines of the house."""

ABSENT = "k999"
ELSEWHERE = dict.fromkeys(
    (
        "case_id", "file_id", "import_id", "export_id", "hook_id", "run_id", "expert_id", "job_id",
        "user_id", "organization_id", "chain_id", "key_id", "token",
    ),
    ABSENT,
) | {"item_id": "4000000001", "version": "98"}  # fmt: skip
"""Path parameters that stand for nothing."""

FACE = {"title": "求电机降噪", "summary": "永磁电机降噪。", "approve": True}
BODIES: dict[str, dict[str, Any]] = {
    "match_text": {"json": {"text": "永磁电机的高频噪声"}},
    "step_need": {"json": {"step": "restore"}},
    "step_achievement": {"json": {"step": "restore"}},
    "write_need_mask": {"json": FACE},
    "write_achievement_mask": {"json": FACE},
    "update_need": {"json": {"keywords": ["新"]}, "headers": {"if-match": '"stale"'}},
    "update_achievement": {"json": {"keywords": ["新"]}, "headers": {"if-match": '"stale"'}},
    "update_case": {"json": {"next_action": "新"}, "headers": {"if-match": '"stale"'}},
    "update_organization": {"json": {"text": "新"}, "headers": {"if-match": '"stale"'}},
    "update_expert": {"json": {"text": "新"}, "headers": {"if-match": '"stale"'}},
    "move_case": {"json": {"stage": "signed", "value_cny": 1}},
    "create_case_file": {"files": {"file": ("a.pdf", b"%PDF-1.7")}},
    "create_case_note": {"json": {"text": "新"}},
    "write_chain_tags": {"json": {"places": []}},
}
"""What is sent; nothing where a malformed body does, which comes after the rights of a role."""

SEARCHERS = ("enterprise", "rival", "university", "second_broker", "textile_broker")
SUMMARY_ONLY = {"list_case_events", "list_case_files", "read_case_file"}
"""Endpoints of a case that its firm and its university may not use."""

LETTERS = {
    line.split()[0]: dict(zip(PEOPLE, line.split()[1:], strict=True))
    for line in golden.OTHERS.strip().splitlines()
}


@pytest.fixture(scope="module")
def world(rest_home: Path, rest_app: FastAPI) -> Iterator[World]:
    engine: Engine = make_engine(sqlite_url(rest_home))
    stored = store_secrets(engine)
    engine.dispose()
    with TestClient(rest_app, raise_server_exceptions=False) as client:
        act(stored, client)
        yield stored


def ask(world: World, name: str, route: Any, path: str) -> Any:
    method = next(iter(route.methods))
    options = BODIES.get(route.operation_id, {} if method in ("GET", "DELETE") else {"json": {}})
    return Voice(world.client, name).request(method, path.removeprefix("/v1"), **options)


def everything(answer: Any) -> tuple[str, str]:
    return answer.text, str(answer.headers.raw)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def filled(path: str, **values: str) -> str:
    return re.sub(r"{(\w+)(?::path)?}", lambda found: values[found[1]], path)


def parameters(route: Any) -> list[str]:
    return re.findall(r"{(\w+)(?::path)?}", route.path)


def kind_of(route: Any) -> str | None:
    """Which postings the endpoint is about."""
    found = re.match(r"/v1/(need|achievement)s/{", route.path)
    return found[1] if found else None


def step_of(operation: Operation, route: Any) -> Operation:
    return Operation.STEP_RESTORE if route.operation_id.startswith("step_") else operation


def test_every_endpoint_says_what_it_does(rest_app: FastAPI):
    silent = {
        route.operation_id or route.path
        for route in endpoints(rest_app)
        if operation_of(route) is None
    }

    assert silent == ANONYMOUS


def test_every_endpoint_of_a_posting_answers_as_the_table_says(world: World, rest_app: FastAPI):
    cells: Counter[str] = Counter()
    leaks: list[tuple[str, ...]] = []
    for route in endpoints(rest_app):
        kind = kind_of(route)
        if kind is None:
            continue
        operation = operation_of(route)
        assert operation is not None
        (place,) = parameters(route)
        for name in ACTORS:
            absent = ask(world, name, route, filled(route.path, **{place: ABSENT}))
            for target in (t for t in world.targets if t.kind == kind):
                answer = ask(world, name, route, filled(route.path, **{place: target.id}))
                wanted = allowed(route, operation, target, name)
                cell = (route.operation_id, name, target.visibility, target.status)
                if wanted is None:
                    assert code(answer) == code(absent), cell
                    assert answer.status_code in (403, 404), cell
                else:
                    assert answer.status_code in wanted, (*cell, answer.text)
                leaks += [(*cell, word) for word in world.leaked(name, *everything(answer))]
                cells[route.operation_id] += 1

    assert leaks == []
    # whoever may see a word is shown it somewhere; else the search for leaks would find none
    assert world.planted <= world.seen
    assert set(cells.values()) == {len(ACTORS) * 9}
    assert len(cells) == 16


def allowed(route: Any, operation: Operation, target: Target, name: str) -> tuple[int, ...] | None:
    """Statuses that the table allows; None for what is told of a thing that is not there."""
    if target.may(name, Operation(f"{target.kind}.read")) == "-":
        return None
    if route.operation_id.startswith("step_"):
        # restoring asks for a withdrawn one: whoever may is told that this is none
        keepers = {"enterprise" if target.kind == "need" else "university"} | {
            "office",
            "administrator",
        }
        return (409,) if name in keepers else (403,)
    if target.may(name, operation) == "-":
        return (403,)
    return (412,) if route.operation_id.startswith("update_") else (200, 204)


def test_every_other_endpoint_answers_as_the_table_says(world: World, rest_app: FastAPI):
    cells = 0
    leaks = []
    # reading comes first: some of the others end the thing that they are about
    for route in sorted(endpoints(rest_app), key=lambda route: "GET" not in route.methods):
        operation = operation_of(route)
        if kind_of(route) is not None or operation is None:
            continue
        places = parameters(route)
        assert set(places) <= set(world.places), f"who may read a {places}?"
        values = {place: world.places[place][0] for place in places}
        readers = set(ACTORS).intersection(*(world.places[place][1] for place in places))
        for name, actor in ACTORS.items():
            answer = ask(world, name, route, filled(route.path, **values))
            cell = (route.operation_id, name)
            letter = letter_of(operation, actor.role)
            assert answer.status_code < 500, (*cell, answer.text)
            if letter == "-":
                assert answer.status_code == 403, (*cell, answer.text)
            elif places and name not in readers:
                absent = ask(world, name, route, filled(route.path, **values | ELSEWHERE))
                assert answer.status_code in (403, 404, 422), (*cell, answer.text)
                if answer.status_code == 404:
                    assert code(answer) == code(absent), cell
            elif route.operation_id in SUMMARY_ONLY and name in ("enterprise", "university"):
                assert answer.status_code == 403, cell
            elif "GET" in route.methods:
                wanted = (200, 422) if not places else (200,)
                assert answer.status_code in wanted, (*cell, answer.text)
            leaks += [(*cell, word) for word in world.leaked(name, *everything(answer))]
            cells += 1

    assert leaks == []
    assert cells >= 80 * len(ACTORS)


def letter_of(operation: Operation, role: Role) -> str:
    """Of what is about no posting; creating and reading postings is asked for by list."""
    if operation.value in LETTERS:
        return LETTERS[operation.value][role]
    return "y"


@pytest.mark.parametrize("path", ["/needs", "/achievements"])
def test_lists_and_searches_hold_what_may_be_read_and_tell_nothing_more(world: World, path: str):
    kind = path.strip("/")[:-1]
    mine = [target for target in world.targets if target.kind == kind]
    for name in ACTORS:
        voice = Voice(world.client, name)
        pages = [voice.get(path, params={"limit": 200, "sort": s}) for s in ("id", "-updated_at")]
        readable = {t.id for t in mine if t.may(name, Operation(f"{kind}.read")) != "-"}
        for page in pages:
            assert page.json()["next_cursor"] is None
            listed = {item["id"] for item in page.json()["items"]}
            assert listed & {t.id for t in mine} == readable, name
            # what was imported in another test was posted, and the office may read it
            told = [item for item in page.json()["items"] if not item["id"].startswith("新-")]
            assert world.leaked(name, str(told)) == []
        # an open search costs a ranking each time; these stand for every line of the table
        for target in mine if name in SEARCHERS else ():
            found = voice.get(path, params={"q": world.titles[target.id]}).json()["items"]
            whole = target.may(name, Operation(f"{kind}.read")) == "F"
            assert [item["id"] for item in found] == [target.id] * whole, (name, target)


@pytest.mark.parametrize("who", ["rival", "second_broker", "other_university"])
@pytest.mark.parametrize("narrow", [{"organization": "e-nev-1"}, {"county": "yongkang"}])
def test_narrowing_a_list_does_not_tell_whose_a_masked_need_is(world: World, who: str, narrow):
    masked = world.target("need", "masked").id
    voice = Voice(world.client, who)

    everything_ = voice.get("/needs", params={"limit": 200}).json()["items"]
    narrowed = voice.get("/needs", params={"limit": 200} | narrow).json()["items"]

    assert masked in {item["id"] for item in everything_}
    assert masked not in {item["id"] for item in narrowed}


def test_no_answer_joins_a_masked_posting_to_its_organisation(world: World, rest_app: FastAPI):
    """Whatever is said of it in any list, match or run, the firm's id does not stand beside."""
    owners = {"need": "e-nev-1", "achievement": "u-01"}
    masked = [t for t in world.targets if t.visibility == "masked"]
    cells = 0
    for route in endpoints(rest_app):
        if "GET" not in route.methods or operation_of(route) is None:
            continue
        places = parameters(route)
        values = {place: world.places[place][0] for place in places if place in world.places}
        paths = [filled(route.path, **values)] if len(values) == len(places) else [
            filled(route.path, **{places[0]: t.id}) for t in world.targets
        ]  # fmt: skip
        for name in ACTORS:
            hidden = {
                target.id: owners[target.kind]
                for target in masked
                if target.may(name, Operation(f"{target.kind}.read")) != "F"
            }
            for path in paths if hidden else ():
                answer = ask(world, name, route, path)
                if "json" not in answer.headers.get("content-type", ""):
                    continue
                for found in dicts(answer.json()):
                    joined = {v for v in found.values() if isinstance(v, str)} & hidden.keys()
                    told = {hidden[one] for one in joined}
                    assert found.get("organization") not in told, (path, name)
                    cells += 1

    assert cells > 1000


def dicts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a JSON value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from dicts(inner)
