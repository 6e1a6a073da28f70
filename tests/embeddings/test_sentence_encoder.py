import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import sentence_encoder
from embeddings.encoder import Role
from embeddings.errors import ModelBroken, ModelMissing
from embeddings.model_folder import INT8, MANIFEST, PROMPTS_FILE, TOKENIZER, Manifest
from embeddings.onnx_session import OnnxEncoder
from embeddings.sentence_encoder import SentenceEncoder, open_encoder
from embeddings.sentence_folder import write_folder
from tests.embeddings.mini_weights import HIDDEN, POSITIONS, open_mini


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder as anyone may have it: no int8 file, no prompts."""
    scratch = tmp_path_factory.mktemp("plain")
    folder = scratch / "some-model"
    folder.mkdir()
    write_folder(open_mini(scratch), folder)
    (folder / INT8).unlink()
    (folder / PROMPTS_FILE).unlink()
    return folder


def test_a_model_without_prompts_reads_queries_and_documents_alike(plain_folder: Path):
    encoder = SentenceEncoder(str(plain_folder), device="cpu")

    query = encoder.encode(["电机"], role=Role.QUERY)
    document = encoder.encode(["电机"], role=Role.DOCUMENT)

    assert np.array_equal(query, document)
    assert query.shape == (1, encoder.dim) == (1, HIDDEN)
    assert encoder.max_chars == POSITIONS - 32


def test_a_model_named_e5_gets_its_prefixes(plain_folder: Path, tmp_path: Path):
    folder = Path(shutil.copytree(plain_folder, tmp_path / "my-e5-tuned"))
    e5 = SentenceEncoder(str(folder), device="cpu")
    plain = SentenceEncoder(str(plain_folder), device="cpu")

    vectors = e5.encode(["电机"], role=Role.DOCUMENT)

    assert np.array_equal(vectors, plain.encode(["passage: 电机"], role=Role.DOCUMENT))
    assert e5.fingerprint != plain.fingerprint


def test_a_model_s_own_prompts_come_first(plain_folder: Path, tmp_path: Path):
    folder = Path(shutil.copytree(plain_folder, tmp_path / "own-e5"))
    (folder / PROMPTS_FILE).write_text('{"prompts": {"passage": "12"}}', encoding="utf-8")
    own = SentenceEncoder(str(folder), device="cpu")
    plain = SentenceEncoder(str(plain_folder), device="cpu")

    document = own.encode(["电机"], role=Role.DOCUMENT)
    query = own.encode(["电机"], role=Role.QUERY)

    assert np.array_equal(document, plain.encode(["12电机"], role=Role.DOCUMENT))
    assert np.array_equal(query, plain.encode(["电机"], role=Role.QUERY))


def test_the_fingerprint_follows_the_weights(plain_folder: Path, tmp_path: Path):
    folder = Path(shutil.copytree(plain_folder, tmp_path / "some-model"))
    same = SentenceEncoder(str(folder), device="cpu").fingerprint
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)

    changed = SentenceEncoder(str(folder), device="cpu").fingerprint

    assert same == SentenceEncoder(str(plain_folder), device="cpu").fingerprint
    assert changed != same


def test_a_long_text_is_read_to_its_end(plain_folder: Path):
    encoder = SentenceEncoder(str(plain_folder), device="cpu")
    long = "12" * POSITIONS

    plain, longer = encoder.encode([long, long + "电机" * 9], role=Role.DOCUMENT)

    assert not np.allclose(plain, longer)


def test_no_texts_make_no_rows(plain_folder: Path):
    encoder = SentenceEncoder(str(plain_folder), device="cpu")

    assert encoder.encode([], role=Role.QUERY).shape == (0, HIDDEN)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_folder_without_a_needed_file_names_it(plain_folder: Path, tmp_path: Path, name: str):
    folder = Path(shutil.copytree(plain_folder, tmp_path / "broken"))
    for path in folder.glob("tokenizer*" if name.startswith("tokenizer") else name):
        path.unlink()

    with pytest.raises(ModelBroken, match="yilian model build") as caught:
        open_encoder(str(folder))

    assert caught.value.file == name


def test_an_empty_folder_is_not_a_model(tmp_path: Path):
    with pytest.raises(ModelBroken) as caught:
        open_encoder(str(tmp_path))

    assert caught.value.file == "modules.json"


def test_weights_cut_short_are_reported_as_broken(plain_folder: Path, tmp_path: Path):
    folder = Path(shutil.copytree(plain_folder, tmp_path / "short"))
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:1000])

    with pytest.raises(ModelBroken):
        open_encoder(str(folder))


@pytest.mark.parametrize("name", ["/nowhere/model", "./models/none", "C:\\models\\none", ""])
def test_a_path_that_is_not_there_is_missing_without_asking_any_hub(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    def ask(*_: Any, **__: Any) -> None:
        raise AssertionError("asked the hub")

    monkeypatch.setattr(sentence_encoder, "_load", ask)

    with pytest.raises(ModelMissing, match="YILIAN_MODEL"):
        open_encoder(name)


def test_a_hub_id_that_cannot_be_had_is_missing_with_the_reason(monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub

    def offline(*_: Any, **__: Any) -> None:
        raise OSError("no network here")

    monkeypatch.setattr(sentence_encoder, "_load", offline)
    monkeypatch.setattr(huggingface_hub, "model_info", offline)

    with pytest.raises(ModelMissing, match="no network here") as caught:
        open_encoder("someone/some-model")

    assert caught.value.name == "someone/some-model"


def test_a_folder_with_our_int8_file_takes_the_light_path(tmp_path: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    pieces = write_folder(open_mini(tmp_path), folder)
    Manifest("mini", "test", "MIT", "f1", HIDDEN, POSITIONS, pieces).write(folder)

    encoder = open_encoder(str(folder), threads=1)

    assert isinstance(encoder, OnnxEncoder)
    assert encoder.fingerprint.startswith("f1+")


def test_the_int8_graph_serves_as_a_sentence_transformers_module(tmp_path: Path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    from embeddings.onnx_module import OnnxTransformer

    folder = tmp_path / "model"
    folder.mkdir()
    pieces = write_folder(open_mini(tmp_path), folder)
    Manifest("mini", "test", "MIT", "f1", HIDDEN, POSITIONS, pieces).write(folder)
    module = OnnxTransformer.load(str(folder))
    model = SentenceTransformer(
        modules=[module, Pooling(HIDDEN, "mean"), Normalize()],
        prompts={"query": "query: ", "document": "passage: "},
        device="cpu",
    )
    texts = ["电机", "motor 12 km 电机", "1～2"]

    vectors = model.encode_document(texts)
    module.save(str(tmp_path / "copy"))

    light = OnnxEncoder(folder).encode(texts, role=Role.DOCUMENT)
    assert np.abs(vectors - light).max() < 1e-6
    copied = {path.name for path in (tmp_path / "copy").iterdir()}
    assert copied == {MANIFEST, TOKENIZER, PROMPTS_FILE, "onnx"}
    assert OnnxTransformer.load(str(tmp_path / "copy")).get_embedding_dimension() == HIDDEN


@pytest.mark.model
def test_the_default_model_opens_in_plain_sentence_transformers(model_folder: Path):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_folder), device="cpu", local_files_only=True)
    texts = ["动力电池液冷热管理系统", "苹果园自动采收机械臂"]

    full = model.encode_document(texts)
    # without the weighted pooling, which sentence-transformers knows nothing of
    light = OnnxEncoder(model_folder).encode(texts, role=Role.DOCUMENT)

    assert model.prompts == {"query": "query: ", "document": "passage: "}
    assert np.einsum("ij,ij->i", full, light).min() > 0.997


def test_other_prompts_make_another_fingerprint(tmp_path: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    pieces = write_folder(open_mini(tmp_path), folder)
    Manifest("mini", "test", "MIT", "f1", HIDDEN, POSITIONS, pieces).write(folder)
    before = open_encoder(str(folder), threads=1).fingerprint

    (folder / "config_sentence_transformers.json").write_text('{"prompts": {"query": "问："}}')

    assert open_encoder(str(folder), threads=1).fingerprint != before
