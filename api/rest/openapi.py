"""The OpenAPI as it is served: what FastAPI finds in the code, and what only we know.

That is how callers sign in, which headers travel beside the bodies, what problems look like,
and where to go on from an answer.
"""

from typing import Any

from fastapi import FastAPI

from api.rest.guide import ABOUT, TAGS
from api.rest.identity import SESSION_COOKIE
from api.rest.openapi_links import links_of
from api.rest.problems import MEDIA_TYPE

Json = dict[str, Any]

OPEN = frozenset(
    (
        "healthz",
        "readyz",
        "sign_in",
        "refresh_session",
        "accept_link",
        "ask_for_reset",
        "begin_single_sign_on",
        "finish_single_sign_on",
    )
)
"""Operations for those who have not signed in."""

GUARDED = frozenset(
    (
        "update_need",
        "update_achievement",
        "update_case",
        "update_expert",
        "update_organization",
        "update_user",
        "update_me",
        "write_subscription",
    )
)
"""Operations that ask for the ETag of what they change."""

_SCHEMES: Json = {
    "token": {"type": "http", "scheme": "bearer", "description": "access token or API key"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "page": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "读到的 ETag / the ETag that was read",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "example": '"3"',
}
_ETAG: Json = {
    "description": "修改时放入 If-Match / for If-Match of a change",
    "schema": {"type": "string"},
    "example": '"3"',
}
_LOCATION: Json = {
    "description": "新资源的地址 / where the new thing is",
    "required": True,
    "schema": {"type": "string"},
    "example": "/v1/needs/n-001",
}
_RETRY_AFTER: Json = {
    "description": "秒 / seconds to wait",
    "schema": {"type": "integer", "minimum": 0},
    "example": 5,
}


def install(app: FastAPI) -> None:
    """Has the application serve its OpenAPI with all that ``described`` adds."""
    found = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = described(found())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI documents it


def described(document: Json) -> Json:
    """The document, completed in place."""
    schemas: Json = document["components"]["schemas"]
    for schema in schemas.values():
        for example in _examples(schema):
            _fill_in_nulls(example, schema, schemas)
    _give_lists_examples(schemas)
    document["components"]["securitySchemes"] = _SCHEMES
    document["info"]["description"] = ABOUT
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _describe(method, operation)
    return document


def _describe(method: str, operation: Json) -> None:
    name: str = operation["operationId"]
    if name not in OPEN:
        operation["security"] = [{scheme: []} for scheme in _SCHEMES]
    parameters: list[Json] = operation.get("parameters", [])
    if method != "post":
        # the dependency that reads it is that of every endpoint
        parameters = [p for p in parameters if p["name"] != "idempotency-key"]
    if name in GUARDED:
        parameters.append(_IF_MATCH)
    operation["parameters"] = parameters
    for status, response in operation["responses"].items():
        if MEDIA_TYPE in response.get("content", {}):
            response["content"].pop("application/json", None)
        if status in ("429", "503"):
            response.setdefault("headers", {})["Retry-After"] = _RETRY_AFTER
        if status.startswith("2"):
            _describe_success(name, status, response)


def _describe_success(name: str, status: str, response: Json) -> None:
    headers: Json = {}
    if status == "201":
        headers["Location"] = _LOCATION
    if _is_tagged(response):
        headers["ETag"] = _ETAG
    if headers:
        response["headers"] = headers | response.get("headers", {})
    if links := links_of(name):
        response["links"] = links


def _is_tagged(response: Json) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    shown: str = schema.get("$ref", "").rpartition("/")[2]
    return shown in _TAGGED


_TAGGED = frozenset(
    (
        "NeedShown",
        "AchievementShown",
        "MaskShown",
        "CaseShown",
        "ExpertShown",
        "OrganizationShown",
        "UserShown",
        "SubscriptionShown",
    )
)


def _examples(schema: Json) -> list[Any]:
    return [schema["example"]] if "example" in schema else list(schema.get("examples", ()))


def _fill_in_nulls(value: Any, schema: Json, schemas: Json) -> None:
    """Gives an example its empty fields back, which FastAPI leaves out of the document."""
    schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    if isinstance(value, list):
        for one in value:
            _fill_in_nulls(one, schema.get("items", {}), schemas)
    elif isinstance(value, dict):
        for branch in schema.get("anyOf", ()):
            _fill_in_nulls(value, branch, schemas)
        for name, field in schema.get("properties", {}).items():
            if name in value:
                _fill_in_nulls(value[name], field, schemas)
            elif name in schema.get("required", ()):
                value[name] = None


def _give_lists_examples(schemas: Json) -> None:
    """A page shows the example of what it lists."""
    for schema in schemas.values():
        items = schema.get("properties", {}).get("items", {}).get("items", {})
        listed = schemas.get(items.get("$ref", "").rpartition("/")[2], {})
        examples = _examples(listed)
        if examples and not _examples(schema):
            schema["examples"] = [{"items": examples[:1], "next_cursor": None}]
