"""Rows of one file that are about the same item."""

from typing import cast

from data.expert import Expert
from data.importers.convert import Converted, Converter, Item
from data.importers.expert_fields import is_numbered
from data.importers.problems import Advice, Place, Problem, Severity
from data.rows import digest


class UsedIds:
    """The ids that one file has used, with the row and the content of each."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[str, int, str]] = {}

    def repeated(self, converted: Converted, place: Place, converter: Converter) -> list[Problem]:
        """What to say of an id that an earlier row has used; nothing for a new one.

        Args:
            converted: A row with its item.
            place: The row's table.
            converter: What the table's columns are called.
        """
        item = cast(Item, converted.item)
        mark = digest(item)
        if item.id not in self._first:
            self._first[item.id] = (place.sheet or "", converted.row, mark)
            return []
        sheet, row, first_mark = self._first[item.id]
        where_zh = f"［{sheet}］第 {row} 行" if sheet else f"第 {row} 行"
        where_en = f"row {row} of {sheet}" if sheet else f"row {row}"
        same = mark == first_mark
        named = item.name if isinstance(item, Expert) and not is_numbered(item) else None
        if same:
            advice = Advice(f"与{where_zh}完全相同，已合并", f"the same as {where_en}; merged")
        elif named is not None:
            advice = Advice(
                f"与{where_zh}同单位同姓名而内容不同；若是两个人，请各填专家编号；此行未导入",
                f"{where_en} has the same organisation and name with other content; if they are"
                " two people, give each an id; this row was not loaded",
            )
        else:
            advice = Advice(
                f"编号与{where_zh}重复而内容不同，请改编号或删去其一；此行未导入",
                f"the id is taken by {where_en} with other content; change the id or delete"
                " one of the two; this row was not loaded",
            )
        return [
            place.problem(
                advice,
                row=converted.row,
                column=converter.header_of("id" if named is None else "name"),
                value=item.id if named is None else named,
                severity=Severity.WARNING if same else Severity.ERROR,
            )
        ]
