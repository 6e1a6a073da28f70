"""The OpenAPI: valid, whole, in both languages, with examples that fit."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from api.rest.app import create_app
from api.rest.openapi import GUARDED, OPEN
from api.rest.openapi_links import FOLLOWS
from api.service_settings import ServiceSettings
from api.settings import Settings, sqlite_url

Json = dict[str, Any]

FROM_THE_GATE = {"400", "413", "414", "431"}
"""Problems that any request may meet before its endpoint."""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    home = tmp_path_factory.mktemp("openapi")
    settings = Settings(home=home, database_url=sqlite_url(home), model="")
    return create_app(settings, ServiceSettings()).openapi()


@pytest.fixture(scope="module")
def operations(document: Json) -> dict[str, Json]:
    found = [op for methods in document["paths"].values() for op in methods.values()]
    by_id = {operation["operationId"]: operation for operation in found}
    assert len(by_id) == len(found), "two operations share an operation_id"
    return by_id


def _success(operation: Json) -> Iterator[Json]:
    return (r for status, r in operation["responses"].items() if status.startswith("2"))


def _media(holder: Json) -> Iterator[Json]:
    yield from holder.get("content", {}).values()


def _examples(media: Json, document: Json) -> list[Any]:
    if "example" in media:
        return [media["example"]]
    schema = media["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "example" in schema:
        return [schema["example"]]
    if schema.get("type") == "array":
        return [[one] for one in _examples({"schema": schema["items"]}, document)]
    branches = (_examples({"schema": branch}, document) for branch in schema.get("anyOf", ()))
    return schema.get("examples") or [one for branch in branches for one in branch]


def test_it_is_valid(document: Json):
    schemathesis.openapi.from_dict(document).validate()  # raises what is wrong


def test_every_operation_says_in_both_languages_what_it_does(operations: dict[str, Json]):
    def in_both(summary: str) -> bool:
        zh, _, en = summary.partition(" / ")
        return bool(re.search(r"[\u4e00-\u9fff]", zh)) and bool(re.search(r"[a-z]", en))

    assert [name for name, op in operations.items() if not in_both(op.get("summary", ""))] == []


def test_every_body_and_every_success_has_an_example_that_fits(
    document: Json, operations: dict[str, Json]
):
    lacking, unfit = [], []
    for name, operation in operations.items():
        for holder in (operation.get("requestBody", {}), *_success(operation)):
            for media in _media(holder):
                examples = _examples(media, document)
                if not examples:
                    lacking.append(name)
                schema = {**media["schema"], "components": document["components"]}
                validator = jsonschema_rs.validator_for(schema)
                unfit += [(name, str(e)) for one in examples for e in validator.iter_errors(one)]

    assert lacking == []
    assert unfit == []


def test_problems_are_declared_and_are_problems(operations: dict[str, Json]):
    for name, operation in operations.items():
        problems = {s: r for s, r in operation["responses"].items() if s[0] in "45"}
        assert set(problems) >= FROM_THE_GATE, name
        if name not in OPEN:
            assert set(problems) >= {"401", "403"}, name
        for status, response in problems.items():
            kinds = {"application/json"} if (name, status) == ("readyz", "503") else _PROBLEM
            assert set(response["content"]) == kinds, (name, status)


_PROBLEM = {"application/problem+json"}


def test_what_needs_a_sign_in_says_so_and_changes_ask_for_the_etag(operations: dict[str, Json]):
    assert {name for name, op in operations.items() if not op.get("security")} == OPEN
    asking = {
        name
        for name, op in operations.items()
        if any(p["name"] == "If-Match" and p["required"] for p in op["parameters"])
    }
    assert asking == GUARDED


def test_keys_for_repetition_are_offered_on_posts_alone(document: Json):
    for methods in document["paths"].values():
        for method, operation in methods.items():
            named = {p["name"].lower() for p in operation["parameters"]}
            assert "idempotency-key" not in named or method == "post"


def test_links_lead_from_known_operations_to_parameters_that_exist(operations: dict[str, Json]):
    for follow in FOLLOWS:
        assert follow.source in operations
        for target in follow.targets:
            taken = {p["name"] for p in operations[target]["parameters"]}
            assert set(follow.parameters) <= taken, (follow.source, target)
            assert not follow.etag or target in GUARDED
    shown = {
        link for op in operations.values() for r in _success(op) for link in r.get("links", ())
    }
    assert shown == {target for follow in FOLLOWS for target in follow.targets}


def test_it_is_served_as_it_is_described(document: Json, tmp_path: Path):
    settings = Settings(home=tmp_path, database_url=sqlite_url(tmp_path), model="")
    app = create_app(settings, ServiceSettings())
    assert app.openapi() == document == app.openapi()


def test_every_group_of_operations_is_introduced(document: Json, operations: dict[str, Json]):
    used = {tag for operation in operations.values() for tag in operation["tags"]}

    assert {tag["name"] for tag in document["tags"]} == used
