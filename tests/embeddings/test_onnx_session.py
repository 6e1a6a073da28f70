import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import FloatArray, Role
from embeddings.errors import ModelBroken, ModelMissing
from embeddings.model_folder import INT8, PROMPTS_FILE, TOKENIZER, Manifest, digest_of
from embeddings.onnx_session import OnnxEncoder, batches_by_length
from embeddings.sentence_encoder import SentenceEncoder, open_encoder
from embeddings.sentence_folder import write_folder
from tests.embeddings.mini_weights import HIDDEN, POSITIONS, open_mini

TEXTS = ["电机", "1～2 km", "motor 电机 12", "机", "电机1", "电2", "机2 motor"]


@pytest.fixture(scope="module")
def mini_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("mini")
    folder = scratch / "model"
    folder.mkdir()
    pieces = write_folder(open_mini(scratch), folder)
    Manifest(
        name="mini",
        source="test",
        licence="MIT",
        fingerprint=digest_of(folder, [INT8, TOKENIZER, PROMPTS_FILE]),
        dim=HIDDEN,
        max_tokens=POSITIONS,
        pieces=pieces,
        sizes={INT8: (folder / INT8).stat().st_size},
    ).write(folder)
    return folder


@pytest.fixture
def broken(mini_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mini_folder, tmp_path / "broken"))


def assert_same_bits_in_any_company(folder: Path, texts: list[str]) -> None:
    together = OnnxEncoder(folder, threads=2).encode(texts, role=Role.DOCUMENT)
    single = OnnxEncoder(folder, threads=1)
    alone = np.concatenate([single.encode([text], role=Role.DOCUMENT) for text in texts])
    mirrored = single.encode(texts[::-1], role=Role.DOCUMENT)[::-1]

    assert np.array_equal(together, alone)
    assert np.array_equal(together, mirrored)


def cosines(one: FloatArray, other: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", one, other))


def test_vectors_have_unit_length_and_the_model_s_width(mini_folder: Path):
    vectors = OnnxEncoder(mini_folder).encode(TEXTS, role=Role.QUERY)

    assert vectors.shape == (len(TEXTS), HIDDEN)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_no_texts_make_no_rows(mini_folder: Path):
    assert OnnxEncoder(mini_folder).encode([], role=Role.QUERY).shape == (0, HIDDEN)


def test_a_text_has_the_same_bits_in_any_company_and_on_any_number_of_threads(mini_folder: Path):
    assert_same_bits_in_any_company(mini_folder, TEXTS)


def test_queries_and_documents_are_prefixed_differently(mini_folder: Path):
    encoder = OnnxEncoder(mini_folder)

    query = encoder.encode(["电机"], role=Role.QUERY)
    document = encoder.encode(["电机"], role=Role.DOCUMENT)

    assert not np.array_equal(query, document)


def test_the_int8_graph_agrees_with_the_fp32_weights(mini_folder: Path):
    light = OnnxEncoder(mini_folder)
    full = SentenceEncoder(str(mini_folder), device="cpu")

    for role in Role:
        both = light.encode(TEXTS, role=role), full.encode(TEXTS, role=role)
        assert cosines(*both).min() > 0.995
    assert light.fingerprint != full.fingerprint


def test_a_text_of_more_tokens_than_the_model_reads_is_read_to_its_end(mini_folder: Path):
    encoder = OnnxEncoder(mini_folder)
    long = "12" * POSITIONS

    plain, longer = encoder.encode([long, long + "电机" * 9], role=Role.DOCUMENT)

    assert not np.allclose(plain, longer)
    assert np.linalg.norm(longer) == pytest.approx(1, abs=1e-6)


def test_a_lone_surrogate_does_not_stop_the_encoder(mini_folder: Path):
    vectors = OnnxEncoder(mini_folder).encode(["电\ud800机"], role=Role.DOCUMENT)

    assert np.isfinite(vectors).all()


@pytest.mark.parametrize("name", [TOKENIZER, PROMPTS_FILE, INT8, "yilian_model.json"])
def test_a_folder_without_a_needed_file_names_it_and_says_how_to_mend_it(broken: Path, name: str):
    (broken / name).unlink()

    with pytest.raises(ModelBroken, match="yilian model build") as caught:
        open_encoder(str(broken))

    assert caught.value.file == name
    assert name in str(caught.value)


@pytest.mark.parametrize("name", [TOKENIZER, PROMPTS_FILE, INT8, "yilian_model.json"])
def test_a_file_cut_short_is_reported_as_broken(broken: Path, name: str):
    content = (broken / name).read_bytes()
    (broken / name).write_bytes(content[: len(content) // 2])

    with pytest.raises(ModelBroken) as caught:
        open_encoder(str(broken))

    assert caught.value.file == name


def test_a_damaged_graph_of_the_right_size_is_reported_as_broken(broken: Path):
    size = (broken / INT8).stat().st_size
    (broken / INT8).write_bytes(b"\xff" * size)

    with pytest.raises(ModelBroken) as caught:
        open_encoder(str(broken))

    assert caught.value.file == INT8


def test_a_folder_that_is_not_there_is_missing(tmp_path: Path):
    with pytest.raises(ModelMissing, match="YILIAN_MODEL"):
        OnnxEncoder(tmp_path / "none")


def test_batches_hold_texts_of_one_length_and_a_bounded_number_of_tokens():
    lengths = [3, 512, 3, 7, 512, 512, 512, 512]

    batches = list(batches_by_length(lengths))

    assert batches == [[0, 2], [3], [1, 4, 5, 6], [7]]


def test_opening_the_light_path_imports_no_heavy_library(mini_folder: Path):
    code = (
        "import sys\n"
        "from embeddings.encoder import Role\n"
        "from embeddings.sentence_encoder import open_encoder\n"
        "open_encoder(sys.argv[1]).encode(['电机'], role=Role.QUERY)\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnx', 'scipy', 'pandas'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(mini_folder)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.model
def test_the_default_model_gives_the_same_bits_in_any_company(model_folder: Path):
    texts = [
        "高效永磁同步电机",
        "一种锂电池热管理系统",
        "冷链车队排班软件",
        "面向新能源汽车的驱动电机冷却结构，要求连续功率不低于120 kW，效率≥95 %",
        "海岛短波电台",
        "苹果园自动采收机械臂",
        "电梯钢丝绳探伤",
    ]

    assert_same_bits_in_any_company(model_folder, texts)


@pytest.mark.model
def test_the_default_model_finds_the_same_idea_in_other_words(model_folder: Path):
    encoder = OnnxEncoder(model_folder)
    queries = ["减少电动车电池发热", "怎样自动摘苹果"]
    documents = ["茶叶风味物质分析方法", "动力电池液冷热管理系统", "苹果园自动采收机械臂"]

    scores = (
        encoder.encode(queries, role=Role.QUERY) @ encoder.encode(documents, role=Role.DOCUMENT).T
    )

    assert scores.argmax(axis=1).tolist() == [1, 2]
