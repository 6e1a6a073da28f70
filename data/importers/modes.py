"""Forms of cooperation from cells, in the words of offers and of technology contracts.

The Civil Code (民法典, articles 843 to 887) knows contracts of development, transfer, licence,
consulting and service. Development is commissioned or joint (article 851), and a cell that
leaves open which means either; service has no form of its own here and counts as consulting,
with which it shares a chapter section.
"""

import re

from data.importers import parse
from data.importers.choices import MODES
from matcher.types import CooperationMode

_ONE = parse.choice_parser(MODES)
_DEVELOPMENT = (CooperationMode.COMMISSIONED_DEVELOPMENT, CooperationMode.JOINT_DEVELOPMENT)
_EITHER = {
    parse.fold(word): _DEVELOPMENT
    for word in ("技术开发", "技术研发", "开发", "研发", "technology development", "development")
}
_ANY = frozenset(map(parse.fold, ("不限", "均可", "都可", "皆可", "面议", "待定", "any")))
_BETWEEN = re.compile(r"[/／+＋]|或者?|以及|[及和与]")
_ENDING = re.compile(r"(?:合同|协议)$")


def parse_modes(value: object) -> tuple[CooperationMode, ...]:
    """Every form that the cell names, each once; none where it says that any will do.

    Raises:
        BadCell: an unknown word; the advice names the known ones.
    """
    words = [word for label in parse.parse_labels(value) for word in _BETWEEN.split(label)]
    named = [word for word in map(_bare, words) if word and parse.fold(word) not in _ANY]
    return tuple(dict.fromkeys(mode for word in named for mode in _modes(word)))


def parse_mode(value: object) -> CooperationMode:
    """The one form of a cooperation; development that is not told more closely is commissioned.

    Raises:
        BadCell: an unknown word; the advice names the known ones.
    """
    return _modes(_bare(parse.parse_line(value)))[0]


def _modes(word: str) -> tuple[CooperationMode, ...]:
    return _EITHER.get(parse.fold(word)) or (_ONE(word),)


def _bare(word: str) -> str:
    return _ENDING.sub("", word.strip())
