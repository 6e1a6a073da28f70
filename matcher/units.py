"""Units of measurement as they are written in technical texts, Chinese or Latin.

Reading a unit needs a small table only; the ``pint`` library converts, and is loaded the
first time two different units meet.
"""

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pint

_SI: Final = "Pa W J V A N m g s L Hz eV Wh Ah VA F H S T ohm mol bar B bps"
_PREFIXES: Final = ("", "k", "M", "G", "T", "m", "u", "μ", "n", "p", "c", "d")
_CHINESE: Final = {
    "米": "m", "毫米": "mm", "厘米": "cm", "分米": "dm", "微米": "um", "纳米": "nm",
    "公里": "km", "千米": "km", "英寸": "inch", "平方米": "m**2", "平方毫米": "mm**2",
    "平方厘米": "cm**2", "平方公里": "km**2", "平米": "m**2", "立方米": "m**3", "立方": "m**3",
    "方": "m**3", "立方厘米": "cm**3", "亩": "mu", "公顷": "hectare", "升": "L", "毫升": "mL",
    "克": "g", "毫克": "mg", "微克": "ug", "千克": "kg", "公斤": "kg", "斤": "jin", "吨": "t",
    "秒": "s", "毫秒": "ms", "微秒": "us", "分钟": "min", "小时": "h", "天": "day",
    "周": "week", "个月": "month", "年": "year", "帕": "Pa", "千帕": "kPa", "兆帕": "MPa",
    "吉帕": "GPa", "伏": "V", "千伏": "kV", "毫安": "mA", "毫安时": "mAh", "安时": "Ah",
    "瓦": "W", "千瓦": "kW", "兆瓦": "MW", "千瓦时": "kWh", "瓦时": "Wh", "马力": "hp",
    "焦耳": "J", "千焦": "kJ", "牛": "N", "千牛": "kN", "牛米": "N*m", "赫兹": "Hz", "赫": "Hz",
    "千赫": "kHz", "兆赫": "MHz", "分贝": "dB", "流明": "lm", "勒克斯": "lx", "摄氏度": "degC",
    "百分点": "point", "个百分点": "point", "元": "CNY", "倍": "fold", "转": "rev",
}  # fmt: skip
_LATIN: Final = {
    "%": "percent", "%RH": "percent", "%rh": "percent", "%FS": "percent", "‰": "permille",
    "ppm": "ppm", "ppb": "ppb", "ppt": "", "℃": "degC", "°C": "degC", "K": "kelvin",
    "℉": "degF", "°F": "degF", "°": "degree", "′": "arcminute", "″": "arcsecond",
    "㎡": "m**2", "㎥": "m**3", "㎜": "mm", "㎝": "cm", "㎞": "km", "㎏": "kg", "㎎": "mg",
    "㎛": "um", "min": "min", "h": "h", "hr": "h", "hrs": "h", "d": "day", "t": "t",
    "wt%": "percent", "vol%": "percent", "wt": "", "rpm": "rev/min", "r": "rev", "l": "L",
    "ml": "mL", "ul": "uL", "μl": "uL", "dl": "dL", "Nm": "N*m", "NM": "N*m", "cP": "cP",
    "atm": "atm", "kgf": "kgf", "cal": "cal", "kcal": "kcal", "lm": "lm", "lx": "lx",
    "lux": "lx", "cd": "cd", "nit": "nit", "nits": "nit", "rad": "radian", "mu": "mu",
    "dB": "dB", "db": "dB", "dB(A)": "dB", "db(A)": "dB", "dBA": "dB", "dBm": "dBm", "dBi": "dBi",
    "HRC": "HRC", "HRA": "HRA", "HRB": "HRB", "HV": "HV", "HB": "HB", "HBW": "HB", "Ω": "ohm",
    "kΩ": "kohm", "MΩ": "Mohm", "GΩ": "Gohm", "mΩ": "mohm", "var": "var", "kvar": "kvar",
    "Mvar": "Mvar", "kWp": "kW", "MWp": "MW", "Wp": "W", "GWh": "GWh", "dtex": "dtex",
    "tex": "tex", "Gs": "gauss", "Oe": "oersted", "Å": "angstrom", "cfu": "cfu", "CFU": "cfu",
    "U": "enzyme_U", "IU": "IU", "mesh": "mesh", "Mbps": "Mbps", "Gbps": "Gbps", "kbps": "kbps",
    "KB": "kB", "fps": "frame/s", "TOPS": "TOPS", "sccm": "sccm", "EER": "", "in": "",
}  # fmt: skip
_COUNTERS: Final = (
    "次 级 人 个 台 套 件 只 片 张 支 颗 根 条 批 轮 层 株 头 块 卷 点 户 种 项 目 帧 颗粒 像元"
).split()
"""What can be counted but not converted."""

