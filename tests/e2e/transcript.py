"""What was said in a run, as a page that reads the same after the next run."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_LONGEST = 90
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?|\d{8}-\d{6}")
_HEAD = """\
# The three stories, as they run

An enterprise posts a masked need, a university submits an achievement from Excel, a broker
brings them together. Everything below was said by `yilian serve` to `tests/e2e`, which plays
the stories over HTTP with real accounts; answers are cut to the fields that matter, and ids and
times stand for those of one run. After every change an account of a rival firm asks every GET
endpoint for what it should not see, and is told none of it. All names are invented.

The page is written by that test, and the test fails where the page says something else.
To write it anew:

```
YILIAN_WRITE_STORIES=1 python -m pytest tests/e2e
```
"""


class Transcript:
    """Commands, requests and answers in the order in which they were made."""

    def __init__(self) -> None:
        self._parts = [_HEAD]
        self._names: dict[str, str] = {}

    def name(self, value: str, stands_for: str) -> None:
        """Has a value that differs from run to run shown by a name."""
        self._names[value] = f"<{stands_for}>"

    def chapter(self, title: str) -> None:
        self._parts.append(f"## {title}\n")

    def say(self, text: str) -> None:
        self._parts.append(f"{text}\n")

    def command(self, line: str, output: str) -> None:
        self._parts.append(f"```console\n$ {line}\n{output.strip()}\n```\n")

    def exchange(
        self,
        who: str,
        request: str,
        body: Any,
        status: int,
        answer: Mapping[str, Any] | None,
    ) -> None:
        """One request with its answer.

        Args:
            who: Whose account asks.
            request: Method and path.
            body: What was sent, None for nothing.
            status: Of the answer.
            answer: The fields of it that are worth telling.
        """
        lines = [f"{request}    # {who}"]
        if body is not None:
            lines.append(_json(body))
        lines.append(f"→ {status}" + ("" if answer is None else f" {_json(answer)}"))
        self._parts.append("```text\n" + "\n".join(lines) + "\n```\n")

    def text(self) -> str:
        """The whole page, with what is volatile replaced."""
        page = "\n".join(self._parts)
        for value in sorted(self._names, key=len, reverse=True):
            page = page.replace(value, self._names[value])
        return _TIME.sub("<time>", page)


def cut(answer: Any, fields: Iterable[str]) -> dict[str, Any]:
    """Some fields of an answer; ``a.b`` for ``b`` within ``a`` or within each of its items."""
    kept: dict[str, Any] = {}
    for field in fields:
        _copy(answer, field.split("."), kept)
    return kept


def _copy(source: Any, path: list[str], target: dict[str, Any]) -> None:
    first, *rest = path
    value = source[first]
    if not rest or value is None:
        target[first] = value
    elif isinstance(value, list):
        kept = target.setdefault(first, [{} for _ in value])
        for item, into in zip(value, kept, strict=True):
            _copy(item, rest, into)
    else:
        _copy(value, rest, target.setdefault(first, {}))


def _json(value: Any) -> str:
    plain = json.dumps(_short(value), ensure_ascii=False)
    if len(plain) <= 100:
        return plain
    return json.dumps(_short(value), ensure_ascii=False, indent=2)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
    if isinstance(value, Mapping):
        return {name: _short(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    return value
