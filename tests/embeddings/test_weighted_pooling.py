import shutil
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoder import Encoder, Role
from embeddings.errors import ModelBroken
from embeddings.model_folder import INT8, POOLING, PROMPTS_FILE, TOKENIZER, Manifest, digest_of
from embeddings.onnx_session import OnnxEncoder
from embeddings.sentence_encoder import open_encoder
from embeddings.sentence_folder import write_folder
from embeddings.weighted_pooling import WeightedPooling, measure_pooling, read_pooling
from tests.embeddings.mini_weights import HIDDEN, POSITIONS, open_mini

TEXTS = [
    "电机",
    "1～2 km",
    "motor 电机 12",
    "机",
    "电机1",
    "电2",
    "机2 motor",
    ":",
    "12" * POSITIONS,
]


def list_pooling(folder: Path) -> None:
    Manifest(
        name="mini",
        source="test",
        licence="MIT",
        fingerprint=digest_of(folder, [INT8, TOKENIZER, PROMPTS_FILE, POOLING]),
        dim=HIDDEN,
        max_tokens=POSITIONS,
        pieces=OnnxEncoder(folder).tokenizer.get_vocab_size(),
        sizes={POOLING: (folder / POOLING).stat().st_size},
    ).write(folder)


@pytest.fixture(scope="module")
def weighted_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("weighted")
    folder = scratch / "model"
    folder.mkdir()
    pieces = write_folder(open_mini(scratch), folder)
    Manifest("mini", "test", "MIT", "f1", HIDDEN, POSITIONS, pieces).write(folder)
    measure_pooling(OnnxEncoder(folder), TEXTS).save(folder)
    list_pooling(folder)
    return folder


@pytest.fixture
def copied(weighted_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(weighted_folder, tmp_path / "copied"))


def pooling_of(folder: Path) -> WeightedPooling:
    pieces = OnnxEncoder(folder).manifest.pieces
    return read_pooling(folder, pieces=pieces, dim=HIDDEN)


def encoder_of(folder: Path, *, threads: int = 1) -> Encoder:
    return open_encoder(str(folder), threads=threads)


def test_a_vector_is_the_centred_weighted_sum_of_the_text_s_own_tokens(weighted_folder: Path):
    pooling, plain = pooling_of(weighted_folder), OnnxEncoder(weighted_folder)
    tokens = plain.tokens("电机1", role=Role.QUERY)
    tokens_own = [
        plain.tokenizer.id_to_token(i) for i, o in zip(tokens.ids, tokens.own, strict=True) if o
    ]
    vectors = plain.network.token_vectors(np.array([tokens.ids]))[0][tokens.own]

    (vector,) = encoder_of(weighted_folder).encode(["电机1"], role=Role.QUERY)

    # log probabilities -7 and -5, less 4
    assert tokens_own == ["电机", "1"]
    centred = vectors - pooling.token_means[Role.QUERY]
    direction = 3 * centred[0] + 1 * centred[1]
    direction = direction / np.linalg.norm(direction) - pooling.text_means[Role.QUERY]
    assert vector == pytest.approx(direction / np.linalg.norm(direction), abs=1e-5)


def test_the_token_mean_is_taken_over_the_texts_own_tokens(weighted_folder: Path):
    plain = OnnxEncoder(weighted_folder)
    tokens = [plain.tokens(text, role=Role.DOCUMENT) for text in TEXTS[:3]]
    own = [plain.network.token_vectors(np.array([t.ids]))[0][t.own] for t in tokens]

    pooling = measure_pooling(plain, TEXTS[:3])

    expected = np.concatenate(own).mean(axis=0)
    assert pooling.token_means[Role.DOCUMENT] == pytest.approx(expected, abs=1e-5)


def test_a_text_has_the_same_bits_in_any_company_and_on_any_number_of_threads(
    weighted_folder: Path,
):
    together = encoder_of(weighted_folder, threads=2).encode(TEXTS, role=Role.DOCUMENT)
    single = encoder_of(weighted_folder)
    alone = np.concatenate([single.encode([text], role=Role.DOCUMENT) for text in TEXTS])
    mirrored = single.encode(TEXTS[::-1], role=Role.DOCUMENT)[::-1]

    assert np.array_equal(together, alone)
    assert np.array_equal(together, mirrored)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("text", [":", "привет", ""])
def test_a_text_whose_tokens_weigh_nothing_gets_the_plain_mean(weighted_folder: Path, text: str):
    weighted = encoder_of(weighted_folder).encode([text], role=Role.DOCUMENT)

    assert np.array_equal(weighted, OnnxEncoder(weighted_folder).encode([text], role=Role.DOCUMENT))


def test_means_of_a_single_text_leave_it_a_unit_vector(weighted_folder: Path):
    pooling = measure_pooling(OnnxEncoder(weighted_folder), ["电机"])

    vectors = OnnxEncoder(weighted_folder, pooling=pooling).encode(["电机"], role=Role.QUERY)

    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_a_folder_whose_manifest_lists_no_pooling_gives_plain_means(copied: Path):
    listed = encoder_of(copied).fingerprint
    (copied / POOLING).unlink()
    manifest = OnnxEncoder(copied).manifest
    Manifest("mini", "test", "MIT", "f1", HIDDEN, POSITIONS, manifest.pieces).write(copied)

    unlisted = encoder_of(copied)

    plain = OnnxEncoder(copied)
    assert unlisted.fingerprint == plain.fingerprint != listed
    assert np.array_equal(
        unlisted.encode(TEXTS, role=Role.QUERY), plain.encode(TEXTS, role=Role.QUERY)
    )


def test_a_listed_file_that_is_missing_is_named_with_the_way_to_mend_it(copied: Path):
    (copied / POOLING).unlink()

    with pytest.raises(ModelBroken, match="yilian model build") as caught:
        encoder_of(copied)

    assert caught.value.file == POOLING


def test_a_file_cut_short_or_of_noise_is_reported_as_broken(copied: Path):
    content = (copied / POOLING).read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"\xff" * len(content)):
        (copied / POOLING).write_bytes(damaged)
        with pytest.raises(ModelBroken, match="yilian model build") as caught:
            encoder_of(copied)
        assert caught.value.file == POOLING


def test_the_pooling_of_another_model_is_refused(weighted_folder: Path):
    with pytest.raises(ModelBroken, match="expected finite float32"):
        read_pooling(weighted_folder, pieces=3, dim=HIDDEN)


def test_other_means_make_another_fingerprint_and_the_same_make_the_same(copied: Path):
    before = encoder_of(copied).fingerprint
    measure_pooling(OnnxEncoder(copied), TEXTS).save(copied)
    again = encoder_of(copied).fingerprint
    measure_pooling(OnnxEncoder(copied), TEXTS[:3]).save(copied)
    other = encoder_of(copied).fingerprint

    assert before == again != other
    assert before != OnnxEncoder(copied).fingerprint
