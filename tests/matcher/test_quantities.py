import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.comparison import Verdict, compare, is_far, likeness
from matcher.quantities import Quantity, quantities_in


def read(text: str) -> list[tuple[float | None, float | None, str]]:
    return [(q.low, q.high, q.unit) for q in quantities_in(text)]


def one(text: str) -> Quantity:
    (quantity,) = quantities_in(text)
    return quantity


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("效率≥80 %", 80, None, "percent"),
        ("效率不低于80%", 80, None, "percent"),
        ("效率不得低于８０％", 80, None, "percent"),
        ("压力大于等于3 MPa", 3, None, "MPa"),
        ("不超过５ｋＷ", None, 5, "kW"),
        ("厚度小于50μm", None, 50, "um"),
        ("产量5 t/h以上", 5, None, "t/h"),
        ("3 min以内", None, 3, "min"),
        ("30马力以下动力", None, 30, "hp"),
        ("Ra≤0.2", None, 0.2, ""),
        ("寿命10万次", 1e5, 1e5, "次"),
        ("寿命3×10^5次", 3e5, 3e5, "次"),
        ("寿命1.5亿转", 1.5e8, 1.5e8, "rev"),
        ("寿命2～3万次", 2e4, 3e4, "次"),
        ("漏率≤1×10⁻¹¹ Pa·m³/s", None, 1e-11, "Pa*m**3/s"),
        ("单耗4.5 kW·h/kg", 4.5, 4.5, "kW*h/kg"),
        ("密度300Wh/kg", 300, 300, "Wh/kg"),
        ("砷2 mg/L", 2, 2, "mg/L"),
        ("转速1000转/分", 1000, 1000, "rev/min"),
        ("转速1000 r/min", 1000, 1000, "rev/min"),
        ("每小时20吨/小时", 20, 20, "t/h"),
        ("噪声≤65 dB(A)", None, 65, "dB"),
        ("硬度≥58 HRC", 58, None, "HRC"),
        ("硬度≥HRC50", 50, None, "HRC"),
        ("盐度3‰", 3, 3, "permille"),
        ("导热系数2.8 W/(m·K)", 2.8, 2.8, "W/m/kelvin"),
        ("成本≤1.2万元", None, 12000, "CNY"),
        ("质量1,200.5 kg", 1200.5, 1200.5, "kg"),
        ("误报≤1次/（柜·年）", None, 1, "次/[柜·年]"),
        ("样图不超过100张", None, 100, "张"),
    ],
)
def test_a_quantity_is_read_with_its_bounds_and_unit(text, low, high, unit):
    quantity = one(text)

    assert (quantity.low, quantity.high, quantity.unit) == (
        pytest.approx(low),
        pytest.approx(high),
        unit,
    )


@pytest.mark.parametrize("dash", ["-", "–", "—", "——", "~", "～", "至", "到", " － "])
def test_every_dash_makes_a_range(dash):
    assert read(f"炉温1400{dash}1600 ℃") == [(1400, 1600, "degC")]


def test_a_range_may_name_its_unit_twice_and_begin_below_zero():
    assert read("1400℃~1600℃") == [(1400, 1600, "degC")]
    assert read("−20～45 ℃") == [(-20, 45, "degC")]


def test_margins_are_tolerances():
    assert (one("误差±0.01mm").low, one("误差±0.01mm").high) == (-0.01, 0.01)
    assert read("50±2 ℃") == [(48, 52, "degC")]
    assert read("磁导率1000±25 %") == [(750, 1250, "")]
    assert one("误差≤±8 µm").tolerance
    assert not one("误差≤8 µm").tolerance


def test_the_name_is_the_word_before_a_quantity():
    text = "过检率1.4 %，裂纹漏检率控制在0.03 %以内，单只判定时间每件11 s"

    assert [q.name for q in quantities_in(text)] == ["过检率", "裂纹漏检率", "单只判定时间"]
    assert one("织物残余伸长（growth）≤3.5 %").name == "织物残余伸长"
    assert one("≥80 %").name == ""


