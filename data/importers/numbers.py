"""Dates, amounts and maturity levels from the many ways in which people write them."""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from data.importers.problems import BadCell

# Excel counts days from here; the day before accounts for its leap year 1900
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_SERIALS = range(20_000, 80_000)
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_YEARS = range(1990, 2101)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:[ t]\d{1,2}:\d{2}.*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_END = re.compile(r"(\d{4})年?[底末]")
_OPEN_ENDED = frozenset({"长期", "长期有效", "不限", "无期限", "openended", "none"})

_AMOUNT = re.compile(
    r"(?:¥|人民币|rmb|cny)?([+-]?\d[\d,]*(?:\.\d+)?)(千|万|百万|千万|亿)?(?:元|圆|rmb|cny|整)*"
)
_UNITS = {
    "千": 1_000,
    "万": 10_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
}
_NEGOTIABLE = frozenset({"面议", "面谈", "待定", "协商", "negotiable", "tbd"})
_MOST_CNY = 10**12

_TRL = re.compile(r"(?:(?:trl|第|技术成熟度)[-_:]?)*(\d(?:\.0+)?|[一二三四五六七八九])级?")
_CHINESE_DIGITS = {digit: i for i, digit in enumerate("一二三四五六七八九", start=1)}


def parse_date(value: object) -> date | None:
    """A day; a month alone means its last day, ``2027年底`` the last of December.

    Raises:
        BadCell: no date, or one outside 1990–2100.
    """
    found = _any_date(value)
    if found is not None and found.year not in _YEARS:
        raise BadCell("年份应在 1990–2100 之间", "the year should lie between 1990 and 2100")
    return found


def parse_amount(value: object, *, factor: int = 1) -> int | None:
    """Whole yuan; ``面议`` and the like give None.

    Args:
        value: A number, or text such as ``80万元`` or ``1,200,000``.
        factor: Yuan per unit of a number without its own, from a header such as
            ``预算（万元）``.

    Raises:
        BadCell: negative, not a number, several figures, or beyond 10^12.
    """
    text = _folded(value)
    if text in _NEGOTIABLE:
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise _bad_amount()
    unit = _UNITS[match[2]] if match[2] else factor
    yuan = Decimal(match[1].replace(",", "")) * unit
    if yuan < 0:
        raise BadCell("金额不能为负数", "an amount cannot be negative")
    if yuan > _MOST_CNY:
        raise BadCell("金额过大，请检查单位", "the amount is too large; check its unit")
    return int(yuan.to_integral_value())


def parse_trl(value: object) -> int | None:
    """A technology readiness level, 1 to 9.

    Raises:
        BadCell: anything else, a range included.
    """
    match = _TRL.fullmatch(_folded(value))
    level = 0 if match is None else _CHINESE_DIGITS.get(match[1]) or int(float(match[1]))
    if not 1 <= level <= 9:
        raise BadCell(
            "应为 1–9 的一个整数，例如 6 或 TRL6", "write one whole number 1 to 9, or TRL6"
        )
    return level


def _any_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _folded(value)
    if text in _OPEN_ENDED:
        return None
    if _SERIAL.fullmatch(text) and int(float(text)) in _EXCEL_SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(float(text)))
    if isinstance(value, float):
        # 2027.1 may have been 2027.10 before the sheet took it for a number
        raise _bad_date()
    if match := _YEAR_END.fullmatch(text):
        return date(int(match[1]), 12, 31)
    if match := _COMPACT_DATE.fullmatch(text) or _DATE.fullmatch(text):
        return _day(*match.groups())
    raise _bad_date()


def _day(year: str, month: str, day: str | None) -> date:
    try:
        last = calendar.monthrange(int(year), int(month))[1]
        return date(int(year), int(month), last if day is None else int(day))
    except ValueError as error:
        raise _bad_date() from error


def _bad_date() -> BadCell:
    return BadCell("应为日期，例如 2027-06-30 或 2027年6月30日", "write a date such as 2027-06-30")


def _bad_amount() -> BadCell:
    return BadCell(
        "应为一个人民币金额，例如 800000、80万元；面议请留空",
        "write one amount in yuan such as 800000 or 80万元; leave negotiable ones empty",
    )


def _folded(value: object) -> str:
    text = unicodedata.normalize("NFKC", str(value)).strip().casefold()
    # spaces between a figure and its unit mean nothing; the one before a time does
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", text).replace("\N{MINUS SIGN}", "-")
