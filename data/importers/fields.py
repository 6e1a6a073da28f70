"""The fields of each kind of row: what people call them, and how a cell is read.

One list serves the importer, its messages and the Excel templates. To add a field, add
a line here and the attribute in ``matcher.types``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from data.importers import numbers, parse
from data.importers.rows import Kind
from matcher.types import CooperationMode, IpStatus, OrganizationKind, Status, Visibility

MODES = {
    CooperationMode.TRANSFER: ("转让", "技术转让", "专利转让", "成果转让"),
    CooperationMode.LICENSE: ("许可", "技术许可", "专利许可", "licence", "licensing"),
    CooperationMode.EQUITY: ("作价入股", "入股", "技术入股", "作价投资"),
    CooperationMode.JOINT_DEVELOPMENT: ("合作开发", "联合开发", "共同开发", "合作研发", "联合攻关"),
    CooperationMode.COMMISSIONED_DEVELOPMENT: ("委托开发", "委托研发", "commissioned"),
    CooperationMode.CONSULTING: ("技术咨询", "咨询", "consultancy"),
}
VISIBILITIES = {
    Visibility.PUBLIC: ("公开", "完全公开"),
    Visibility.BROKER: ("仅经纪人", "经纪人", "经纪人可见", "仅经纪人可见", "broker-only"),
    Visibility.MASKED: ("脱敏", "脱敏公开"),
}
STATUSES = {
    Status.DRAFT: ("草稿", "未发布"),
    Status.PUBLISHED: ("已发布", "发布"),
    Status.WITHDRAWN: ("已撤回", "撤回", "已下架", "下架"),
}
IP_STATUSES = {
    IpStatus.NONE: ("无", "未申请", "暂无"),
    IpStatus.PENDING: ("申请中", "已申请", "已受理", "审查中", "实质审查", "公开中", "applied"),
    IpStatus.GRANTED: ("已授权", "授权", "有效"),
}
ORGANIZATION_KINDS = {
    OrganizationKind.ENTERPRISE: ("企业", "公司", "company"),
    OrganizationKind.UNIVERSITY: ("高校", "大学", "学院", "高等院校", "college"),
    OrganizationKind.INSTITUTE: ("科研院所", "研究院", "研究所", "研究机构", "科研机构"),
    OrganizationKind.PLATFORM: ("平台", "创新平台", "服务平台"),
    OrganizationKind.FUND: ("基金", "投资机构"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a row.

    Attributes:
        name: Attribute in ``matcher.types``.
        label: Chinese header in templates and messages.
        parse: Cell to value; raises ``BadCell``.
        synonyms: Further headers that mean this field.
        required: Whether a row without it is of no use.
        hint: How to fill it in, for the template.
        choices: Words offered as a drop-down list.
        is_amount: Whether a unit in the header, such as 万元, scales plain numbers.
        is_text: Whether words like 无 are content rather than "nothing".
    """

    name: str
    label: str
    parse: Callable[[object], object]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    is_amount: bool = False
    is_text: bool = False


