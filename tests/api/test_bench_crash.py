"""A server killed while it is written to."""

from api.bench_crash import crash_rounds


def test_no_acknowledged_write_is_lost_and_no_index_entry_dangles():
    report = crash_rounds(100, seed=2026)

    assert (report.lost, report.dangling) == (0, 0)
    assert report.acknowledged >= 100  # every server lived long enough to be told something
