"""Whatever a cell or a file holds, the importers answer with a report."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from data.importers.field import Field
from data.importers.fields import FIELDS
from data.importers.load import load
from data.importers.problems import BadCell
from data.importers.rows import Kind

CELLS = (
    st.text(max_size=40)
    | st.from_regex(r"[0-9年月日/.\-万亿元,TRLtrl级 ]{1,20}", fullmatch=True)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.lists(st.text(max_size=5) | st.integers(), max_size=3)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)
EVERY_FIELD = [field for fields in FIELDS.values() for field in fields]


@pytest.mark.parametrize("field", EVERY_FIELD, ids=lambda field: field.name)
@given(value=CELLS)
@example(value="9" * 500)
@example(value="0000-00-00")
@settings(max_examples=30, deadline=None)
def test_a_cell_is_read_or_refused_with_advice(field: Field, value: object):
    advice = None
    try:
        field.parse(value)
    except BadCell as refused:
        advice = refused.advice

    assert advice is None or (advice.zh and advice.en)


@pytest.mark.parametrize("name", ["需求.csv", "needs.jsonl", "成果.xlsx", "x.txt"])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(content=b"PK\x03\x04\x14\x00")
@example(content=b"id,title\n1,\xff\xfe\n")
@example(content=b'{"id": 1e999, "title": NaN}')
@example(content=b'{"id": 1, "title": "\\ud800\\udfff\\u0000"}')
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_file_of_any_bytes_is_loaded_or_reported(
    sqlite_engine: Engine, tmp_path: Path, name: str, content: bytes
):
    path = tmp_path / name
    path.write_bytes(content)

    report = load([path], engine=sqlite_engine, kind=Kind.AUTO)

    stored = sum(counts.added + counts.unchanged for counts in report.counts.values())
    assert stored or report.problems or report.warnings
