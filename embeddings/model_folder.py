"""What a folder of our own model holds, and how it names itself."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from embeddings.encoder import Role
from embeddings.errors import ModelBroken, ModelMissing

MANIFEST = "yilian_model.json"
INT8 = "onnx/model_qint8.onnx"
TOKENIZER = "tokenizer.json"
WEIGHTS = "model.safetensors"
POOLING = "pooling.npz"
PROMPTS_FILE = "config_sentence_transformers.json"
_LIGHT_FILES = (MANIFEST, TOKENIZER, PROMPTS_FILE, INT8)
_ORDINARY_FILES = (WEIGHTS, "modules.json", "config.json", "1_Pooling/config.json")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The model's own account of itself, kept as ``yilian_model.json``.

    Attributes:
        fingerprint: Digest of the files that decide a vector.
        dim: Width of a vector.
        max_tokens: Most tokens read at once, ``<s>`` and ``</s>`` included.
        sizes: Bytes of each large file.
        figures: What the build's checks measured, by name.
    """

    name: str
    source: str
    licence: str
    fingerprint: str
    dim: int
    max_tokens: int
    pieces: int
    sizes: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def is_light(folder: Path) -> bool:
    """Whether the folder is meant for the light path: it has the int8 file or the manifest."""
    return (folder / MANIFEST).is_file() or (folder / INT8).is_file()


def missing_files(folder: Path) -> list[str]:
    """Files that sentence-transformers or the light path would look for in vain."""
    return [n for n in (*_LIGHT_FILES, POOLING, *_ORDINARY_FILES) if not (folder / n).is_file()]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a whole folder.

    Raises:
        ModelMissing: There is no such folder.
        ModelBroken: A needed file is missing, or the manifest cannot be read.
    """
    if not folder.is_dir():
        raise ModelMissing(str(folder))
    for name in _LIGHT_FILES:
        if not (folder / name).is_file():
            raise ModelBroken(folder, name)
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        sizes = dict(manifest.sizes)
    except (OSError, ValueError, TypeError) as error:
        raise ModelBroken(folder, MANIFEST, detail=str(error)) from error
    for name in _LIGHT_FILES:
        found = (folder / name).stat().st_size
        if sizes.get(name, found) != found:
            raise ModelBroken(folder, name, detail=f"{found} bytes, expected {sizes[name]}")
    return manifest


def read_prompts(folder: Path) -> dict[str, str]:
    """The model's prefixes by role, empty where it has none.

    Raises:
        ModelBroken: The file is there and cannot be read.
    """
    path = folder / PROMPTS_FILE
    if not path.is_file():
        return {}
    try:
        prompts = json.loads(path.read_text(encoding="utf-8")).get("prompts") or {}
        return {str(role): str(prompt) for role, prompt in prompts.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise ModelBroken(folder, PROMPTS_FILE, detail=str(error)) from error


def digest_of(folder: Path, names: Iterable[str]) -> str:
    """First 16 hex digits of the SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for name in sorted(names):
        with (folder / name).open("rb") as file:
            content = hashlib.file_digest(file, "sha256")
        digest.update(f"{name}\0{content.hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def digest_of_prompts(prompts: Mapping[str, str] | Mapping[Role, str]) -> str:
    """First 8 hex digits of the SHA-256 over the prefixes; they move every vector."""
    return hashlib.sha256(json.dumps(prompts, sort_keys=True).encode()).hexdigest()[:8]
