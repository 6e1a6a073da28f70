"""Items to store, and files to load them from."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from matcher.cooperation import PastCooperation
from matcher.decision import Decision
from matcher.types import (
    Achievement,
    CooperationMode,
    IpStatus,
    Need,
    Organization,
    OrganizationKind,
    Status,
    Visibility,
)

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def make_organization(id: str = "e1", **changes: Any) -> Organization:
    """An enterprise with every field filled."""
    values: dict[str, Any] = {
        "name": f"示例{id}有限公司",
        "kind": OrganizationKind.ENTERPRISE,
        "county": "yongkang",
        "chains": ("tools-agri",),
        "text": "生产电动工具。",
        "gbt4754": "3465",
    }
    return Organization(id=id, **(values | changes))


def make_need(id: str = "n1", **changes: Any) -> Need:
    """A need with every field filled and no organisation."""
    values: dict[str, Any] = {
        "title": "电机转子护套减薄",
        "text": "护套过厚，\n涡流损耗大。",
        "county": "yongkang",
        "chains": ("tools-agri", "nev"),
        "keywords": ("永磁电机", "护套"),
        "cooperation_modes": (CooperationMode.JOINT_DEVELOPMENT, CooperationMode.LICENSE),
        "visibility": Visibility.BROKER,
        "status": Status.PUBLISHED,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "must_have": ("转速≥60000 r/min",),
        "nice_to_have": ("可批量生产",),
        "indicators": ("损耗≤1,200 W",),
        "budget_cny": 800_000,
        "deadline": date(2027, 6, 30),
        "min_trl": 6,
    }
    return Need(id=id, **(values | changes))


def make_achievement(id: str = "a1", **changes: Any) -> Achievement:
    """An achievement with every field filled and no organisation."""
    values: dict[str, Any] = {
        "title": "碳纤维缠绕护套",
        "text": "预张力缠绕。",
        "county": None,
        "chains": ("nev",),
        "keywords": ("碳纤维",),
        "cooperation_modes": (CooperationMode.TRANSFER,),
        "visibility": Visibility.PUBLIC,
        "status": Status.PUBLISHED,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "trl": 6,
        "ip_status": IpStatus.GRANTED,
        "patents": (),
        "ipc": ("H02K1/27",),
        "team": ("张工（示例）",),
        "price_cny": 500_000,
    }
    return Achievement(id=id, **(values | changes))


def make_decision(id: str = "d1", **changes: Any) -> Decision:
    """A broker's decision on the match of n1 and a1; a level or verdict is for the caller."""
    values: dict[str, Any] = {
        "query_id": "n1",
        "document_id": "a1",
        "who": "张工（示例）",
        "made_at": MOMENT,
    }
    return Decision(id=id, **(values | changes))


def make_cooperation(id: str = "c1", **changes: Any) -> PastCooperation:
    """A cooperation of e1 and u1 with every field filled."""
    values: dict[str, Any] = {
        "enterprise": "e1",
        "university": "u1",
        "chain": "nev",
        "segment": "nev.drive-motor",
        "since": 2021,
        "year": 2024,
        "kind": CooperationMode.COMMISSIONED_DEVELOPMENT,
        "source": "合同登记",
    }
    return PastCooperation(id=id, **(values | changes))


def write_sheet(path: Path, *rows: Sequence[object], sheet: str = "需求") -> Path:
    """A workbook of one sheet with these rows, the header first."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def write_lines(path: Path, *objects: Any) -> Path:
    """A JSON Lines file; strings are written as they are."""
    lines = [o if isinstance(o, str) else json.dumps(o, ensure_ascii=False) for o in objects]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


PACKAGED = Path(str(files("data.reference")))


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """A JSON file changed in place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
