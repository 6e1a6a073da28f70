from pathlib import Path

from api.settings import Settings, sqlite_url


def test_the_home_holds_everything_by_default(tmp_path: Path):
    settings = Settings.from_environment({"YILIAN_HOME": str(tmp_path)})

    assert settings.database_url == sqlite_url(tmp_path)
    assert settings.uses_default_model
    assert tmp_path in settings.cache.parents
    assert tmp_path in settings.indexes.parents


def test_database_and_model_can_be_elsewhere(tmp_path: Path):
    settings = Settings.from_environment(
        {
            "YILIAN_HOME": str(tmp_path),
            "YILIAN_DATABASE_URL": "postgresql://h/d",
            "YILIAN_MODEL": "BAAI/bge-m3",
        }
    )

    assert settings.database_url == "postgresql://h/d"
    assert settings.model == "BAAI/bge-m3"
    assert not settings.uses_default_model


def test_the_demo_shares_the_model_and_nothing_else(tmp_path: Path):
    settings = Settings.from_environment({"YILIAN_HOME": str(tmp_path)})

    demo = settings.for_demo()

    assert demo.model == settings.model
    assert demo.database_url != settings.database_url
    assert demo.indexes != settings.indexes


def test_without_a_home_the_platform_decides():
    assert Settings.from_environment({}).home.name == "yilian"
