"""The fields of each kind of row: what people call them, and how a cell is read.

One list serves the importer, its messages and the Excel templates. To add a field, add
a line here or in the ``…_fields`` module of its kind, and the attribute to the type.
"""

from data.importers import parse
from data.importers.choices import ORGANIZATION_KINDS, first_words
from data.importers.cooperation_fields import COOPERATION_FIELDS
from data.importers.decision_fields import DECISION_FIELDS
from data.importers.expert_fields import EXPERT_FIELDS
from data.importers.field import CHAINS, COUNTY, Field
from data.importers.posting_fields import ACHIEVEMENT_FIELDS, NEED_FIELDS
from data.importers.rows import Kind

ORGANIZATION_FIELDS = (
    Field(
        "id",
        "单位编号",
        parse.parse_id,
        ("编号", "organization id", "_id"),
        hint="留空则按单位名称生成；再次导入同一编号即更新该行",
    ),
    Field(
        "name",
        "单位名称",
        parse.parse_name,
        ("名称", "单位", "企业名称", "公司名称", "高校名称", "机构名称", "organization"),
        True,
        "全称",
        is_text=True,
    ),
    Field(
        "kind",
        "单位类型",
        parse.choice_parser(ORGANIZATION_KINDS),
        ("类型", "类别", "单位类别", "机构类型", "单位性质", "type"),
        hint="留空则按名称判断",
        choices=first_words(ORGANIZATION_KINDS),
    ),
    COUNTY,
    CHAINS,
    Field(
        "text",
        "单位简介",
        parse.parse_text,
        ("简介", "主营业务", "主要产品", "描述", "介绍", "description", "products"),
        hint="主要产品或研究方向",
        is_text=True,
    ),
    Field(
        "gbt4754",
        "行业代码",
        parse.parse_class_code,
        ("国民经济行业代码", "行业小类代码", "gbt4754代码", "gb/t 4754", "industry code"),
        hint="GB/T 4754-2017 四位小类代码，例如 3465",
    ),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.NEEDS: NEED_FIELDS,
    Kind.ACHIEVEMENTS: ACHIEVEMENT_FIELDS,
    Kind.ORGANIZATIONS: ORGANIZATION_FIELDS,
    Kind.DECISIONS: DECISION_FIELDS,
    Kind.COOPERATIONS: COOPERATION_FIELDS,
    Kind.EXPERTS: EXPERT_FIELDS,
}


def label_of(kind: Kind, name: str) -> str:
    """The Chinese heading of a field."""
    return next(field.label for field in FIELDS[kind] if field.name == name)
