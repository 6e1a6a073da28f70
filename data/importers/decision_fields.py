"""The fields of brokers' decisions, and how their cells are read."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, timezone
from hashlib import blake2b
from typing import Any

from data.importers import parse
from data.importers.choices import LEVELS, REASONS, VERDICTS, first_words
from data.importers.field import Field
from data.importers.numbers import parse_date
from data.importers.problems import BadCell

_BEIJING = timezone(timedelta(hours=8))
_TIME = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?")
_RANK = re.compile(r"(\d{1,6})(?:\.0+)?")
_LEVEL_WORDS = {parse.fold(word): level for level, words in LEVELS.items() for word in words}


def parse_level(value: object) -> int:
    """A level of relevance, 1 to 4, as a figure or in the words of the scale.

    Raises:
        BadCell: anything else.
    """
    text = parse.fold(parse.parse_text(value))
    level = _LEVEL_WORDS.get(text) or (int(text) if text in ("1", "2", "3", "4") else None)
    if level is None:
        words = "、".join(f"{level} {words[0]}" for level, words in LEVELS.items())
        raise BadCell(f"应为 1–4：{words}", "write 4 strong, 3 fair, 2 weak or 1 irrelevant")
    return level


def parse_rank(value: object) -> int:
    """A place in a list, from 1.

    Raises:
        BadCell: anything else.
    """
    match = _RANK.fullmatch(unicodedata.normalize("NFKC", parse.parse_line(value)))
    if match is None or int(match[1]) < 1:
        raise BadCell("应为正整数，从 1 起", "write a whole number, 1 being the top")
    return int(match[1])


def parse_moment(value: object) -> datetime:
    """A moment in UTC; without a zone it is Beijing time, without a time the day's start.

    Raises:
        BadCell: no date, or one that is still to come.
    """
    moment = _moment(value)
    # for its check of the year
    parse_date(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_BEIJING)
    # a day's grace for clocks and zones; a year mistyped would stay the latest for ever
    if moment > datetime.now(UTC) + timedelta(days=1):
        raise BadCell("时间在将来，请检查", "this is in the future; check it")
    return moment.astimezone(UTC)


def decision_id(values: Mapping[str, Any]) -> str:
    """The id of a decision that has none of its own; the same row, the same id."""
    content = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return f"d-{blake2b(content.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    text = unicodedata.normalize("NFKC", str(value)).strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        clock = _TIME.search(text)
    day = parse_date(text[: clock.start()].strip() if clock else value)
    if day is None:
        raise _bad_moment()
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    try:
        return datetime.combine(day, time(hour, minute, second))
    except ValueError as error:
        raise _bad_moment() from error


def _bad_moment() -> BadCell:
    return BadCell("应为时间，例如 2026-06-30 14:05", "write a time such as 2026-06-30 14:05")


DECISION_FIELDS = (
    Field("query_id", "需求编号", parse.parse_id, ("需求", "need", "need id", "query"), True),
    Field(
        "document_id",
        "成果编号",
        parse.parse_id,
        ("成果", "achievement", "achievement id", "document"),
        True,
    ),
    Field(
        "level",
        "匹配等级",
        parse_level,
        ("等级", "相关度", "相关性", "相关等级", "grade"),
        hint="4 强相关、3 较强相关、2 弱相关、1 无相关；等级与结论至少填一项",
        choices=tuple("4321"),
    ),
    Field(
        "verdict",
        "结论",
        parse.choice_parser(VERDICTS),
        ("是否采纳", "采纳", "处理结果", "decision"),
        hint="等级与结论至少填一项",
        choices=first_words(VERDICTS),
    ),
    Field(
        "reason",
        "原因",
        parse.choice_parser(REASONS),
        ("理由", "原因代码", "不采纳原因", "拒绝原因", "reason code"),
        hint="不采纳时填写",
        choices=first_words(REASONS),
    ),
    Field("note", "备注", parse.parse_text, ("说明", "意见", "comment", "remarks"), is_text=True),
    Field(
        "who",
        "经纪人",
        parse.parse_name,
        ("技术经纪人", "判断人", "填写人", "姓名", "broker", "by"),
        True,
        "谁给的反馈；同一人请始终用同一写法",
    ),
    Field(
        "made_at",
        "时间",
        parse_moment,
        ("日期", "判断时间", "填写时间", "when", "date", "time"),
        hint="例如 2026-06-30 14:05（北京时间）；留空为导入时间",
    ),
    Field("rank", "名次", parse_rank, ("排名", "位次", "position"), hint="在匹配清单中的名次"),
    Field("run_id", "匹配批次", parse.parse_id, ("批次", "run", "match run")),
    Field(
        "id",
        "反馈编号",
        parse.parse_id,
        ("decision id",),
        hint="留空自动生成；已存的反馈不会更改，要更正请另填一行",
    ),
)
