import time

import pytest

from matcher.requirements import MAX_ITEMS, requirements_of
from matcher.text import query_of
from matcher.types import Need, Query
from tests.builders import make_query


def texts(query: Query) -> list[str]:
    return [r.text for r in requirements_of(query)]


def musts(query: Query) -> list[bool]:
    return [r.must for r in requirements_of(query)]


def test_what_the_enterprise_marked_comes_first_with_its_place():
    need = Need(
        id="n",
        title="磨床防护",
        text="希望改造现有磨床的防护罩。",
        must_have=("不改动床身",),
        nice_to_have=("可快速拆装",),
        indicators=("漏油率≤1 %", "最好噪声≤70 dB"),
    )

    requirements = requirements_of(query_of(need))

    assert [(r.span.field, r.must, r.marked) for r in requirements] == [
        ("must_have[0]", True, True),
        ("nice_to_have[0]", False, True),
        ("indicators[0]", True, False),
        ("indicators[1]", False, False),
        ("text", False, False),
    ]
    assert (
        requirements[2].text
        == need.indicators[0][requirements[2].span.start : requirements[2].span.end]
    )
    assert requirements[2].quantities[0].high == 1


@pytest.mark.parametrize(
    "numbers",
    [("1.", "2."), ("1、", "2、"), ("（1）", "（2）"), ("①", "②"), ("一、", "二、"), ("1)", "2)")],
)
@pytest.mark.parametrize("between", ["\n", "；"])
def test_numbered_lists_are_taken_apart(numbers, between):
    text = f"{numbers[0]}减少模具磨损{between}{numbers[1]}降低残余应力"

    assert texts(make_query("题", text)) == ["减少模具磨损", "降低残余应力"]


def test_first_and_second_are_a_list():
    text = "攻关内容：第一，减少模具磨损；第二，降低残余应力。"

    assert texts(make_query("题", text)) == ["减少模具磨损", "降低残余应力"]


def test_a_section_of_demands_makes_musts_and_background_is_left_out():
    text = (
        "工作基础：我们已有两条中试线，完成了配方筛选。\n"
        "技术要求：\n1、密封圈耐臭氧老化\n2、最好可以染色\n"
        "拟解决的问题：密封圈低温变脆"
    )

    query = make_query("题", text)

    assert texts(query) == ["密封圈耐臭氧老化", "最好可以染色", "密封圈低温变脆"]
    assert musts(query) == [True, False, False]


def test_background_ends_where_its_list_goes_on_with_something_else():
    text = "1、现有基础：已建中试线\n（1）完成小试配方\n2、寻求一种耐磨涂层"

    assert texts(make_query("题", text)) == ["寻求一种耐磨涂层"]


def test_without_structure_the_sentences_that_ask_are_taken():
    text = "随着行业发展，泵的用量增加。现用叶轮三个月就气蚀。希望得到耐气蚀的叶轮涂层。"

    assert texts(make_query("题", text)) == ["希望得到耐气蚀的叶轮涂层"]


def test_without_a_request_what_is_said_is_taken():
    text = "叶轮三个月就出现气蚀，流量下降明显。希望能找到解决此问题的方法。"

    assert texts(make_query("题", text)) == ["叶轮三个月就出现气蚀，流量下降明显"]


@pytest.mark.parametrize(
    ("sentence", "must"),
    [
        ("涂层必须耐海水腐蚀", True),
        ("涂层应满足食品接触条件", True),
        ("涂层厚度≥20 μm", True),
        ("寿命不低于三年", True),
        ("若能兼顾耐磨性，优先考虑", False),
        ("希望涂层耐磨", False),
        ("市场供应的涂层不耐磨，需要改进", False),
    ],
)
def test_wording_tells_a_must_from_a_wish(sentence, must):
    assert musts(make_query("题", f"需求：{sentence}。")) == [must]


@pytest.mark.parametrize(
    "text",
    [
        "欢迎洽谈合作，推进产学研合作，实现互利共赢。",
        "联系人：张三，联系电话：12345678",
        "公司成立于1998年，注册资金两千万元，占地五十亩。",
        "项目将产生良好的经济效益和社会效益。",
        "符合国家产业政策，其他详见附件。",
    ],
)
def test_policy_contacts_and_history_are_no_requirements(text):
    assert requirements_of(make_query("产学研合作", text)) == ()


def test_the_title_stands_in_for_a_text_that_says_nothing():
    (requirement,) = requirements_of(make_query("泵", "欢迎洽谈合作。"))

    assert (requirement.text, requirement.span.field) == ("泵", "title")
    assert requirements_of(make_query("", "")) == ()


def test_nothing_is_said_twice():
    need = Need(id="n", title="题", text="要求：增重≤150 g。", must_have=("手柄增重≤150 g",))

    assert texts(query_of(need)) == ["手柄增重≤150 g"]


def test_places_lead_back_to_the_text():
    query = make_query("题", "　技术要求：（1）密封圈耐臭氧老化；（2）寿命≥３年。")

    for requirement in requirements_of(query):
        assert requirement.span.field == "text"
        assert query.text[requirement.span.start : requirement.span.end] == requirement.text
        for quantity in requirement.quantities:
            assert requirement.text[slice(*quantity.span)] == "≥３年"


def test_lists_and_items_are_bounded():
    many = "\n".join(f"{n}、改进第{n}号叶轮的耐磨性" for n in range(1, 100))
    long = "需求：" + "改进叶轮，" * 200

    assert len(texts(make_query("题", many))) == MAX_ITEMS
    assert len(texts(make_query("题", long))[0]) <= 160


@pytest.mark.parametrize("unit", ["改", "（1）", "1、", "需求：", "，", "改进叶轮。", "\n", "≥5 %"])
def test_a_megabyte_is_read_at_once(unit):
    query = make_query("题", unit * (1_000_000 // len(unit)))

    start = time.process_time()
    requirements_of(query)

    assert time.process_time() - start < 1


def test_real_needs_all_say_something(benchmarks):
    from evaluation.dataset import load_dataset

    queries = load_dataset(benchmarks / "needs2019", split="dev").queries

    assert len(queries) > 100
    for query in queries:
        found = requirements_of(query)
        assert 1 <= len(found) <= MAX_ITEMS
