"""Which operations go on from the answer of another one: the ``links`` of the OpenAPI."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MATCH = {
    "need": "$request.path.need_id",
    "achievement": "$response.body#/matches/0/document_id",
}
TOKEN = {"refresh_token": "$response.body#/refresh_token"}


@dataclass(frozen=True, slots=True)
class Follow:
    """Operations that take the same thing from one answer.

    Attributes:
        source: Operation that answered.
        targets: Operations that go on from there.
        parameters: Runtime expressions by the name of the targets' parameter.
        body: Runtime expressions by the field of the targets' body.
        etag: Whether the targets ask for the answer's ETag in If-Match.
    """

    source: str
    targets: tuple[str, ...]
    parameters: Mapping[str, str]
    body: Mapping[str, str] | None = None
    etag: bool = False


def _of(source: str, parameter: str, field: str, *targets: str) -> Follow:
    return Follow(source, targets, {parameter: f"$response.body#/{field}"})


def _etag(source: str, parameters: Mapping[str, str], *targets: str) -> Follow:
    return Follow(source, targets, parameters, etag=True)


def _of_postings(one: str, many: str) -> Iterator[Follow]:
    described = (f"read_{one}", f"list_{one}_events", f"read_{one}_mask", f"write_{one}_mask")
    yield _of(f"create_{one}", "posting_id", "id", *described, f"step_{one}", f"purge_{one}")
    yield _of(f"list_{many}", "posting_id", "items/0/id", *described, f"step_{one}")
    for source, field in ((f"create_{one}", "id"), (f"list_{many}", "items/0/id")):
        yield _of(source, f"{one}_id", field, f"list_{one}_matches")
    for source in (f"create_{one}", f"read_{one}"):
        yield _etag(source, {"posting_id": "$response.body#/id"}, f"update_{one}")
    yield _of(f"step_{one}", "posting_id", "id", f"read_{one}", f"purge_{one}")


FOLLOWS = (
    *_of_postings("need", "needs"),
    *_of_postings("achievement", "achievements"),
    Follow("list_need_matches", ("create_case", "create_decision"), {}, MATCH),
    Follow("list_need_matches", ("list_runs",), {"need": "$request.path.need_id"}),
    _of("list_need_matches", "posting_id", "matches/0/document_id", "read_achievement"),
    _of("list_runs", "run_id", "items/0/id", "read_run"),
    _of("create_case", "case_id", "id", "read_case", "move_case", "assign_case"),
    _of("create_case", "case_id", "id", "create_case_note", "create_case_file"),
    _of("list_cases", "case_id", "items/0/id", "read_case", "list_case_events", "list_case_files"),
    _etag("read_case", {"case_id": "$response.body#/id"}, "update_case"),
    Follow(
        "create_case_file",
        ("read_case_file",),
        {"case_id": "$request.path.case_id", "file_id": "$response.body#/id"},
    ),
    _of("create_expert", "expert_id", "id", "read_expert"),
    _etag("create_expert", {"expert_id": "$response.body#/id"}, "update_expert"),
    _of("create_organization", "organization_id", "id", "read_organization"),
    _etag("create_organization", {"organization_id": "$response.body#/id"}, "update_organization"),
    _of("create_user", "user_id", "user/id", "read_user", "disable_user", "enable_user"),
    _of("create_user", "user_id", "user/id", "invite_user"),
    _of("create_user", "token", "token", "accept_link"),
    _of("invite_user", "token", "token", "accept_link"),
    _etag("read_user", {"user_id": "$response.body#/id"}, "update_user"),
    _of("list_users", "user_id", "items/0/id", "read_user"),
    _etag("read_me", {}, "update_me"),
    _of("create_my_key", "key_id", "id", "revoke_my_key"),
    Follow("sign_in", ("refresh_session",), {}, TOKEN),
    Follow("refresh_session", ("refresh_session",), {}, TOKEN),
    _etag("read_subscription", {}, "write_subscription"),
    _of("list_inbox", "item_id", "items/0/id", "read_inbox_item"),
    _of("create_webhook", "hook_id", "id", "read_webhook", "test_webhook", "end_webhook"),
    _of("create_webhook", "hook_id", "id", "list_webhook_deliveries"),
    _of("list_chains", "chain_id", "items/0/id", "read_chain", "read_chain_map"),
    _of("create_pairing", "version", "version", "read_pairing", "freeze_pairing"),
    Follow(
        "create_pairing",
        ("compare_pairings",),
        {"version": "$response.body#/version", "other": "$response.body#/version"},
    ),
    _of("order_pairing", "job_id", "id", "read_job", "cancel_job"),
    _of("create_job", "job_id", "id", "read_job", "cancel_job", "retry_job"),
    _of("create_import", "import_id", "id", "read_import", "read_import_problems"),
    _of("create_import", "import_id", "id", "confirm_import"),
    _of("confirm_import", "job_id", "job", "read_job"),
    _of("create_export", "export_id", "id", "read_export", "read_export_file"),
)


def links_of(source: str) -> dict[str, dict[str, Any]]:
    """The links of an operation's success answer, by a name of their own."""
    links: dict[str, dict[str, Any]] = {}
    for follow in FOLLOWS:
        if follow.source != source:
            continue
        parameters = dict(follow.parameters)
        if follow.etag:
            parameters["header.If-Match"] = "$response.header.ETag"
        for target in follow.targets:
            link: dict[str, Any] = {"operationId": target, "parameters": parameters}
            if follow.body is not None:
                link["requestBody"] = dict(follow.body)
            links[target] = link
    return links
