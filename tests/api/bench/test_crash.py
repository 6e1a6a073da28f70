"""A server killed while it is written to."""

import json
import subprocess
import sys


def test_no_acknowledged_write_is_lost_and_no_index_entry_dangles():
    command = "from api.cli import main; main()"
    crash = ["bench", "crash", "--rounds", "100", "--seed", "2026", "--json"]

    ended = subprocess.run(
        [sys.executable, "-c", command, *crash], capture_output=True, text=True, check=False
    )

    report = json.loads(ended.stdout)
    assert (report["lost"], report["dangling"]) == (0, 0), ended.stderr
    assert report["acknowledged"] >= 100  # every server lived long enough to be told something
    assert ended.returncode == 0
