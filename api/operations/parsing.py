"""Threads parse Python in turn, where the interpreter cannot bear that they do it at once.

CPython 3.11 before 3.11.8 keeps the depth of the syntax tree under construction once for all
threads (gh-106905): of two that parse at the same time one may end in a ``SystemError``.
A server's threads do parse: NumPy the head of every array file that it opens, and the
standard library the lines of a traceback for the log.
"""

import ast
import sys
from threading import RLock
from typing import Any

_MENDED_IN = (3, 11, 8)

_parse = ast.parse
_turn = RLock()


def parse_in_turn() -> None:
    """Lets one thread at a time into ``ast.parse``; nothing changes on a mended interpreter."""
    if sys.version_info < _MENDED_IN:
        ast.parse = _parsed_in_turn


def _parsed_in_turn(*args: Any, **options: Any) -> Any:
    with _turn:
        return _parse(*args, **options)
