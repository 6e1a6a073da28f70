"""Pictures of chains: what is drawn, and how the files come about."""

import errno
import os
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from api.chains.drawing import draw_chains
from api.cli.chain_picture import feeds_of
from api.pictures.drawing import Drawing, Label, Line, Polygon, Rectangle, text_width, wrap
from api.pictures.picture import as_svg, write_picture
from api.pictures.png import CHINESE_FONTS, NoChineseFont, UnusableFont
from data.errors import CannotWriteFile
from matcher.chain import IndustryChain, Position, Segment
from matcher.chain_map_types import ChainEntry
from tests.api.conftest import Run
from tests.matcher.test_chain_map import made, mapped, need, on

SVG = "{http://www.w3.org/2000/svg}"
DASHED = (5.0, 4.0)


def chain_of(upstream: int, midstream: int, downstream: int, name: str = "环节") -> IndustryChain:
    counts = dict(zip(Position, (upstream, midstream, downstream), strict=True))
    segments = tuple(
        Segment(id=f"boats.{p}{i}", chain="boats", position=p, name_zh=f"{name}{i}", name_en="Part")
        for p, count in counts.items()
        for i in range(count)
    )
    return IndustryChain(id="boats", name_zh="船艇", name_en="Boats", segments=segments)


def entry(chain: IndustryChain, needs=None, supply=None) -> ChainEntry:
    return mapped(needs or {}, supply or {}, chains=(chain,)).chains[0]


def drawn(chain: IndustryChain, feeds=None) -> Drawing:
    return draw_chains([(entry(chain), feeds_of(chain) if feeds is None else feeds)])


def boxes(drawing: Drawing) -> list[Rectangle]:
    return [s for s in drawing.shapes if isinstance(s, Rectangle) and s.width == 280]


def labels(drawing: Drawing) -> list[Label]:
    return [s for s in drawing.shapes if isinstance(s, Label)]


def fonts_here() -> list[str]:
    from matplotlib.font_manager import fontManager

    names = {entry.name for entry in fontManager.ttflist}
    return [name for name in CHINESE_FONTS if name in names]


@pytest.mark.parametrize(
    "chain",
    [chain_of(3, 2, 4), chain_of(0, 40, 0), chain_of(2, 2, 1, name="名称很长的环节，" * 12)],
    ids=["usual", "forty", "long names"],
)
def test_nothing_overlaps_and_nothing_leaves_the_picture(chain: IndustryChain):
    drawing = drawn(chain)

    assert len(boxes(drawing)) == len(chain.segments)
    for a, b in combinations(boxes(drawing), 2):
        apart_x = a.x + a.width <= b.x or b.x + b.width <= a.x
        assert apart_x or a.y + a.height <= b.y or b.y + b.height <= a.y
    for a, b in combinations(labels(drawing), 2):
        apart_x = a.x + text_width(a.text, a.size) <= b.x or b.x + text_width(b.text, b.size) <= a.x
        assert apart_x or abs(a.y - b.y) >= min(a.size, b.size)
    for label in labels(drawing):
        assert 0 <= label.x
        assert label.x + text_width(label.text, label.size) <= drawing.width
        assert label.size <= label.y <= drawing.height


def test_every_line_of_a_box_stands_within_it():
    drawing = drawn(chain_of(1, 1, 1, name="Unbreakable-name-of-a-segment-" * 8))

    inside = 0
    for box in boxes(drawing):
        for label in labels(drawing):
            if box.x < label.x < box.x + box.width and box.y < label.y < box.y + box.height:
                inside += 1
                assert label.x + text_width(label.text, label.size) <= box.x + box.width
    assert inside > 15


def test_segments_stand_in_three_columns_from_left_to_right():
    drawing = drawn(chain_of(2, 1, 2))

    assert [box.x for box in boxes(drawing)] == sorted(box.x for box in boxes(drawing))
    assert len({box.x for box in boxes(drawing)}) == 3
    headings = [label.text for label in labels(drawing) if "stream" in label.text]
    assert headings == ["上游 upstream", "中游 midstream", "下游 downstream"]


def test_states_are_told_by_words_and_edges_and_not_by_colour_alone():
    chain = chain_of(3, 0, 0)
    needs = {need("n1"): on("upstream0")}
    drawing = draw_chains([(entry(chain, needs, {made("a1"): on("upstream1")}), [])])

    edges = {(box.edge_width, box.dash) for box in boxes(drawing)}
    assert len(edges) == 3
    words = [label.text for label in labels(drawing)]
    for word in ("【瓶颈 bottleneck】", "【闲置 idle】", "【空白 empty】"):
        assert words.count(word) == 1
    assert "需求 needs 1（未解 unmet 1）" in words
    assert sum(word.startswith("瓶颈 bottleneck：") for word in words) == 1


def test_one_trunk_serves_all_that_feed_the_same_segments():
    drawing = drawn(chain_of(5, 4, 0))

    heads = [s for s in drawing.shapes if isinstance(s, Polygon)]
    lines = [s for s in drawing.shapes if isinstance(s, Line)]
    assert len(heads) == 4
    assert len(lines) == 1 + 5 + 4


