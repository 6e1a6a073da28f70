"""The ranker that ships with the program, and how a ranker's text is written and read.

The text is for people to read, not to write: it carries a digest, and one that was edited
is refused, since figures that nobody measured would pass for measured ones.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from matcher.errors import BadRanker
from matcher.ranker import Ranker

FILE = "ranker.json"


@lru_cache(maxsize=1)  # asked for with every question, and the package does not change
def default_ranker() -> Ranker | None:
    """The packaged ranker; None where the program was built without one.

    Raises:
        BadRanker: the file was altered into something that cannot be used.
    """
    path = files("data.reference") / FILE
    return read_ranker(path.read_text(encoding="utf-8")) if path.is_file() else None


def read_ranker(text: str) -> Ranker:
    """A ranker from its JSON text.

    Raises:
        BadRanker: it is no JSON, of another version, edited by hand, or names or holds
            what cannot be.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRanker("不是 JSON", "it is not JSON") from error
    ranker = Ranker.from_json(plain)
    if plain.get("digest") != _digest(plain):
        raise BadRanker("内容被改动过", "it was edited by hand, its digest does not fit")
    return ranker


def ranker_text(ranker: Ranker) -> str:
    """The JSON text of a ranker, for people to read and ``read_ranker`` to take."""
    plain = ranker.as_json()
    signed = plain | {"digest": _digest(plain)}
    return json.dumps(signed, ensure_ascii=False, indent=2) + "\n"


def _digest(plain: Mapping[str, Any]) -> str:
    """Of everything but the digest itself, whatever the order and the white space."""
    content = {name: value for name, value in plain.items() if name != "digest"}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()
