"""Dates, amounts and maturity levels as people write them."""

from datetime import date, datetime

import pytest

from data.importers.numbers import parse_amount, parse_date, parse_trl
from data.importers.problems import BadCell


@pytest.mark.parametrize(
    "written",
    [
        "2027-06-30",
        "2027/6/30",
        "2027.6.30",
        "2027年6月30日",
        "２０２７年６月３０日",
        " 2027 年 6 月 30 日 ",
        "20270630",
        "2027-06-30 00:00:00",
        "2027-06-30T08:30:00",
        "2027年6月",
        "2027-6",
        46568,
        46568.5,
        "46568",
        date(2027, 6, 30),
        datetime(2027, 6, 30, 12, 0),
    ],
)
def test_one_day_is_read_however_it_is_written(written: object):
    assert parse_date(written) == date(2027, 6, 30)


def test_a_month_ends_on_its_last_day_and_a_year_in_december():
    assert parse_date("2028年2月") == date(2028, 2, 29)
    assert parse_date("2027年底") == date(2027, 12, 31)


def test_an_open_end_is_no_deadline():
    assert parse_date("长期有效") is None


@pytest.mark.parametrize(
    "written",
    ["30/6/2027", "2027-13-01", "2027-02-30", "明年", "2027.1e", 2027.1, 12, "1899-01-01", "9999"],
)
def test_what_is_no_date_is_refused(written: object):
    with pytest.raises(BadCell):
        parse_date(written)


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("80万元", 800_000),
        ("80 万", 800_000),
        ("８０万元", 800_000),
        ("1,200,000", 1_200_000),
        ("￥1,200,000.00元", 1_200_000),
        ("1.5亿元", 150_000_000),
        ("2千万", 20_000_000),
        ("人民币50万元整", 500_000),
        ("0", 0),
        (800000, 800_000),
        (80.5, 80),
        ("面议", None),
    ],
)
def test_an_amount_becomes_whole_yuan(written: object, yuan: int | None):
    assert parse_amount(written) == yuan


def test_the_headers_unit_scales_plain_numbers_only():
    assert parse_amount(80.5, factor=10_000) == 805_000
    assert parse_amount("80万元", factor=10_000) == 800_000


@pytest.mark.parametrize("written", ["-5", "－80万元", -1, "\N{MINUS SIGN}3"])
def test_a_negative_amount_is_refused(written: object):
    with pytest.raises(BadCell, match="negative"):
        parse_amount(written)


@pytest.mark.parametrize(
    "written", ["80-100万", "约八十万", "1e6", "$500", True, "1 200", "9" * 20]
)
def test_what_is_no_single_amount_is_refused(written: object):
    with pytest.raises(BadCell):
        parse_amount(written)


@pytest.mark.parametrize(
    "written", [6, 6.0, "6", "TRL6", "trl 6", "TRL-6", "6级", "第6级", "六级", "６"]
)
def test_a_maturity_level_is_read_however_it_is_written(written: object):
    assert parse_trl(written) == 6


@pytest.mark.parametrize("written", [0, 10, 6.5, "6-7", "中试", True, "TRL", "-6", "60"])
def test_what_is_no_maturity_level_is_refused(written: object):
    with pytest.raises(BadCell, match="1 to 9"):
        parse_trl(written)
