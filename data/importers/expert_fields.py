"""The fields of experts, and how their cells are read."""

import re
from hashlib import blake2b

from data.expert import Expert
from data.importers import parse
from data.importers.field import LIST_HINT, Field
from data.importers.problems import BadCell
from matcher.text import has_words

# sheets stretch a name of two characters with blanks to the width of three
_STRETCHED = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_MADE_UP = re.compile(r"x-(?:[0-9a-f]{24}|[0-9a-f]{32})")


def parse_person(value: object) -> str:
    """A person's name, without the blanks that only stretch it.

    Raises:
        BadCell: it holds no letter or ideograph.
    """
    name = _STRETCHED.sub("", parse.parse_line(value))
    if not has_words(name):
        raise BadCell("请填写专家姓名", "write the expert's name")
    return name


def expert_id(organization: str, name: str) -> str:
    """The id of an expert who is given none: of the same organisation and name, the same."""
    content = f"{organization}\0{name}".encode("utf-8", "replace")
    return f"x-{blake2b(content, digest_size=12).hexdigest()}"


def is_numbered(row: Expert) -> bool:
    """Whether a row of a file gives its expert an id."""
    return row.id != expert_id(row.organization, row.name)


def is_made_up(own_id: str) -> bool:
    """Whether the program made the id, rather than somebody who numbers these people."""
    return _MADE_UP.fullmatch(own_id) is not None


EXPERT_FIELDS = (
    Field(
        "id",
        "专家编号",
        parse.parse_id,
        ("编号", "expert id", "_id"),
        hint="可留空；再次导入同一编号、或同一单位的同名专家，即更新该行",
    ),
    Field(
        "name",
        "姓名",
        parse_person,
        ("专家姓名", "教师姓名", "专家", "expert", "full name"),
        True,
        is_text=True,
    ),
    Field(
        "title",
        "职称",
        parse.parse_line,
        ("技术职称", "专业技术职称", "专业技术职务", "职称职务", "职务职称", "academic title"),
        hint="例如 教授、研究员、高级工程师",
    ),
    Field(
        "organization",
        "所在单位",
        parse.parse_name,
        (
            *("单位", "单位名称", "工作单位", "所属单位", "任职单位", "高校", "学校", "院校"),
            *("高校名称", "学校名称", "organisation", "university", "institute", "affiliation"),
        ),
        hint="高校或科研院所的名称或编号；高校自行上传时可留空",
    ),
    Field(
        "fields",
        "研究方向",
        parse.parse_labels,
        (
            *("研究领域", "主要研究方向", "主要研究领域", "专业领域", "技术领域", "专业方向"),
            *("擅长领域", "研究专长", "专长", "research", "research fields", "research interests"),
            *("research areas", "expertise"),
        ),
        hint=LIST_HINT,
    ),
    Field(
        "text",
        "简介",
        parse.parse_text,
        (
            *("专家简介", "个人简介", "专家介绍", "个人介绍", "介绍", "描述", "bio", "biography"),
            *("profile", "description"),
        ),
        hint="做过什么、能解决什么问题，长短不限",
        is_text=True,
    ),
)
