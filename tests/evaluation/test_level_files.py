import pytest

from evaluation.errors import EmptyFile, MalformedLine, UnreadableLevels
from evaluation.grader import Judged
from evaluation.level_files import LevelPair, read_levels

HEADER = "pair_id,need_id,achievement_id,level\n"


@pytest.fixture
def write(tmp_path):
    def write_file(content):
        path = tmp_path / "levels.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.mark.parametrize(
    "content",
    [
        HEADER + "p1,n1,a1,4\np2,n1,a1,2\n",
        "\ufeff" + HEADER + "p1,n1,a1,4\r\n\r\np2,n1,a1,2",
        'Level, note ,pair_id,need_id,achievement_id\n4,x,p1,n1,a1\n2,"y, z",p2,n1,a1\n',
    ],
    ids=["plain", "byte order mark, CRLF, blank line", "other order, another column"],
)
def test_judgements_are_read_one_a_row(write, content):
    assert read_levels(write(content)) == (
        LevelPair("p1", Judged("n1", "a1", 4)),
        LevelPair("p2", Judged("n1", "a1", 2)),
    )


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("pair_id,need_id,achievement_id\np1,n1,a1\n", 1, "header lacks level; without"),
        ("\np1,n1,a1,3\n", 2, "header lacks pair_id, need_id, achievement_id, level"),
        (HEADER + "p1,n1,a1,3\n\np2,n1,a1\n", 4, "has 3 cells under 4 headers"),
        (HEADER + "p1,n1,a1,3,9\n", 2, "has 5 cells under 4 headers"),
        (HEADER + "p1,,a1,3\n", 2, "need_id is empty"),
        (HEADER + "p1,n1,a1,\n", 2, "level is empty"),
        (HEADER + "p1,n1,a1,0\n", 2, "level '0' must be 1, 2, 3 or 4"),
        (HEADER + "p1,n1,a1,5\n", 2, "level '5'"),
        (HEADER + "p1,n1,a1,3.5\n", 2, "level '3.5'"),
        (HEADER + "p1,n1,a1,high\n", 2, "level 'high'"),
        (HEADER + "p1,n1,a1,3\np1,n2,a1,3\n", 3, "repeats pair_id 'p1'"),
        (HEADER + 'p1,"n1"x,a1,3\n', 2, "stray double quote"),
        ((HEADER + "p1,需求,a1,3\n").encode("gb18030"), 2, "UTF-8"),
    ],
)
def test_a_row_that_is_no_judgement_is_cited(write, content, line, problem):
    path = write(content)

    with pytest.raises(MalformedLine) as caught:
        read_levels(path)

    assert (caught.value.path, caught.value.line) == (path, line)
    assert problem in caught.value.problem


@pytest.mark.parametrize("content", ["", "\n\n", HEADER])
def test_a_file_without_rows_is_refused(write, content):
    with pytest.raises(EmptyFile):
        read_levels(write(content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableLevels, match="pair_id,need_id,achievement_id,level") as caught:
        read_levels(tmp_path / "nowhere.csv")

    assert caught.value.path == tmp_path / "nowhere.csv"
