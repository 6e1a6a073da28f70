"""``yilian user``: the owner of the machine looks after accounts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from api.accounts.accounts import Accounts
from api.accounts.letters import letter
from api.accounts.local import first_administrator_hint
from api.accounts.sign_in import sign_in
from api.cli.app import app
from api.service_settings import ServiceSettings
from api.settings import Settings
from data.policy.actor import Role
from tests.api.accounts.people import HOME, PASSWORD, SECRET, invited, make_accounts

EMAIL = "li.gong@example.com"


@pytest.fixture
def store(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The store that commands of this test work on."""
    monkeypatch.setenv("YILIAN_DATABASE_URL", str(engine.url))
    return engine


def yilian(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["user", *words], input=typed)


def add(email: str = EMAIL, role: str = "administrator", *more: str, typed: str = "") -> Result:
    return yilian("add", email, "--name", "李工", "--role", role, *more, typed=typed)


def test_the_first_administrator_is_hinted_at_until_there_is_one(store: Engine):
    hint = first_administrator_hint(store)

    add()

    assert hint is not None
    assert "yilian user add" in hint
    assert first_administrator_hint(store) is None


def test_a_typed_password_is_set_at_once_and_not_shown(store: Engine):
    result = add(EMAIL, "administrator", "--password", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert "welcome#" not in result.output
    signed_in = sign_in(make_accounts(store), EMAIL, PASSWORD, None, HOME, page=False)
    assert signed_in.account.role is Role.ADMINISTRATOR


def test_a_weak_password_adds_nothing(store: Engine):
    result = add(EMAIL, "office", "--password", typed="123\n123\n")

    assert result.exit_code != 0
    assert first_administrator_hint(store) is not None


def test_without_a_password_a_link_is_given(store: Engine, home: Path):
    (home / "yilian.toml").parent.mkdir(parents=True, exist_ok=True)
    (home / "yilian.toml").write_text('public_url = "https://match.example.com/"\n')

    first = add(EMAIL, "broker", "--chain", "nev")
    second = yilian("link", "LI.GONG@example.com")

    place = "https://match.example.com/welcome#"
    links = [result.output.split(place)[1] for result in (first, second)]
    assert links[0] != links[1]


def test_accounts_are_listed_shut_and_opened(store: Engine):
    add()
    add("wang@example.com")

    shut = yilian("disable", "wang@example.com")
    states = {u["email"]: u["state"] for u in json.loads(yilian("list", "--json").output)}
    opened = yilian("enable", "wang@example.com")
    table = yilian("list")

    assert (shut.exit_code, opened.exit_code) == (0, 0)
    assert states == {EMAIL: "待设密码 invited", "wang@example.com": "停用 disabled"}
    assert "wang@example.com" in table.output
    assert "disabled" not in table.output


def test_the_last_administrator_is_not_shut(store: Engine):
    add()

    result = yilian("disable", EMAIL)

    assert "最后一个可用的管理员" in str(result.exception)


def test_an_unknown_account_is_told(store: Engine):
    result = yilian("link", "nobody@example.com")

    assert result.exit_code == 2
    assert "yilian user list" in result.output


def test_commands_are_on_record_as_the_machines_owner(store: Engine):
    add()

    with store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT actor, operation FROM audit_entries").all()

    assert {tuple(row) for row in rows} == {("cli", "user.update")}


def test_the_secret_of_the_settings_comes_before_the_file_in_the_home(engine: Engine, home: Path):
    place = Settings(home=home, database_url="", model="")

    given = Accounts.open(engine, place, ServiceSettings(secret=SECRET))
    assert not (home / "secret").exists()
    made = Accounts.open(engine, place, ServiceSettings())

    assert given.tokens.csrf_token("s") == make_accounts(engine).tokens.csrf_token("s")
    assert made.tokens.csrf_token("s") != given.tokens.csrf_token("s")
    assert (home / "secret").exists()


def test_a_letter_survives_any_name(engine: Engine):
    account, _ = invited(engine, "wang@example.com")
    named = replace(account, name="王工\r\nBcc: everybody@example.com")

    message = letter(named, "https://match.example.com/welcome#t")

    assert message["Bcc"] is None
    assert message["To"].addresses[0].addr_spec == "wang@example.com"
