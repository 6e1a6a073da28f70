"""The shorter names that people use for an organisation whose full name is known."""

import re
import unicodedata
from collections.abc import Sequence

_CHINESE = "\u4e00-\u9fff"
_BRACKETS = re.compile(r"\([^()]*\)")
_LEGAL = re.compile(
    r"(股份|控股|集团|投资)*(有限责任公司|有限公司|总公司|分公司|公司|集团|合作社|厂)$"
    r"|[\s,.]*\b(co|ltd|inc|corp|llc|gmbh|group|limited|company|corporation)\.?$"
)
_TAUGHT = re.compile(r"(大学|学院|研究院|研究所|研究中心|实验室)$")
_UNIT = re.compile(rf"^[{_CHINESE}]{{2,3}}?[省市区县]")
_PROVINCES = (
    "中国 北京 上海 天津 重庆 浙江 江苏 安徽 福建 江西 山东 河南 河北 湖北 湖南 广东 广西 海南 四川"
    " 贵州 云南 陕西 山西 甘肃 青海 宁夏 新疆 西藏 内蒙古 辽宁 吉林 黑龙江 香港 澳门 台湾"
    " 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水"
    " 义乌 永康 东阳 兰溪 武义 浦江 磐安 婺城 金东 横店"
).split()
_PLACE = re.compile("^(" + "|".join(_PROVINCES) + ")")
# what a firm makes says little; what stands before it is the name
_TRADES = (
    "新材料 新能源 零部件 自动化 信息技术 科技 技术 电机 机电 电器 电气 电子 电动 光电 工具"
    " 机械 机床 装备 设备 制造 工业 实业 工贸 贸易 五金 智能 材料 化工 化学 医药 制药 药业 生物"
    " 纺织 服饰 服装 饰品 汽车 车业 配件 能源 环保 信息 软件 网络 数据 食品 仪器 仪表 塑料 塑业"
    " 橡胶 金属 钢铁 铜业 铝业 包装 印刷 玩具 家具 建材 股份 控股 集团 发展 产业 创新"
).split()
_TRADE = re.compile("(" + "|".join(_TRADES) + ")$")
_SHORTEST = 2
_SHORTEST_TAUGHT = 4


def names_of(organization: str) -> Sequence[str]:
    """A full name and the shorter ones that people use for it, longest first.

    浙江省永康市金瓯电机（集团）股份有限公司 is also known as 金瓯电机 and 金瓯; a university
    by its first characters and 大. Widths and case are folded.

    Args:
        organization: The name as it is registered.
    """
    full = unicodedata.normalize("NFKC", organization).strip().lower()
    plain = _BRACKETS.sub("", full).strip()
    taught = _TAUGHT.search(plain)
    names = {full, plain, *(_of_schools(plain, taught[1]) if taught else _of_firms(plain))}
    return sorted((n for n in names if len(n) >= _SHORTEST), key=lambda n: (-len(n), n))


def _of_firms(plain: str) -> set[str]:
    short = _without(_LEGAL, plain)
    bare = _without(_PLACE, _without(_UNIT, short))
    brand = _without(_TRADE, bare)
    # a place or a trade alone names nobody
    return {name for name in (short, bare, brand) if _without(_TRADE, _without(_PLACE, name))}


def _of_schools(plain: str, suffix: str) -> set[str]:
    short = plain.removesuffix(suffix)
    names = {short} if len(short) >= _SHORTEST_TAUGHT else set()
    place = _PLACE.match(short)
    if place and suffix == "大学":
        rest = short[place.end() :]
        names.add(f"{short[0]}{rest[:1]}大")
    return names


def _without(pattern: re.Pattern[str], name: str) -> str:
    """The name once everything that the pattern finds at its end, or beginning, is gone."""
    while (left := pattern.sub("", name).strip(" ,.")) != name:
        name = left
    return name
