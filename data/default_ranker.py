"""The ranker that ships with the program, and how a ranker's text is read."""

import json
from functools import lru_cache
from importlib.resources import files

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
        BadRanker: it is no JSON, of another version, or names or holds what cannot be.
    """
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRanker("不是 JSON", "it is not JSON") from error
    return Ranker.from_json(plain)


def ranker_text(ranker: Ranker) -> str:
    """The JSON text of a ranker, for people to read and ``read_ranker`` to take."""
    return json.dumps(ranker.as_json(), ensure_ascii=False, indent=2) + "\n"
