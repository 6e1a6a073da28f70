"""A server whose model does not open."""

import shutil
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from api.rest.app import create_app
from api.service_settings import ServiceSettings
from tests.api.conftest import settings_for
from tests.api.rest.conftest import WHO, identify_by_header


def test_matching_goes_on_by_wording_and_readyz_says_so(tmp_path: Path, sample_home: Path):
    home = tmp_path / "served"
    shutil.copytree(sample_home, home)
    (tmp_path / "broken").mkdir()
    settings = replace(settings_for(home, tmp_path), model=str(tmp_path / "broken"))
    app = create_app(settings, ServiceSettings())
    app.state.identify = identify_by_header

    with TestClient(app) as client:
        ready = client.get("/readyz")
        headers = {WHO: "broker"}
        found = client.post(
            "/v1/match", json={"text": "靛蓝染色不用保险粉", "k": 3}, headers=headers
        )

    assert ready.status_code == 200
    assert "lexical" in ready.text
    matches = found.json()["matches"]
    assert matches[0]["document_id"].startswith("a-textile")
    assert matches[0]["levels"] is None
    assert (home / "indexes").is_dir()
