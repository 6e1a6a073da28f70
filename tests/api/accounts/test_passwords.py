"""Passwords: what is refused, and that nothing can be told from outside."""

import threading
import time

import pytest

from api.accounts.errors import WeakPassword
from api.accounts.passwords import AT_ONCE, LONGEST, Passwords, check_quality, recommended_hasher
from tests.api.accounts.people import PASSWORD, cheap_hasher

EMAIL = "li.gong@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "ninechars",
        "aaaaaaaaaaaaaaa",
        "Password123",
        "ｐａｓｓｗｏｒｄ１２３",
        "Li.Gong@Example.com",
        "x" * 300,
        "with a\0null in it",
        "with a \ud800 surrogate",
    ],
)
def test_what_a_guesser_tries_first_is_refused(password: str):
    with pytest.raises(WeakPassword):
        check_quality(password, email=EMAIL)


def test_the_part_before_the_at_is_no_password_either():
    with pytest.raises(WeakPassword):
        check_quality("Gong.Lidong", email="gong.lidong@example.com")


@pytest.mark.parametrize("password", [PASSWORD, "correct horse battery", "Z" + "abcd" * 49])
def test_long_phrases_in_any_script_are_welcome(password: str):
    passwords = Passwords(cheap_hasher())

    stored = passwords.hash(password, email=EMAIL)

    assert passwords.verify(password, stored) == (True, None)
    assert not passwords.verify(password + "x", stored)[0]


def test_one_password_typed_on_two_keyboards_is_one_password():
    passwords = Passwords(cheap_hasher())
    stored = passwords.hash("café au lait 27", email=EMAIL)

    assert passwords.verify("cafe\u0301 au lait 27", stored)[0]


def test_hashes_are_argon2id_and_salted():
    passwords = Passwords(recommended_hasher())

    first, second = (passwords.hash(PASSWORD, email=EMAIL) for _ in range(2))

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_a_hash_made_with_less_effort_is_made_anew():
    stored = Passwords(cheap_hasher(1)).hash(PASSWORD, email=EMAIL)

    fits, better = Passwords(cheap_hasher(2)).verify(PASSWORD, stored)

    assert fits
    assert better is not None
    assert "t=2" in better
    assert Passwords(cheap_hasher(2)).verify("another one altogether", stored) == (False, None)


class CountingHasher:
    """Counts how often something was compared."""

    def __init__(self) -> None:
        self.compared: list[tuple[str, str]] = []

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:
        self.compared.append((password, hash))
        return hash == f"hash of {password}", None


def test_an_account_that_does_not_exist_costs_one_comparison_like_any_other():
    hasher = CountingHasher()
    passwords = Passwords(hasher)

    assert passwords.verify(PASSWORD, None) == (False, None)
    assert passwords.verify("nobody has this password", None) == (False, None)
    assert passwords.verify(PASSWORD, "hash of something else") == (False, None)

    assert len(hasher.compared) == 3


def test_a_password_too_long_to_be_set_is_never_hashed():
    hasher = CountingHasher()

    assert Passwords(hasher).verify("x" * (LONGEST + 1), "hash of ") == (False, None)
    assert [len(password) for password, _ in hasher.compared] == [0]


def test_a_flood_of_sign_ins_is_hashed_a_few_at_a_time():
    running, most, lock = 0, 0, threading.Lock()

    class SlowHasher(CountingHasher):
        def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1
            return False, None

    passwords = Passwords(SlowHasher())
    threads = [threading.Thread(target=passwords.verify, args=("x", None)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= most <= AT_ONCE