def test_a_noun_that_is_not_said_twice_is_understood():
    names = [q.name for q in quantities_in("峰值推力52 N，连续推力30 N，风冷额定24 N，质量3 kg")]

    assert names == ["峰值推力", "连续推力", "风冷额定推力", "质量"]
    assert [q.name for q in quantities_in("功率5 kW，额定24 N")] == ["功率", "额定"]
    assert [q.name for q in quantities_in("1 kHz损耗5 W，3 kHz约9 W")] == ["", "损耗", "", "损耗"]


def test_what_became_of_a_value_counts():
    quantity = one("轴电压峰峰值由28 V降到6 V")

    assert (quantity.low, quantity.high, quantity.name) == (6, 6, "轴电压峰峰值")


@pytest.mark.parametrize("words", ["降为原来的", "降至原来", "减少到原有的", "缩短为原先的"])
def test_what_is_left_of_a_value_tells_how_far_it_fell(words):
    wanted, offered = one("磨损率降低≥60 %"), one(f"磨损率{words}25 %")

    assert (offered.low, offered.high, offered.name) == (75, 75, "磨损率降低")
    assert compare(wanted, offered) == Verdict.MET
    assert compare(one("磨损率降低≥80 %"), offered) == Verdict.UNMET
    assert one("磨损率降为25 %").name == "磨损率"


def test_a_bound_of_what_is_left_is_turned_round():
    quantity = one("能耗降到原来的≤40 %")

    assert (quantity.low, quantity.high) == (60, None)


def test_a_comma_between_clauses_joins_no_numbers():
    assert [(q.low, q.unit) for q in quantities_in("孔数为320，150 ℃烧结")] == [(150, "degC")]
    assert [q.low for q in quantities_in("1,200 mm")] == [1200]


def test_spans_are_places_in_the_original_text():
    text = "效率　不低于８０％，功率≤５ｋＷ"

    assert [text[slice(*q.span)] for q in quantities_in(text)] == ["不低于８０％", "≤５ｋＷ"]


@pytest.mark.parametrize(
    "text",
    [
        "2019年3月5日",
        "2018-2020年",
        "电话13812345678",
        "0579-82345678",
        "按GB/T 4754-2017",
        "ZL201910123456.7",
        "CN112345678A",
        "1. 第一",
        "（2）第二",
        "一、第三",
        "3、第四",
        "192.168.1.1",
        "用304N和316L不锈钢",
        "5G通信",
        "3d打印",
        "共3升级改造",
        "约30台",
    ],
)
def test_numbers_that_measure_nothing_are_left_out(text):
    assert quantities_in(text) == ()


@pytest.mark.parametrize(
    "text", ["1600–1400 ℃", "10^99 m", "1e400 m", "≥NaN", "NaN%", "9" * 50_000 + " mm", "≥", "±%"]
)
def test_nonsense_is_no_quantity(text):
    assert quantities_in(text) == ()


@given(st.text("0123456789.,-~±≥≤<>=×^eE万亿 %℃kmMPahs/·(（℃至到不低于以上由降", max_size=60))
def test_reading_never_fails_and_gives_finite_ordered_bounds(text):
    for quantity in quantities_in(text):
        ends = [end for end in (quantity.low, quantity.high) if end is not None]
        assert ends
        assert all(math.isfinite(end) for end in ends)
        assert ends == sorted(ends)
        assert compare(quantity, quantity) in Verdict


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("≥80 %", "85 %", "met"),
        ("≥80 %", "80 %", "met"),
        ("≥80 %", "82～90 %", "met"),
        ("≥80 %", "75 %", "unmet"),
        ("≥80 %", "≤75 %", "unmet"),
        ("≥80 %", "≥75 %", "unknown"),
        ("≥80 %", "70～90 %", "unknown"),
        ("≤0.2 mm", "0.1 mm", "met"),
        ("≤0.2 mm", "0.3 mm", "unmet"),
        ("≤0.2 mm", "≥0.1 mm", "unknown"),
        ("1400–1600 ℃", "1350–1650 ℃", "met"),
        ("1400–1600 ℃", "1700 ℃", "unmet"),
        ("1400–1600 ℃", "1450–1550 ℃", "unknown"),
        ("1400–1600 ℃", "≥1350 ℃", "unknown"),
        ("±0.01 mm", "±8 μm", "met"),
        ("±0.01 mm", "≤10 μm", "met"),
        ("±0.01 mm", "±0.02 mm", "unmet"),
        ("±0.01 mm", "0.02 mm", "unknown"),
        ("5 mm", "3～8 mm", "met"),
        ("5 mm", "9 mm", "unknown"),
    ],
)
def test_the_direction_of_a_bound_decides(wanted, offered, verdict):
    assert compare(one(wanted), one(offered)) == verdict


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("≥5 t/h", "6吨/小时", "met"),
        ("≥5 t/h", "4000 kg/h", "unmet"),
        ("转速≥24000 r/min", "24000转/分", "met"),
        ("温度≤25 ℃", "温度300 K", "unmet"),
        ("温升≤25 ℃", "温升21 K", "met"),
        ("温升≤25 ℃", "温升30 K", "unmet"),
        ("≥90 %", "950‰", "met"),
        ("Ra≤0.2", "Ra 25 nm", "met"),
        ("线速度≥12 m/min", "线速度0.3 m/s", "met"),
        ("≤5 %", "4°", "unknown"),
        ("≥5 m", "6 kg", "unknown"),
        ("≥300 r/min", "400 Hz", "unknown"),
    ],
)
def test_units_are_converted_and_dimensions_kept_apart(wanted, offered, verdict):
    assert compare(one(wanted), one(offered)) == verdict