def test_a_cycle_is_drawn_dashed_and_unknown_segments_are_left_out():
    cycle = [
        ("boats.upstream0", "boats.midstream0"),
        ("boats.midstream0", "boats.upstream0"),
        ("boats.upstream0", "boats.upstream1"),
        ("boats.upstream1", "boats.downstream0"),
        ("boats.upstream0", "boats.upstream0"),
        ("boats.gone", "boats.upstream0"),
    ]

    drawing = drawn(chain_of(2, 1, 1), cycle)

    dashed = [s for s in drawing.shapes if isinstance(s, Line) and s.dash == DASHED]
    assert len(dashed) == 3
    last_line = max(i for i, s in enumerate(drawing.shapes) if isinstance(s, Line))
    assert last_line < drawing.shapes.index(boxes(drawing)[0])


def test_a_chain_without_segments_says_so():
    words = [label.text for label in labels(drawn(chain_of(0, 0, 0)))]

    assert any("尚未定义环节" in word for word in words)


def test_a_chain_without_midstream_feeds_its_downstream_directly():
    chain = chain_of(2, 0, 1)

    assert feeds_of(chain) == [
        ("boats.upstream0", "boats.downstream0"),
        ("boats.upstream1", "boats.downstream0"),
    ]
    assert not any(getattr(s, "dash", ()) == DASHED for s in drawn(chain).shapes)


def test_lines_break_between_ideographs_and_not_within_words():
    assert wrap("动力电池 battery pack", size=10, width=62) == ["动力电池", "battery", "pack"]
    assert wrap("甲乙丙，丁", size=10, width=40) == ["甲乙丙，", "丁"]
    assert wrap("", size=10, width=40) == []


def test_svg_keeps_text_as_text_and_survives_any_name():
    chain = replace(chain_of(1, 0, 0, name='<&> "$x$"\x07'), name_zh="船\x00艇")

    root = ElementTree.fromstring(as_svg(drawn(chain)))

    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert '<&> "$x$" 0' in texts
    assert root.find(f"{SVG}title").text == "船 艇"
    assert "Noto Sans CJK SC" in root.get("font-family")
    assert root.get("font-family").endswith("sans-serif")


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "船.svg"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CannotWriteFile, match="No space left"):
        write_picture(drawn(chain_of(1, 1, 1)), path)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(CannotWriteFile, match="absent"):
        write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "absent" / "a.svg")


def test_another_format_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match=".svg, .png"):
        write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "a.gif")


def test_png_is_painted_with_a_font_of_this_machine(tmp_path: Path):
    if not fonts_here():
        pytest.skip("no Chinese font on this machine: apt-get install fonts-noto-cjk")

    write_picture(drawn(chain_of(2, 1, 1, name=r"$\oops$")), tmp_path / "a.PNG")

    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")
    assert len(list(tmp_path.iterdir())) == 1


def test_without_a_chinese_font_png_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("api.pictures.png.CHINESE_FONTS", ("No Such Font",))
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", list)

    with pytest.raises(NoChineseFont, match="fonts-noto-cjk.* --font"):
        write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
    write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "a.svg")


def test_a_font_installed_since_matplotlib_looked_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not fonts_here():
        pytest.skip("no Chinese font on this machine: apt-get install fonts-noto-cjk")
    from matplotlib.font_manager import fontManager

    new = {entry.fname for entry in fontManager.ttflist if entry.name in CHINESE_FONTS}
    kept = [entry for entry in fontManager.ttflist if entry.fname not in new]
    monkeypatch.setattr(fontManager, "ttflist", kept)

    write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "a.png")

    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize("content", [b"not a font", None])
def test_a_file_that_is_no_font_is_refused(tmp_path: Path, content: bytes | None):
    font = tmp_path / "font.ttf"
    if content is not None:
        font.write_bytes(content)

    with pytest.raises(UnusableFont, match="font.ttf"):
        write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "a.png", font=font)


def test_a_font_without_chinese_is_refused(tmp_path: Path):
    import matplotlib

    latin = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"

    with pytest.raises(UnusableFont, match="DejaVuSans"):
        write_picture(drawn(chain_of(1, 0, 0)), tmp_path / "a.png", font=latin)


def test_the_command_draws_one_chain_or_all(on_samples: Run, tmp_path: Path):
    one, everything = tmp_path / "one.svg", tmp_path / "all.svg"

    assert on_samples("chain", "picture", "机器人", "--out", one).exit_code == 0
    assert on_samples("chain", "picture", "--out", everything).exit_code == 0

    assert "减速器" in one.read_text(encoding="utf-8")
    assert "纺织服装" not in one.read_text(encoding="utf-8")
    assert "纺织服装" in everything.read_text(encoding="utf-8")


def test_the_command_refuses_another_extension_and_keeps_the_file(on_samples: Run, tmp_path: Path):
    path = tmp_path / "picture.pdf"
    path.write_text("mine")

    done = on_samples("chain", "picture", "nev", "--out", path)

    assert done.exit_code == 2
    assert ".svg" in done.output
    assert path.read_text() == "mine"


def test_the_command_draws_an_empty_database(yilian: Run, tmp_path: Path):
    assert yilian("chain", "picture", "nev", "--out", tmp_path / "a.svg").exit_code == 0
    assert "需求 needs 0" in (tmp_path / "a.svg").read_text(encoding="utf-8")
