"""Reading JSON objects that people edit by hand: every complaint says where and what is right."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from data.errors import DataError

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a reference folder.

    Attributes:
        file: Name of the file within the folder.
        place: Where in the file, such as ``chains[0] (nev).position``; empty for all of it.
        zh: What is wrong and what would be right, in Chinese.
        en: The same in English.
    """

    file: str
    place: str
    zh: str
    en: str

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.file, self.place)))
        return f"{where}：{self.zh} / {self.en}"


class BadReference(DataError):
    """A reference folder that cannot be used; ``problems`` lists all there is to mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(
            f"参考资料有 {len(problems)} 处要改正"
            f" / {len(problems)} to mend in the reference folder:{lines}"
        )
        self.problems = tuple(problems)


class Fields:
    """One JSON object, read field by field.

    A field that is missing or wrong is added to ``problems`` and read as an empty value, so
    that one pass finds everything.

    Attributes:
        place: Where the object stands in its file.
    """

    def __init__(self, value: object, *, file: str, place: str, problems: list[Problem]) -> None:
        self.place = place
        self._file = file
        self._problems = problems
        self._values: Mapping[str, object] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.complain("", "应为一个对象 {…}", "must be an object {…}")

    def complain(self, field: str, zh: str, en: str) -> None:
        """Note a problem with one field, or with the object itself when ``field`` is empty."""
        place = ".".join(filter(None, (self.place, field)))
        self._problems.append(Problem(self._file, place, zh, en))

    def allow(self, *fields: str) -> None:
        """Complain about every field not named here: a misspelt field would go unread."""
        for name in self._values:
            if name not in fields:
                near = get_close_matches(name, fields, n=1)
                zh, en = (f"，是否为 {near[0]!r}？", f"; is it {near[0]!r}?") if near else ("", "")
                listed = ", ".join(fields)
                self.complain(
                    name,
                    f"没有这个字段{zh or '。'}可用：{listed}",
                    f"no such field{en or ';'} known: {listed}",
                )

    def has(self, field: str) -> bool:
        """Whether the field stands there with a value other than null."""
        return self._values.get(field) is not None

    def text(self, field: str, *, optional: bool = False) -> str:
        """A text without blanks around it; empty when it is optional and absent or null."""
        value = self._values.get(field)
        if value is None and optional:
            return ""
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.complain(field, "应为非空文字", "must be a text, not empty")
        return ""

    def matching(self, field: str, pattern: str, example: str, *, optional: bool = False) -> str:
        """A text that the pattern matches whole."""
        value = self.text(field, optional=optional)
        if value and not re.fullmatch(pattern, value):
            self.complain(
                field,
                f"{value!r} 不合格式，应如 {example}",
                f"{value!r} should look like {example}",
            )
        return value

    def texts(self, field: str, *, optional: bool = False) -> tuple[str, ...]:
        """A list of texts, without repetitions; empty when it is optional and absent or null."""
        value = self._values.get(field)
        if value is None and optional:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.complain(field, "应为文字列表 […]", "must be a list of texts […]")
            return ()
        texts = tuple(v.strip() for v in value)
        for repeated in sorted({t for t in texts if texts.count(t) > 1}):
            self.complain(field, f"{repeated!r} 重复", f"{repeated!r} stands there twice")
        return texts

    def integer(self, field: str) -> int:
        """A whole number; 0 after a complaint."""
        value = self._values.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self.complain(field, "应为整数", "must be a whole number")
        return 0

    def share(self, field: str) -> float:
        """A number above 0 and at most 1; 1 when it is absent or null, or after a complaint."""
        value = self._values.get(field)
        if value is None:
            return 1.0
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return float(value)
        self.complain(field, "应大于 0 且不超过 1", "must be above 0 and at most 1")
        return 1.0

    def choice(self, field: str, choices: type[_Choice]) -> _Choice:
        """A member of the enumeration; its first one after a complaint."""
        value = self._values.get(field)
        members = list(choices)
        if value in [member.value for member in members]:
            return choices(value)
        listed = ", ".join(members)
        self.complain(
            field, f"不认识 {value!r}，应为 {listed} 之一", f"{value!r} is not one of {listed}"
        )
        return members[0]

    def objects(self, field: str) -> list["Fields"]:
        """A list of objects, each named by its position and its id or name."""
        value = self._values.get(field)
        if not isinstance(value, list):
            self.complain(field, "应为对象列表 [{…}]", "must be a list of objects [{…}]")
            return []
        return [self._object(field, i, item) for i, item in enumerate(value)]

    def _object(self, field: str, i: int, item: object) -> "Fields":
        name = (item.get("id") or item.get("name")) if isinstance(item, dict) else None
        place = f"{field}[{i}]" + (f" ({name})" if isinstance(name, str) else "")
        if self.place:
            place = f"{self.place}.{place}"
        return Fields(item, file=self._file, place=place, problems=self._problems)
