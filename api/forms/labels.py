"""Which words of a form are labels, and of what."""

import re

from data.importers.columns import Columns
from data.importers.parse import fold
from data.importers.rows import Kind

# 一、 1. (1) ① before a label, as forms count their lines
_NUMBER = re.compile(
    r"^\s*(?:[一二三四五六七八九十]{1,3}、|\d{1,2}\s*[、.．)）]|[(（][\d一二三四五六七八九十]{1,3}[)）]|[①-⑳])\s*"
)
_PAIR = re.compile(r"^(?P<label>[^：:\n]{1,40})[：:](?P<value>.*)$", re.DOTALL)
_LONGEST = 25
_COLUMNS = Columns(Kind.NEEDS)

# labels of what is no part of a need: people and paperwork
_OTHERS = frozenset(
    map(
        fold,
        (
            *("联系人", "联系方式", "联系电话", "电话", "手机", "手机号", "固定电话", "传真"),
            *("邮箱", "电子邮箱", "邮件", "e-mail", "email", "contact", "phone", "微信", "qq"),
            *("填表人", "填报人", "填表日期", "填报日期", "填报时间", "日期", "职务", "职称"),
            *("负责人", "法定代表人", "法人代表", "统一社会信用代码", "通讯地址", "地址", "邮编"),
            *("备注", "审核意见", "推荐意见", "单位意见", "盖章", "签字", "签章", "单位盖章"),
        ),
    )
)


def bare(text: str) -> str:
    """A label without its number, star and colon."""
    return _NUMBER.sub("", text.strip()).strip().strip("*＊：: \t\u3000").strip()


def field_of(text: str) -> str | None:
    """Name of the need's field that a label stands for; None where it is no such label."""
    label = bare(text)
    if not label or len(label) > _LONGEST or "\n" in label:
        return None
    column = _COLUMNS.of(label)
    return None if column is None else column.field.name


def is_other(text: str) -> bool:
    """Whether this is a label of something that a need does not hold."""
    return fold(bare(text)) in _OTHERS


def is_label(text: str) -> bool:
    """Whether a text is a label and nothing else."""
    return field_of(text) is not None or is_other(text)


def split_pair(line: str) -> tuple[str, str] | None:
    """``label: value`` in its two parts, where the first is a label; else None."""
    found = _PAIR.match(_NUMBER.sub("", line.strip()))
    if found is None or not is_label(found["label"]):
        return None
    return found["label"].strip(), found["value"].strip()
