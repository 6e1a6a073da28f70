"""The fields of past cooperations, and how their cells are read."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from data.chain_names import ChainNames, packaged_names
from data.importers import parse
from data.importers.choices import MODES, first_words
from data.importers.field import Field
from data.importers.modes import parse_mode
from data.importers.problems import BadCell

_EARLIEST = 1950
_YEAR = re.compile(r"(\d{4})(?:\.0+|年|[-/.年]\d.*)?")
_KEYS = ("enterprise", "university", "chain", "segment", "kind")


def parse_chain(value: object, chains: ChainNames | None = None) -> str:
    """A chain's id from its id, name or alias; of the packaged ones unless others are given.

    Raises:
        BadCell: an unknown chain, or several.
    """
    found = parse.parse_chains(value, chains)
    if len(found) != 1:
        raise BadCell("只填一条产业链，多条请分行", "write one chain; others in rows of their own")
    return found[0]


def parse_segment(value: object, chains: ChainNames | None = None) -> str:
    """A segment's id from its id or Chinese name, within the same chains.

    Raises:
        BadCell: an unknown segment, or a name that two chains have.
    """
    wanted = parse.parse_line(value)
    chains = chains or packaged_names()
    found = chains.find_segments(wanted)
    if len(found) == 1:
        return found[0]
    if found:
        listed = "、".join(found)
        raise BadCell(f"几条链都有此环节，请填编号：{listed}", f"write one of the ids: {listed}")
    near = "、".join(parse.nearest(wanted, chains.all_segments(), k=3))
    hint = ("，是否为：" + near, f"; did you mean {near}") if near else ("", "")
    raise BadCell(
        f"没有这个环节{hint[0]}；环节见 yilian chain show",
        f"unknown segment{hint[1]}; yilian chain show lists them",
    )


def parse_year(value: object) -> int:
    """A year from 1950 to this one.

    Raises:
        BadCell: anything else.
    """
    text = unicodedata.normalize("NFKC", parse.parse_line(value))
    match = _YEAR.fullmatch(text)
    latest = datetime.now(UTC).year
    if match is None or not _EARLIEST <= int(match[1]) <= latest:
        raise BadCell(
            f"应为 {_EARLIEST}–{latest} 之间的年份，例如 2024",
            f"write a year from {_EARLIEST} to {latest} such as 2024",
        )
    return int(match[1])


def complete_cooperation(values: dict[str, Any]) -> None:
    """Fill in, in place, what the other cells tell: the segment's chain, and the id."""
    if "segment" in values:
        values.setdefault("chain", values["segment"].partition(".")[0])
    values.setdefault("id", _id_of(values))


def _id_of(values: Mapping[str, Any]) -> str:
    """The id of a cooperation without its own: of the same two, on the same place."""
    content = json.dumps([values.get(key) for key in _KEYS], ensure_ascii=False, default=str)
    return f"c-{blake2b(content.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


COOPERATION_FIELDS = (
    Field(
        "enterprise",
        "合作企业",
        parse.parse_name,
        ("企业", "企业名称", "企业编号", "company"),
        True,
        "单位名称或单位编号；新名称会自动建为企业",
        is_text=True,
    ),
    Field(
        "university",
        "合作高校院所",
        parse.parse_name,
        ("高校", "高校院所", "高校名称", "合作高校", "高校编号", "institute"),
        True,
        "单位名称或单位编号；新名称会自动建为高校",
        is_text=True,
    ),
    Field(
        "chain",
        "合作产业链",
        parse_chain,
        by_chains=parse_chain,
        synonyms=("产业链", "所属产业链", "industry chain"),
        hint="可留空；只填一条",
    ),
    Field(
        "segment",
        "产业链环节",
        parse_segment,
        by_chains=parse_segment,
        synonyms=("环节", "环节名称", "所属环节"),
        hint="可留空；环节名称或编号",
    ),
    Field("since", "起始年份", parse_year, ("开始年份", "起始年", "合作起始年份", "start")),
    Field(
        "year",
        "最近年份",
        parse_year,
        ("年份", "合作年份", "最近合作年份", "last heard of"),
        hint="最近一次有合作的年份",
    ),
    Field(
        "kind",
        "合作方式",
        parse_mode,
        ("合作模式", "合作类型", "cooperation mode"),
        choices=first_words(MODES),
    ),
    Field(
        "source",
        "信息来源",
        parse.parse_text,
        ("来源", "出处"),
        hint="例如合同登记、企业填报、新闻报道",
        is_text=True,
    ),
    Field(
        "id",
        "合作编号",
        parse.parse_id,
        ("cooperation id",),
        hint="留空自动生成；同一编号再次导入即更新",
    ),
)
