"""Words for each value of a fixed choice; the first is the one we offer ourselves."""

from collections.abc import Mapping
from typing import Any

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


def first_words(words: Mapping[Any, tuple[str, ...]]) -> tuple[str, ...]:
    """The word to offer for each value, in order."""
    return tuple(first for first, *_ in words.values())