_THINGS: Final = frozenset(_COUNTERS) - {"次", "级", "目", "帧"}

# a name that goes on as another word is no unit: 3升级, 2克服, 5元件, 3转换
_NOT_A_UNIT: Final = re.compile(
    r"升[级高温降至到]|克[服隆]|元[件素器组]|转[入换移向型化0-9]|次[序级数]|级[别]|天然|周[期围边转]"
    r"|年[代度级]|目[标前的]|瓦[斯楞]|点[云阵]|条[件纹]|层[面压间]|项目|个性|台[阶架]|头[部]"
    r"|GB\s?/\s?T|GB\s?[0-9]|种[类植]|方[面法案向式]|根据|块状|片状|批量|米[粉]|人[工员才]|伏[安特]|倍[频]|秒[表]|牛[奶]"
)
_CJK_NAMES: Final = sorted([*_CHINESE, *_COUNTERS, "分", "日", "月", "班"], key=len, reverse=True)
_TOKEN = re.compile(
    r"%(?:RH|rh|FS)?(?![A-Za-z])|[‰℃℉′″㎡㎥㎜㎝㎞㎏㎎㎛]|°[CF]?|dB\(A\)|wt%|vol%|[A-Za-zμΩÅ]{1,6}(?![A-Za-zμΩÅ])"
    rf"|{'|'.join(_CJK_NAMES)}"
)
_POWER = re.compile(r"\^?\(?(-?[1-4])(?![\d.])\)?|([⁺⁻]?[¹²³⁴])")
_SQUARED: Final = frozenset("m dm cm mm km um nm s".split())
_LATIN_END = re.compile(r"(?<=[A-Za-z])[0-9]")
_TIMES = re.compile(r"[·*⋅∙•](?=[A-Za-zμΩ℃°])")
_PER = re.compile(r"\s?/\s?(\()?|每(?=[一-鿿])()")
_FOREIGN = re.compile(r"[A-Za-z一-鿿]{1,6}(?:[·*][A-Za-z一-鿿]{1,6})?")
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_DENOMINATORS = {"分": "min", "日": "day", "月": "month"}


def read_unit(text: str, at: int) -> tuple[str, int] | None:
    """The unit that stands at a place of a text.

    Args:
        text: Half-width text; see ``quantities.quantities_in``.
        at: Where the unit begins.

    Returns:
        Canonical unit, an expression such as ``kWh/kg`` or ``percent``, and the place
        after it; None where there is no unit.
    """
    first = _term(text, at, denominator=False)
    if first is None:
        return None
    unit, end = first
    while (times := _TIMES.match(text, end)) and (
        term := _term(text, times.end(), denominator=False)
    ):
        unit, end = f"{unit}*{term[0]}", term[1]
    while per := _PER.match(text, end):
        below = _below(text, per.end(), bracketed=bool(per[1]))
        if below is None:
            break
        unit, end = f"{unit}/{below[0]}", below[1]
    return unit, end


def is_counter(unit: str) -> bool:
    """Whether the unit counts things (three machines) rather than measures anything."""
    return unit in _THINGS


def converted(value: float, unit: str, into: str, *, difference: bool = False) -> float | None:
    """A value in another unit.

    Args:
        value: In ``unit``.
        unit: Canonical unit as ``read_unit`` gives it; may be empty.
        into: Another one.
        difference: Whether temperatures are distances between two temperatures.

    Returns:
        None when the units do not measure the same thing.
    """
    if unit == into:
        return value
    line = _line(unit, into, difference)
    return None if line is None else line[0] * value + line[1]


