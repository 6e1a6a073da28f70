"""Finding a record by whatever people call it."""

import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

_SUGGESTIONS = 3
_LIKENESS = 0.5  # difflib's ratio: one ideograph of two agrees, one of three does not
_READ_CHARS = 60  # a pasted paragraph is no name, and comparing costs its length squared


def fold(name: str) -> str:
    """Letters, digits and ideographs only, half-width, without case: what two spellings share."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


class NameTable:
    """Maps names to ids, forgiving width, case, blanks and punctuation.

    Args:
        names: Id to every form that stands for it, the id among them.
        hints: Id to further words that suggest it without being its name.
        labels: Id to the name shown to people.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        *,
        hints: Mapping[str, Sequence[str]],
        labels: Mapping[str, str],
    ) -> None:
        self._labels = dict(labels)
        self._id_of: dict[str, str] = {}
        self._hinted: dict[str, list[str]] = {}
        for id_, forms in names.items():
            for form in forms:
                self._id_of.setdefault(fold(form), id_)
            for word in (*forms, *hints.get(id_, ())):
                ids = self._hinted.setdefault(fold(word), [])
                if id_ not in ids:
                    ids.append(id_)

    def find(self, name: str) -> str | None:
        """The id that the name stands for, or None."""
        return self._id_of.get(fold(name))

    def nearest(self, name: str) -> list[str]:
        """Labels of at most three records whose names or hints look like it, best first."""
        close = get_close_matches(
            fold(name[:_READ_CHARS]), self._hinted, n=len(self._hinted), cutoff=_LIKENESS
        )
        ids = dict.fromkeys(id_ for word in close for id_ in self._hinted[word])
        return [self._labels[id_] for id_ in ids][:_SUGGESTIONS]

    def label(self, id_: str) -> str:
        """The name shown to people; an id that is not known is shown as it is."""
        return self._labels.get(id_, id_)
