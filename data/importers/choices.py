"""Words for each value of a fixed choice; the first is the one we offer ourselves."""

from collections.abc import Mapping
from typing import Any

from matcher.decision import ReasonCode, Verdict
from matcher.types import CooperationMode, IpStatus, OrganizationKind, Status, Visibility

MODES = {
    CooperationMode.TRANSFER: (
        *("转让", "技术转让", "专利转让", "成果转让", "专利权转让", "专利申请权转让"),
        *("技术秘密转让", "technology transfer"),
    ),
    CooperationMode.LICENSE: (
        *("许可", "技术许可", "专利许可", "许可使用", "实施许可", "专利实施许可", "开放许可"),
        *("独占许可", "排他许可", "普通许可", "技术秘密使用许可", "licence", "licensing"),
    ),
    CooperationMode.EQUITY: (
        *("作价入股", "入股", "技术入股", "作价投资", "成果入股", "专利入股", "知识产权入股"),
        "股权合作",
    ),
    CooperationMode.JOINT_DEVELOPMENT: (
        *("合作开发", "联合开发", "共同开发", "合作研发", "联合研发", "共同研发", "合作研究"),
        *("联合攻关", "产学研合作"),
    ),
    CooperationMode.COMMISSIONED_DEVELOPMENT: (
        *("委托开发", "委托研发", "委托研究", "定制开发", "横向课题", "横向项目", "commissioned"),
    ),
    CooperationMode.CONSULTING: (
        *("技术咨询", "咨询", "技术服务", "技术培训", "技术指导", "技术顾问", "服务"),
        *("consultancy", "technical service", "technical services"),
    ),
}
VISIBILITIES = {
    Visibility.PUBLIC: ("公开", "完全公开"),
    Visibility.BROKER: ("仅经纪人", "经纪人", "经纪人可见", "仅经纪人可见", "broker-only"),
    Visibility.MASKED: ("脱敏", "脱敏公开"),
}
STATUSES = {
    Status.DRAFT: ("草稿", "未发布"),
    Status.SUBMITTED: ("已提交", "待审核", "审核中"),
    Status.RETURNED: ("已退回", "退回", "退回修改"),
    Status.PUBLISHED: ("已发布", "发布"),
    Status.MATCHING: ("匹配中", "征集中"),
    Status.IN_CONTACT: ("对接中", "洽谈中"),
    Status.SIGNED: ("已签约", "签约", "已成交"),
    Status.CLOSED: ("已关闭", "关闭", "已解决"),
    Status.EXPIRED: ("已过期", "过期"),
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
VERDICTS = {
    Verdict.ACCEPT: ("采纳", "接受", "推荐", "是", "accepted", "yes"),
    Verdict.REJECT: ("不采纳", "拒绝", "排除", "不推荐", "否", "rejected", "no"),
}
REASONS = {
    ReasonCode.WRONG_FIELD: ("领域不符", "行业不符", "领域不对", "不相关"),
    ReasonCode.WRONG_DIRECTION: ("方向不符", "技术路线不符", "方向不对"),
    ReasonCode.MUST_HAVE_OPEN: ("硬性要求未满足", "指标不达标", "关键指标不满足", "必备要求未满足"),
    ReasonCode.NOT_MATURE: ("成熟度不够", "不够成熟", "成熟度不足"),
    ReasonCode.PRICE: ("价格差距大", "价格", "预算不足", "预算", "budget"),
    ReasonCode.COOPERATION_MODE: ("合作方式不合", "合作方式", "合作方式不符"),
    ReasonCode.PLACE: ("地域不合适", "地域", "距离太远", "地点"),
    ReasonCode.IN_CONTACT: ("已在对接", "已对接", "已知", "已有联系", "already known"),
    ReasonCode.UNAVAILABLE: ("成果已转让或撤回", "成果已转让", "成果已撤回", "已被占用"),
    ReasonCode.DUPLICATE: ("重复", "重复成果", "重复条目"),
    ReasonCode.OTHER: ("其他", "其它"),
}
LEVELS = {
    4: ("强相关", "strong"),
    3: ("较强相关", "fair"),
    2: ("弱相关", "weak"),
    1: ("无相关", "不相关", "irrelevant"),
}


def first_words(words: Mapping[Any, tuple[str, ...]]) -> tuple[str, ...]:
    """The word to offer for each value, in order."""
    return tuple(first for first, *_ in words.values())