def _first_words(words: Mapping[Any, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(first for first, *_ in words.values())


_LIST_HINT = "多项用分号“；”隔开"
_ID_HINT = "本单位自编，全表唯一；再次导入同一编号即更新该行"
_COUNTY = Field(
    "county",
    "县市区",
    parse.parse_county,
    ("县(市、区)", "区县", "县区", "所在县市区", "所在区县", "所在地", "地区", "区域", "district"),
    hint="从下拉列表选择；市外单位留空",
)
_CHAINS = Field(
    "chains",
    "产业链",
    parse.parse_chains,
    ("所属产业链", "所属产业", "产业", "链条", "chain", "industry chain", "industry chains"),
    hint="从下拉列表选择；" + _LIST_HINT,
)
_SHARED = (
    _COUNTY,
    _CHAINS,
    Field("keywords", "关键词", parse.parse_labels, ("关键字", "标签", "tags"), hint=_LIST_HINT),
)
_TERMS = (
    Field(
        "cooperation_modes",
        "合作方式",
        parse.many(parse.choice_parser(MODES)),
        ("合作模式", "意向合作方式", "合作意向", "转化方式", "modes", "cooperation"),
        hint="从下拉列表选择；" + _LIST_HINT,
        choices=_first_words(MODES),
    ),
    Field(
        "visibility",
        "可见范围",
        parse.choice_parser(VISIBILITIES),
        ("公开程度", "公开范围", "是否公开"),
        hint="留空为公开",
        choices=_first_words(VISIBILITIES),
    ),
    Field(
        "status",
        "状态",
        parse.choice_parser(STATUSES),
        ("发布状态",),
        hint="留空为已发布",
        choices=_first_words(STATUSES),
    ),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.NEEDS: (
        Field("id", "需求编号", parse.parse_id, ("编号", "need id", "_id"), True, _ID_HINT),
        Field(
            "title",
            "需求名称",
            parse.parse_line,
            ("标题", "需求标题", "技术需求名称", "技术需求", "名称", "题目", "项目名称", "name"),
            True,
            "一句话说清要解决的技术问题",
            is_text=True,
        ),
        Field(
            "text",
            "需求描述",
            parse.parse_text,
            (
                "描述",
                "需求内容",
                "技术需求描述",
                "详细描述",
                "内容",
                "正文",
                "简介",
                "需求简介",
                "需求详情",
                "description",
                "content",
                "problem",
            ),
            hint="现状、困难、希望达到的效果，长短不限",
            is_text=True,
        ),
        Field(
            "organization",
            "需求单位",
            parse.parse_name,
            (
                "单位",
                "单位名称",
                "企业",
                "企业名称",
                "公司名称",
                "所属单位",
                "需求方",
                "organisation",
                "company",
                "enterprise",
            ),
            hint="单位名称或单位编号；新名称会自动建为企业",
        ),
        *_SHARED,
        Field(
            "must_have",
            "必须满足",
            parse.parse_phrases,
            ("必备要求", "必要条件", "核心要求", "硬性要求", "must haves"),
            hint=_LIST_HINT,
        ),
        Field(
            "nice_to_have",
            "最好具备",
            parse.parse_phrases,
            ("优先条件", "加分项", "可选要求", "nice to haves"),
            hint=_LIST_HINT,
        ),
        Field(
            "indicators",
            "技术指标",
            parse.parse_phrases,
            ("指标", "目标指标", "主要技术指标", "考核指标", "indicator"),
            hint="带单位，例如 效率≥92 %；" + _LIST_HINT,
        ),
        Field(
            "budget_cny",
            "预算（元）",
            numbers.parse_amount,
            ("预算金额", "拟投入资金", "意向投入", "投入预算", "资金预算", "budget"),
            hint="800000 或 80万元；面议留空",
            is_amount=True,
        ),
        Field(
            "deadline",
            "截止日期",
            numbers.parse_date,
            ("截止时间", "期限", "需求截止日期", "解决期限", "有效期至", "due date"),
            hint="例如 2027-06-30",
        ),
        Field(
            "min_trl",
            "最低成熟度",
            numbers.parse_trl,
            ("最低技术成熟度", "成熟度要求", "要求成熟度", "最低TRL", "minimum trl", "trl"),
            hint="1–9",
            choices=tuple("123456789"),
        ),
        *_TERMS,
    ),
    Kind.ACHIEVEMENTS: (
        Field("id", "成果编号", parse.parse_id, ("编号", "achievement id", "_id"), True, _ID_HINT),
        Field(
            "title",
            "成果名称",
            parse.parse_line,
            ("标题", "成果标题", "科技成果名称", "科技成果", "名称", "题目", "项目名称", "name"),
            True,
            "一句话说清成果是什么",
            is_text=True,
        ),
        Field(
            "text",
            "成果简介",
            parse.parse_text,
            (
                "描述",
                "成果描述",
                "成果介绍",
                "成果内容",
                "内容",
                "正文",
                "简介",
                "摘要",
                "技术简介",
                "description",
                "content",
                "abstract",
            ),
            hint="方法、效果、适用场合，长短不限",
            is_text=True,
        ),
        Field(
            "organization",
            "完成单位",
            parse.parse_name,
            (
                "单位",
                "单位名称",
                "高校",
                "学校",
                "高校名称",
                "持有单位",
                "成果单位",
                "所属单位",
                "organisation",
                "university",
                "institute",
            ),
            hint="单位名称或单位编号；新名称会自动建为高校或科研院所",
        ),
        *_SHARED,
        Field(
            "trl",
            "技术成熟度",
            numbers.parse_trl,
            ("成熟度", "成熟度等级", "技术成熟度等级", "technology readiness level"),
            hint="1–9",
            choices=tuple("123456789"),
        ),
        Field(
            "ip_status",
            "知识产权状态",
            parse.choice_parser(IP_STATUSES),
            ("专利状态", "法律状态", "知识产权", "ip"),
            choices=_first_words(IP_STATUSES),
        ),
        Field(
            "patents",
            "专利号",
            parse.parse_labels,
            ("专利", "专利号码", "专利编号", "patent", "patent numbers"),
            hint=_LIST_HINT,
        ),
        Field(
            "ipc",
            "IPC分类号",
            parse.parse_ipc,
            ("ipc分类", "分类号", "国际专利分类号"),
            hint="例如 H02K1/27；" + _LIST_HINT,
        ),
        Field(
            "team",
            "团队成员",
            parse.parse_labels,
            ("团队", "完成人", "发明人", "负责人", "成果负责人", "team members"),
            hint=_LIST_HINT,
        ),
        Field(
            "price_cny",
            "价格（元）",
            numbers.parse_amount,
            ("报价", "意向价格", "转让价格", "意向金额", "price"),
            hint="800000 或 80万元；面议留空",
            is_amount=True,
        ),
        *_TERMS,
    ),
    Kind.ORGANIZATIONS: (
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
            choices=_first_words(ORGANIZATION_KINDS),
        ),
        _COUNTY,
        _CHAINS,
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
    ),
}
