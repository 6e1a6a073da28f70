"""Settings of the service."""

import re
from pathlib import Path

import pytest

from api.service_settings import BadSettings, ServiceSettings

PAGE = Path(__file__).parents[2] / "api" / "README.md"


def test_every_setting_is_documented_and_nothing_else():
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", PAGE.read_text(encoding="utf-8"), re.M)
    told = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}

    assert told == set(ServiceSettings.model_fields)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "yilian.toml").write_text('nightly_at = "03:15"\nmail_minutes = 5\n')
    monkeypatch.setenv("YILIAN_MAIL_MINUTES", "7")

    settings = ServiceSettings.load(tmp_path)

    assert (settings.nightly_at, settings.mail_minutes) == ("03:15", 7)


@pytest.mark.parametrize(
    "content", ['nightly_at = "25:00"', "mail_minutes = [", 'body_limit = "x"']
)
def test_what_cannot_be_used_is_named_with_the_file(tmp_path: Path, content: str):
    (tmp_path / "yilian.toml").write_text(content)

    with pytest.raises(BadSettings, match=r"yilian\.toml"):
        ServiceSettings.load(tmp_path)
