"""What the check on disguised summaries finds, and what it leaves alone."""

import json
from importlib.resources import files

import pytest

from matcher.firm_names import names_of
from matcher.masking import LeakKind, leaks

FIRM = "浙江省永康市金瓯电机（集团）股份有限公司"

GIVEN_AWAY = [
    # the firm, by its full name and the names that people use
    ("浙江省永康市金瓯电机（集团）股份有限公司求电机降噪", LeakKind.ORGANIZATION, FIRM),
    ("金瓯电机求降噪", LeakKind.ORGANIZATION, "金瓯电机"),
    ("永康金瓯的转子", LeakKind.ORGANIZATION, "金瓯"),
    ("金 瓯的转子", LeakKind.ORGANIZATION, "金 瓯"),
    ("金·瓯的转子", LeakKind.ORGANIZATION, "金·瓯"),
    ("金\u200b瓯的转子", LeakKind.ORGANIZATION, "金\u200b瓯"),
    # firms that nobody listed
    ("为宁波海曙精锻有限公司配套", LeakKind.ORGANIZATION, "宁波海曙精锻有限公司"),
    ("供给 Hanover Motor Co., Ltd. 使用", LeakKind.ORGANIZATION, "Hanover Motor Co., Ltd."),
    ("信用代码 91330784MA2XXXXX1T", LeakKind.ORGANIZATION, "91330784MA2XXXXX1T"),
    # people
    ("联系人：张三", LeakKind.PERSON, "联系人：张三"),
    ("技术负责人李明远", LeakKind.PERSON, "负责人李明远"),
    ("请找王工", LeakKind.PERSON, "王工"),
    ("李总说可以", LeakKind.PERSON, "李总"),
    ("赵经理负责", LeakKind.PERSON, "赵经理"),
    ("与陈志远教授合作", LeakKind.PERSON, "陈志远教授"),
    ("周小红女士", LeakKind.PERSON, "周小红女士"),
    # telephones
    ("致电13812345678", LeakKind.PHONE, "13812345678"),
    ("致电+86 138-1234-5678", LeakKind.PHONE, "+86 138-1234-5678"),
    ("致电１３８１２３４５６７８", LeakKind.PHONE, "１３８１２３４５６７８"),
    ("致电1 3 8 1 2 3 4 5 6 7 8", LeakKind.PHONE, "1 3 8 1 2 3 4 5 6 7 8"),
    ("致电一三八一二三四五六七八", LeakKind.PHONE, "一三八一二三四五六七八"),
    ("致电0579-87123456", LeakKind.PHONE, "0579-87123456"),
    ("致电（0579）8712 3456", LeakKind.PHONE, "（0579）8712 3456"),
    ("致电400-812-3456", LeakKind.PHONE, "400-812-3456"),
    ("电话：8712345", LeakKind.PHONE, "电话：8712345"),
    # other ways to reach somebody
    ("寄到 rd@jinou.com.cn 即可", LeakKind.EMAIL, "rd@jinou.com.cn"),
    ("寄到 rd＠jinou.cn 即可", LeakKind.EMAIL, "rd＠jinou.cn"),
    ("寄到 rd(at)jinou.cn 即可", LeakKind.EMAIL, "rd(at)jinou.cn"),
    ("微信号：jinou_2020", LeakKind.ACCOUNT, "微信号：jinou_2020"),
    ("加 VX:jinou2020", LeakKind.ACCOUNT, "VX:jinou2020"),
    ("QQ 123456789", LeakKind.ACCOUNT, "QQ 123456789"),
    ("见 https://www.jinou.cn/x7 的介绍", LeakKind.URL, "https://www.jinou.cn/x7"),
    ("见 jinou.com.cn", LeakKind.URL, "jinou.com.cn"),
    ("厂址金都路128号", LeakKind.ADDRESS, "厂址金都路128号"),
    ("已获ZL202110123456.7", LeakKind.PATENT, "ZL202110123456.7"),
    ("公开号CN113123456A", LeakKind.PATENT, "CN113123456A"),
    # what the owner listed
    ("代号飞燕的产品", LeakKind.TERM, "飞燕"),
    ("代号飞-燕的产品", LeakKind.TERM, "飞-燕"),
    ("配方为ｋ１７", LeakKind.TERM, "ｋ１７"),
    ("配方为K 17pro", LeakKind.TERM, "K 17"),
    ("团队有钱思远", LeakKind.PERSON, "钱思远"),
]


@pytest.mark.parametrize(("summary", "kind", "text"), GIVEN_AWAY)
def test_what_gives_the_firm_away_is_found(summary: str, kind: LeakKind, text: str):
    found = leaks("", summary, organizations=[FIRM], persons=["钱思远"], terms=["飞燕", "k17", " "])

    assert [(leak.kind, leak.text) for leak in found] == [(kind, text)]
    assert summary[found[0].start :].startswith(text)


@pytest.mark.parametrize(
    "summary",
    [
        "某电机企业求高速电机降噪，额定转速6000 r/min，噪声72 dB(A)。",
        "本公司与一家公司合作，该公司位于长三角。",
        "加工、施工、人工与示范工程；于总长1500 mm处测量，汪总磷≤0.5 mg/L。",
        "年产400万台，单价0.571元，编号2021000000123456。",
        "采用VxWorks系统与Node.js，符合GB/T 22900。",
        "联系人姓名请勿填写，项目经理、高级工程师各一名，中国工程院院士指导。",
        "金属瓯形件；配方为K170或MK17。",
        "温度从20 25 30 35 40 45 °C依次升高。",
    ],
)
def test_ordinary_technical_text_raises_no_alarm(summary: str):
    assert leaks("", summary, organizations=[FIRM], terms=["k17"]) == ()


def test_of_all_the_samples_texts_none_raises_an_alarm():
    lines = (files("data") / "samples" / "needs.jsonl").read_text(encoding="utf-8").splitlines()
    needs = [json.loads(line) for line in lines]

    alarms = [leak for need in needs for leak in leaks(need["title"], need.get("text", ""))]

    assert len(needs) >= 60
    assert alarms == []


def test_leaks_come_in_reading_order_and_name_their_field():
    found = leaks("金瓯求降噪", "王工13812345678", organizations=[FIRM])

    assert [(x.field, x.text, x.start) for x in found] == [
        ("title", "金瓯", 0),
        ("summary", "王工", 0),
        ("summary", "13812345678", 2),
    ]


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("义乌市青禾针织厂", ["义乌市青禾针织厂", "义乌市青禾针织", "青禾针织"]),
        ("Boxter（中国）有限公司", ["boxter(中国)有限公司", "boxter有限公司", "boxter"]),
        ("Hanover Motor Co., Ltd.", ["hanover motor co., ltd.", "hanover motor"]),
        ("浙江海曙大学", ["浙江海曙大学", "浙江海曙", "浙海大"]),
        ("义乌饰品有限公司", ["义乌饰品有限公司"]),
        ("青", []),
    ],
)
def test_a_firm_is_known_by_what_is_left_of_its_name(full: str, names: list[str]):
    assert names_of(full) == names
