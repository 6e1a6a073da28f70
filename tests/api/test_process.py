"""The command as a process of its own: exit codes, signals, neighbours."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.api.conftest import learn_terms

COMMAND = [sys.executable, "-W", "error", "-c", "from api.cli import main; main()"]


@pytest.fixture
def environment(home: Path, model_folder: Path) -> dict[str, str]:
    return os.environ | {"YILIAN_HOME": str(home), "YILIAN_MODEL": str(model_folder)}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def write_needs(path: Path, count: int, *, start: int = 0) -> Path:
    lines = [f"n{i},第{i}号需求：降低电机噪声" for i in range(start, start + count)]
    path.write_text("编号,需求名称\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def stored(environment: dict[str, str]) -> list[str]:
    done = run(environment, "list", "needs", "--limit", "100000", "--json")
    return [record["id"] for record in json.loads(done.stdout)]


def test_an_error_of_ours_is_one_line_and_exit_code_one(environment: dict[str, str]):
    done = run(environment, "match", "n-none")

    assert done.returncode == 1
    assert done.stderr.startswith("✗ ")
    assert "Traceback" not in done.stderr


def test_brackets_in_a_message_are_only_brackets(environment: dict[str, str]):
    done = run(environment, "match", "[/x][red]")

    assert done.returncode == 1
    assert "[/x][red]" in done.stderr


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252"])
def test_a_console_that_lacks_characters_still_gets_an_answer(
    environment: dict[str, str], tmp_path: Path, encoding: str
):
    run(environment, "load", str(write_needs(tmp_path / "needs.csv", 2)))
    environment |= {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}

    for arguments in (["doctor"], ["list", "needs"], ["--help"]):
        done = subprocess.run([*COMMAND, *arguments], env=environment, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
    plain = subprocess.run(
        [*COMMAND, "list", "needs", "--json"], env=environment, capture_output=True
    )
    assert json.loads(plain.stdout.decode(encoding))[0]["title"].startswith("第0号")


def test_nothing_is_written_outside_the_home(environment: dict[str, str], tmp_path: Path):
    elsewhere = tmp_path / "user"
    elsewhere.mkdir()
    environment |= {"HOME": str(elsewhere)}
    run(environment, "load", str(write_needs(tmp_path / "needs.csv", 1)))

    run(environment, "match", "--text", "电机")

    assert list(elsewhere.rglob("*")) == []


def test_a_file_of_which_nothing_loads_is_a_failure(environment: dict[str, str], tmp_path: Path):
    assert run(environment, "load", str(tmp_path / "missing.csv")).returncode == 1


@pytest.mark.parametrize("name", ["a?b", "a#b", "a b%20"])
def test_a_home_may_have_any_name(
    environment: dict[str, str], known_terms: Path, tmp_path: Path, name: str
):
    environment |= {"YILIAN_HOME": str(tmp_path / name)}
    learn_terms(tmp_path / name, known_terms)

    done = run(environment, "load", str(write_needs(tmp_path / "needs.csv", 1)))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / name / "yilian.sqlite").is_file()


def test_a_match_loads_neither_torch_nor_pandas(environment: dict[str, str], tmp_path: Path):
    run(environment, "load", str(write_needs(tmp_path / "needs.csv", 2)))
    code = (
        "import sys; from api.cli.app import app;"
        " app(['match', 'n1'], standalone_mode=False);"
        " sys.exit(str({'torch', 'sentence_transformers', 'pandas', 'sklearn'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert done.stderr.strip().endswith("set()")


def test_two_processes_loading_at_once_both_succeed(environment: dict[str, str], tmp_path: Path):
    files = [write_needs(tmp_path / f"needs{i}.csv", 100, start=100 * i) for i in (0, 1)]

    processes = [
        subprocess.Popen(
            [*COMMAND, "load", str(f)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for f in files
    ]
    outcomes = [process.communicate(timeout=120) for process in processes]

    assert [p.returncode for p in processes] == [0, 0], outcomes
    assert len(stored(environment)) == 200
    done = run(environment, "doctor")
    assert done.returncode == 0, done.stdout


def test_an_interrupted_load_leaves_nothing_half_done(environment: dict[str, str], tmp_path: Path):
    table = write_needs(tmp_path / "needs.csv", 30_000)
    process = subprocess.Popen(
        [*COMMAND, "load", str(table)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # whoever runs the tests in the background has SIGINT ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)

    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 130, complaint
    assert "Traceback" not in complaint
    assert "interrupted" in complaint
    assert len(stored(environment)) in (0, 30_000)


def test_a_home_that_is_a_file_is_said(environment: dict[str, str], home: Path):
    shutil.rmtree(home)
    home.write_text("in the way")

    done = run(environment, "list", "needs")

    assert done.returncode == 1
    assert "YILIAN_HOME" in done.stderr