def _term(text: str, at: int, *, denominator: bool) -> tuple[str, int] | None:
    token = _TOKEN.match(text, at)
    if token is None or _NOT_A_UNIT.match(text, at):
        return None
    unit = _symbols().get(token[0]) or (_DENOMINATORS.get(token[0]) if denominator else None)
    if not unit:
        return None
    end = token.end()
    power = _POWER.match(text, end)
    if power and (unit in _SQUARED or not power[0][0].isdigit()):
        digits = (power[1] or power[2]).translate(_SUPERSCRIPTS)
        base = unit if unit.isidentifier() else f"({unit})"
        return f"{base}**{digits}", power.end()
    # 5 V3 is a model, not a voltage
    return (
        None if text[end - 1 : end + 1].isalnum() and _LATIN_END.match(text, end) else (unit, end)
    )


def _below(text: str, at: int, *, bracketed: bool) -> tuple[str, int] | None:
    """What stands below the line; a unit nobody has a table for stays as it is written."""
    terms = []
    end = at
    while term := _term(text, end, denominator=True):
        terms.append(term[0])
        end = term[1]
        times = _TIMES.match(text, end)
        if times is None:
            break
        end = times.end()
    if bracketed and (not terms or text[end : end + 1] != ")"):
        terms = []
    if terms:
        return "/".join(terms), end + bracketed
    foreign = _FOREIGN.match(text, at)
    return (f"[{foreign[0]}]", foreign.end() + bracketed) if foreign else None


@cache
def _symbols() -> dict[str, str]:
    """How units are written, and what each means."""
    symbols = {
        prefix + base: prefix.replace("μ", "u") + base
        for base in _SI.split()
        for prefix in _PREFIXES
    }
    symbols |= {"K" + s[1:]: unit for s, unit in symbols.items() if s[0] == "k"}
    # MPA and Mpa mean what MPa means, but m and M stay apart
    symbols |= {s[0] + s[1:].lower(): u for s, u in symbols.items() if len(s) > 2 and s[1] in "PHW"}
    return symbols | {c: c for c in _COUNTERS} | _CHINESE | _LATIN


@lru_cache(maxsize=4096)
def _line(unit: str, into: str, difference: bool) -> tuple[float, float] | None:
    """Conversion is a line, ``scale * value + offset``."""
    import pint  # costs a quarter of a second, and few texts need it

    ratios = {"percent", "permille", "ppm", "ppb"}
    angles = {"degree", "arcminute", "arcsecond", "radian"}
    units = _registry()
    try:
        one, other = units.parse_units(unit), units.parse_units(into)
        if one.dimensionless and not ({unit, into} <= ratios or {unit, into} <= angles):
            return None  # pint takes 5 degrees for a ninth of 1: nobody else does
        offset = units.Quantity(0.0, one).to(other).magnitude
        scale = units.Quantity(1.0, one).to(other).magnitude - offset
    except (pint.PintError, ArithmeticError, ValueError, TypeError, AttributeError):
        return None
    return float(scale), 0.0 if difference else float(offset)


@cache
def _registry() -> "pint.UnitRegistry[float]":
    import pint

    units: pint.UnitRegistry[float] = pint.UnitRegistry(on_redefinition="ignore")
    for definition in (
        "CNY = [money]", "rev = [rotation]", "point = [percentage_point]", "fold = [multiple]",
        "B = [information]", "bps = [information_rate]", "dB = [level]", "cfu = [colonies]",
        "enzyme_U = [activity]", "IU = [international_unit]", "var = [reactive_power]",
        "HRC = [rockwell_c]", "HRA = [rockwell_a]", "HRB = [rockwell_b]", "HV = [vickers]",
        "HB = [brinell]", "mesh = [mesh]", "frame = [frames]", "TOPS = [operations]",
        "dBm = [power_level]", "dBi = [gain_level]", "sccm = centimeter**3 / minute",
        "ppb = 1e-9", "mu = 666.6667 m**2", "jin = 0.5 kg", "hp = 735.49875 W",
    ):  # fmt: skip
        units.define(definition)
    for counter in _COUNTERS:
        units.define(f"{counter} = [{counter}]")
    return units
