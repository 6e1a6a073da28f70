from pathlib import Path

import pytest

from api.bench import TooFewNeeds, time_matches
from tests.api.conftest import settings_for


def test_a_data_set_with_too_few_needs_is_refused(home: Path, model_folder: Path, tmp_path: Path):
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "title": "轴承", "text": ""}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "n", "title": "轴承异响", "text": ""}\n')

    with pytest.raises(TooFewNeeds, match="1"):
        time_matches(settings_for(home, model_folder), tmp_path, progress=lambda words: None)
