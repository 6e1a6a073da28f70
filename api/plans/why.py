"""Why a supplier is left out and a need stays open, in a few words."""

from collections.abc import Mapping

from matcher.pairing.plan import Notice
from matcher.pairing.reasons_types import WhyOpen, WhyOut

WHY_OUT: Mapping[WhyOut, Notice] = {
    WhyOut.NO_SUPPLY: Notice("对待覆盖的需求没有成果", "has nothing for the needs"),
    WhyOut.NO_CAPACITY: Notice("服务名额为零", "may be in no team"),
    WhyOut.FORBIDDEN: Notice("所有能服务的链或县均被禁止", "is forbidden wherever it could serve"),
    WhyOut.NOTHING_NEW: Notice("能做的已有队内成员做得更好", "others do all that it could, better"),
    WhyOut.TOO_COSTLY: Notice("增益抵不过距离等成本", "what it adds does not pay for its costs"),
    WhyOut.WEAKER: Notice("席位有限，不如现有成员", "seats are few and the members better"),
    WhyOut.RULES: Notice("其他规则不允许", "other rules keep it out"),
    WhyOut.NOT_BEST: Notice(
        "入选会更好：现方案未证明最优", "it should be in: the plan is not proven best"
    ),
}

WHY_OPEN: Mapping[WhyOpen, Notice] = {
    WhyOpen.NO_HUB: Notice("不属于任何参与结对的链或县", "belongs to no chain or county here"),
    WhyOpen.NO_WEIGHT: Notice("权重为零，未计入", "its weight is zero"),
    WhyOpen.NO_SUPPLY: Notice("没有单位的成果足以覆盖", "nobody has enough for it"),
    WhyOpen.FORBIDDEN: Notice("被规则禁止", "forbidden by a rule"),
    WhyOpen.CAPACITY: Notice("能覆盖的单位名额已满", "whoever could cover it is at its limit"),
    WhyOpen.SEATS: Notice("席位有限，换人得不偿失", "seats are few, and a swap would lose more"),
    WhyOpen.NOT_WORTH: Notice("增益抵不过成本", "not worth its costs"),
    WhyOpen.RULES: Notice("其他规则不允许", "other rules do not allow it"),
    WhyOpen.NOT_BEST: Notice("本可覆盖：现方案未证明最优", "could be: the plan is not proven best"),
}
