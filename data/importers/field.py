"""What the importer knows of one attribute, and the attributes that several kinds share."""

from collections.abc import Callable
from dataclasses import dataclass

from data.chain_names import ChainNames
from data.importers import parse
from data.importers.choices import MODES, STATUSES, VISIBILITIES, first_words
from data.importers.modes import parse_modes


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a row.

    Attributes:
        name: Attribute in ``matcher.types``.
        label: Chinese header in templates and messages.
        parse: Cell to value; raises ``BadCell``.
        synonyms: Further headers that mean this field.
        required: Whether a row without it is of no use.
        hint: How to fill it in, for the template.
        choices: Words offered as a drop-down list.
        is_amount: Whether a unit in the header, such as 万元, scales plain numbers.
        is_text: Whether words like 无 are content rather than "nothing".
        by_chains: Reads the cell by a city's own chains, in the place of ``parse``.
    """

    name: str
    label: str
    parse: Callable[[object], object]
    synonyms: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    is_amount: bool = False
    is_text: bool = False
    by_chains: Callable[[object, ChainNames], object] | None = None


LIST_HINT = "多项用分号“；”隔开"
ID_HINT = "本单位自编，全表唯一；再次导入同一编号即更新该行"
COUNTY = Field(
    "county",
    "县市区",
    parse.parse_county,
    ("县(市、区)", "区县", "县区", "所在县市区", "所在区县", "所在地", "地区", "区域", "district"),
    hint="从下拉列表选择；市外单位留空",
)
CHAINS = Field(
    "chains",
    "产业链",
    parse.parse_chains,
    ("所属产业链", "所属产业", "产业", "链条", "chain", "industry chain", "industry chains"),
    hint="从下拉列表选择；" + LIST_HINT,
    by_chains=parse.parse_chains,
)
SHARED = (
    COUNTY,
    CHAINS,
    Field("keywords", "关键词", parse.parse_labels, ("关键字", "标签", "tags"), hint=LIST_HINT),
)
TERMS = (
    Field(
        "cooperation_modes",
        "合作方式",
        parse_modes,
        ("合作模式", "意向合作方式", "合作意向", "转化方式", "modes", "cooperation"),
        hint="从下拉列表选择；" + LIST_HINT,
        choices=first_words(MODES),
    ),
    Field(
        "visibility",
        "可见范围",
        parse.choice_parser(VISIBILITIES),
        ("公开程度", "公开范围", "是否公开"),
        hint="留空为公开",
        choices=first_words(VISIBILITIES),
    ),
    Field(
        "status",
        "状态",
        parse.choice_parser(STATUSES),
        ("发布状态",),
        hint="留空为已发布",
        choices=first_words(STATUSES),
    ),
)
