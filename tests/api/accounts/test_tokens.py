"""Signed tokens, the secret behind them, codes, scopes: none of them can be made up."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pyotp
import pytest

from api.accounts.access_tokens import AUDIENCE, AccessTokens, Claims
from api.accounts.errors import BadScope, SecretUnreadable
from api.accounts.opaque import digest_of, new_token
from api.accounts.scopes import checked, spelt_out
from api.accounts.second_factor import STEP_S, new_secret, step_of
from api.accounts.secret import signing_secret
from api.accounts.signer import ISSUER, Signer
from api.accounts.standings import Standings
from data.policy.operation import Operation
from tests.api.accounts.people import SECRET, Clock

CLAIMS = Claims("u-1", "s-1", 3)
HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def payload(**changes):
    now = datetime.now(UTC)
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-1",
        "sid": "s-1",
        "epoch": 3,
        "iat": now,
        "exp": now + HOUR,
    }
    return {name: v for name, v in (whole | changes).items() if v is not None}


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes) -> str:
    return jwt.encode(payload(**changes), secret, algorithm=algorithm)


def test_a_token_says_what_was_signed():
    tokens = AccessTokens(Signer(SECRET))

    assert tokens.read(tokens.issue(CLAIMS, lifetime=HOUR)) == CLAIMS
    assert tokens.read(signed()) == CLAIMS


def without_signature() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    said = payload() | {"iat": 1, "exp": 4_000_000_000}
    body = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    return f"{head}.{body}."


@pytest.mark.parametrize(
    "forged",
    [
        without_signature(),
        signed("another secret of more than thirty-two characters"),
        signed(algorithm="HS512", secret=SECRET * 2),
        signed()[:-2],
        signed(exp=datetime.now(UTC) - HOUR),
        signed(iat=datetime.now(UTC) + HOUR),
        signed(aud="yilian-oidc"),
        signed(iss="somebody"),
        signed(exp=None),
        signed(aud=None),
        signed(sub=None),
        signed(sid=None),
        signed(epoch="3"),
        signed(epoch=True),
        "",
        "a.b.c",
        "\ud800.\ud800.\ud800",
        "x" * 1_000_000,
    ],
)
def test_forged_expired_and_foreign_tokens_say_nothing(forged: str):
    assert AccessTokens(Signer(SECRET)).read(forged) is None


def test_a_token_of_before_expires():
    clock = Clock()
    clock.go(minutes=-20)
    tokens = AccessTokens(Signer(SECRET, clock=clock))

    assert tokens.read(tokens.issue(CLAIMS, lifetime=timedelta(minutes=10))) is None


def test_a_csrf_token_fits_its_session_only():
    tokens = AccessTokens(Signer(SECRET))

    assert tokens.csrf_fits(tokens.csrf_token("s-1"), "s-1")
    for wrong in (tokens.csrf_token("s-2"), "", "é", "\ud800"):
        assert not tokens.csrf_fits(wrong, "s-1")


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path):
    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(lambda _: signing_secret(tmp_path / "home"), range(8)))

    assert len(secrets) == 1
    assert signing_secret(tmp_path / "home") in secrets
    assert len(secrets.pop()) >= 32
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 64])
def test_a_damaged_secret_is_told_and_not_replaced(tmp_path: Path, content: bytes):
    (tmp_path / "secret").write_bytes(content)

    with pytest.raises(SecretUnreadable):
        signing_secret(tmp_path)

    assert (tmp_path / "secret").read_bytes() == content


def test_opaque_tokens_differ_and_any_text_has_a_digest():
    assert new_token("yk_") != new_token("yk_")
    assert len(digest_of("\ud800")) == len(digest_of(new_token())) == 64


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


def test_a_code_fits_its_time_step_and_those_beside_it():
    secret = new_secret()
    step = int(NOW.timestamp()) // STEP_S

    def fits(seconds: int) -> int | None:
        code = code_at(secret, NOW + timedelta(seconds=seconds))
        return step_of(code, secret, now=NOW, after=0)

    assert [fits(s) for s in (0, -30, 30)] == [step, step - 1, step + 1]
    assert [fits(s) for s in (-90, 90)] == [None, None]


def test_a_used_code_and_earlier_ones_do_not_fit_again():
    secret = new_secret()
    step = int(NOW.timestamp()) // STEP_S
    code = code_at(secret, NOW)

    assert step_of(code, secret, now=NOW, after=step) is None
    assert step_of(code, secret, now=NOW, after=step + 1) is None
    assert step_of(f" {code[:3]} {code[3:]}", secret, now=NOW, after=step - 1) == step


def test_a_clock_that_once_ran_ahead_does_not_shut_out():
    secret = new_secret()
    ahead = int(NOW.timestamp()) // STEP_S + 1_000_000

    assert step_of(code_at(secret, NOW), secret, now=NOW, after=ahead) is not None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\ud800" * 6])
def test_what_is_no_code_fits_nothing(code: str):
    assert step_of(code, new_secret(), now=NOW, after=0) is None


def test_scopes_name_operations_or_all_of_a_resource():
    assert spelt_out(["need.read", "inbox.*"]) == {
        Operation.NEED_READ,
        Operation.INBOX_READ,
        Operation.INBOX_UPDATE,
    }
    assert checked(["need.read", "need.read", "case.*"]) == ["case.*", "need.read"]


@pytest.mark.parametrize(
    "scopes", [[], ["*"], [".*"], ["need"], ["nee.*"], ["session.*"], ["need.read", "x.y"]]
)
def test_scopes_that_name_nothing_are_refused(scopes: list[str]):
    with pytest.raises(BadScope):
        checked(scopes)


def test_a_standing_is_looked_up_again_when_it_is_old_or_forgotten():
    now, answers = [0.0], iter(["first", "second", "third"])
    standings = Standings(lambda key: next(answers), fresh_s=3, clock=lambda: now[0])

    assert [standings.of("k"), standings.of("k")] == ["first", "first"]
    now[0] = 3
    assert standings.of("k") == "second"
    standings.forget()
    assert standings.of("k") == "third"


def test_what_was_looked_up_while_an_account_changed_is_not_kept():
    standings: Standings[str]
    answers = iter(["before the change", "after it"])

    def look_up(key: str) -> str:
        answer = next(answers)
        if answer == "before the change":
            standings.forget()
        return answer

    standings = Standings(look_up)

    assert [standings.of("k"), standings.of("k")] == ["before the change", "after it"]


def test_unknown_keys_are_not_kept():
    asked = []
    standings: Standings[str] = Standings(asked.append)

    assert [standings.of("k"), standings.of("k")] == [None, None]
    assert asked == ["k", "k"]
