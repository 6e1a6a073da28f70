"""Everything that one account can read, asked for and searched for what it must not see."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from httpx2 import Client, Response

_ID_OF = {
    "need_id": "need",
    "achievement_id": "achievement",
    "case_id": "case",
    "file_id": "file",
    "organization_id": "organization",
    "expert_id": "expert",
    "user_id": "user",
    "import_id": "import",
    "export_id": "export",
    "job_id": "job",
    "run_id": "run",
    "hook_id": "webhook",
    "chain_id": "chain",
    "version": "plan",
}
"""What stands in a path; a parameter that is not known here fails the sweep."""

_FINE = (200, 302, 303, 401, 403, 404, 409, 422)


class Sweep:
    """Asks every GET endpoint, with every id that has come up and every filter that could tell.

    Attributes:
        secrets: Words that must not stand in any answer.
        firm: Words for the firm, and
        need: for its need; they must not stand in one answer.
        ids: Known ids by kind.
    """

    def __init__(self, openapi: dict[str, Any]) -> None:
        self.secrets: list[str] = []
        self.firm: list[str] = []
        self.need: list[str] = []
        self.ids: dict[str, list[str]] = defaultdict(list)
        self.asked = 0
        self._reads = {
            path: methods["get"] for path, methods in openapi["paths"].items() if "get" in methods
        }

    def run(
        self, client: Client, headers: dict[str, str], *, known: Sequence[str], guessing: bool
    ) -> list[str]:
        """What an account is told that it should not be; empty when all is well.

        Args:
            client: Of the service.
            headers: Of the account.
            known: Secrets that it may know.
            guessing: Whether lists are also searched for what the account should not know.
        """
        found = []
        for path, query in self._requests(guessing):
            answer = client.get(path, params=query, headers=headers)
            self.asked += 1
            found += [f"GET {path} {query}: {what}" for what in self._wrong(query, answer, known)]
        return found

    def _requests(self, guessing: bool) -> Iterator[tuple[str, dict[str, Any]]]:
        for path, operation in self._reads.items():
            parameters = operation.get("parameters", [])
            names = [p["name"] for p in parameters if p["in"] == "path"]
            queries = {p["name"] for p in parameters if p["in"] == "query"}
            for values in product(*(self._ids_for(name, path) for name in names)):
                yield path.format(**dict(zip(names, values, strict=True))), {}
            for name, value in self._guesses() if guessing and not names else ():
                if name in queries:
                    yield path, {name: value}

    def _ids_for(self, name: str, path: str) -> list[str]:
        if name == "posting_id":
            kind = "need" if path.startswith("/v1/needs") else "achievement"
        else:
            kind = _ID_OF[name]
        return self.ids[kind] or ["1"]

    def _guesses(self) -> Iterator[tuple[str, str]]:
        """Filters by which a hidden word could be guessed."""
        yield from (("q", secret) for secret in self.secrets[:3])
        yield from (("q", name) for name in self.firm)
        yield from (("organization", organization) for organization in self.ids["organization"])
        yield "county", "kaifaqu"

    def _wrong(
        self, query: dict[str, Any], answer: Response, known: Sequence[str]
    ) -> Iterator[str]:
        if answer.status_code not in _FINE:
            yield f"answers {answer.status_code}"
        told = answer.text + "".join(f"{k}: {v}" for k, v in answer.headers.items())
        hidden = [secret for secret in self.secrets if secret not in known]
        yield from (f"tells {secret!r}" for secret in hidden if _holds(told, secret))
        needs = [word for word in self.need if word in told]
        firms = [word for word in self.firm if word in told]
        if needs and firms:
            yield f"names {firms[0]!r} beside {needs[0]!r}"
        if needs and query:
            yield f"finds {needs[0]!r} by what its summary hides"


def _holds(told: str, secret: str) -> bool:
    """Whether the words stand there; a number only as itself, not within another."""
    if not secret.isdecimal():
        return secret in told
    return re.search(rf"(?<![\d.]){secret}(?!\d)", told) is not None