def test_other_names_states_and_changes_do_not_compare():
    assert compare(one("效率≥80 %"), one("噪声85 %")) == Verdict.UNKNOWN
    assert compare(one("误判率≤3 %"), one("漏检率1 %")) == Verdict.UNKNOWN
    assert compare(one("连续转矩≥16 N·m"), one("峰值转矩52 N·m")) == Verdict.UNKNOWN
    assert compare(one("噪声降低≥10 %"), one("噪声15 %")) == Verdict.UNKNOWN
    assert compare(one("漏检率≤3 %"), one("裂纹漏检率1 %")) == Verdict.MET
    assert compare(one("重量≤3 kg"), one("整机质量2 kg")) == Verdict.MET


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        ("水温≤25 ℃", "水温温差3 ℃"),
        ("同炉硬度极差≤4 HRC", "同炉硬度3 HRC"),
        ("外径±0.05 mm", "外径0.02 mm"),
        ("膜厚8～20 μm", "膜厚偏差±3 μm"),
    ],
)
def test_a_value_is_no_deviation(wanted, offered):
    assert compare(one(wanted), one(offered)) == Verdict.UNKNOWN
    assert likeness(one(wanted), one(offered)) == 0


def test_deviations_of_many_names_compare():
    assert compare(one("亮度不均匀性≤8 %"), one("亮度离散7 %")) == Verdict.MET
    assert compare(one("抖动≤±15 μs"), one("周期抖动小于12 μs")) == Verdict.MET


def test_reading_stops_after_the_first_pages():
    assert len(quantities_in("5 %" * 300_000)) < 10_000


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        ("量程±50 N", "量程±80 N", "met"),
        ("量程±50 N", "量程±20 N", "unknown"),
        ("摆角±30°", "摆角±45°", "met"),
        ("误差±50 N", "误差±80 N", "unmet"),
    ],
)
def test_a_measuring_range_is_better_wide(wanted, offered, verdict):
    assert compare(one(wanted), one(offered)) == verdict


@pytest.mark.parametrize(
    ("wanted", "offered", "far"),
    [
        ("≥8 μm", "0.7 μm", True),
        ("≥8 μm", "0.7 mm", False),
        ("≥8 μm", "1.2 μm", False),
        ("≤0.03 W", "0.3 W", True),
        ("≤0.03 W", "2～3 W", True),
        ("8～20 μm", "0.4～0.9 μm", False),
        ("8～20 μm", "0.4～0.8 μm", True),
        ("≥300 ℃", "20 ℃", False),
        ("≥3 mm", "-40 mm", False),
        ("±0.01 mm", "±2 mm", False),
    ],
)
def test_what_misses_by_an_order_of_magnitude_is_far(wanted, offered, far):
    assert is_far(one(wanted), one(offered)) is far


def test_a_change_is_not_like_the_thing_but_like_a_change_either_way():
    assert likeness(one("矫顽力≥900 kA/m"), one("矫顽力提升400 kA/m")) == 0
    assert likeness(one("雾度增加≤2 %"), one("雾度变化1 %")) == 1
