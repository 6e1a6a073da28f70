import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

WriteBeir = Callable[..., Path]

QUERIES = [{"_id": "q1", "text": "电机轴承"}, {"_id": "q2", "title": "涂料", "text": "耐腐蚀涂料"}]
CORPUS = [
    {"_id": "d1", "title": "轴承", "text": "高速电机用轴承"},
    {"_id": "d2", "title": "涂料", "text": ""},
    {"_id": "d3", "title": "污水处理", "text": ""},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t3\nq1\td3\t0\nq2\td2\t2\n"


@pytest.fixture
def write_beir(tmp_path: Path) -> WriteBeir:
    """Writes a small BEIR folder; any file can be replaced by other content."""

    def write(files: Mapping[str, str | bytes | None] | None = None) -> Path:
        folder = tmp_path / "tiny"
        contents: dict[str, str | bytes | None] = {
            "queries.jsonl": "\n".join(json.dumps(query) for query in QUERIES),
            "corpus.jsonl": "\n".join(json.dumps(document) for document in CORPUS),
            "qrels/dev.tsv": QRELS,
            **(files or {}),
        }
        (folder / "qrels").mkdir(parents=True)
        for name, content in contents.items():
            if content is not None:
                raw = content.encode() if isinstance(content, str) else content
                (folder / name).write_bytes(raw)
        return folder

    return write
