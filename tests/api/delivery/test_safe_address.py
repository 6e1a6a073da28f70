"""A stranger cannot make the server call its own network."""

import time

import pytest

from api.delivery import safe_address
from api.delivery.safe_address import (
    TargetRules,
    UnsafeTarget,
    check_target,
    is_public,
    look_up,
    read_target,
    safe_addresses,
)

RULES = TargetRules()
PUBLIC = "93.184.215.14"


def answers(*addresses: str):
    """A resolver that says this of every name."""
    return lambda host: list(addresses)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/yilian?x=1",
        "https://hooks.example.com:8443",
        "https://HOOKS.example.com./a",
        "https://8.8.8.8/",
        "https://[2606:4700::6810:84e5]/",
    ],
)
def test_a_public_target_is_allowed(url: str):
    check_target(url, RULES, answers(PUBLIC))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/", "scheme"),
        ("https://hooks.example.com:22/", "port"),
        ("https://hooks.example.com:0/", "port"),
        ("https://hooks.example.com:99999/", "port"),
        ("https://user:word@hooks.example.com/", "userinfo"),
        ("https://hooks.example.com@127.0.0.1/", "userinfo"),
        ("https://hooks.example.com/#part", "userinfo"),
        ("https://127.0.0.1\\@hooks.example.com/", "malformed"),
        ("https://hooks.example.com/a b", "malformed"),
        ("https://hooks.example.com/\r\nX-Evil: 1", "malformed"),
        ("https://钩子.example.com/", "malformed"),
        ("https:///path", "malformed"),
        ("https://", "malformed"),
        ("hooks.example.com", "malformed"),
        ("ftp://hooks.example.com/", "malformed"),
        ("file:///etc/passwd", "malformed"),
        ("gopher://127.0.0.1:25/x", "malformed"),
        ("https://[::1/", "malformed"),
        ("https://hooks.example.com/" + "a" * 2_000, "malformed"),
        ("", "malformed"),
    ],
)
def test_a_target_that_is_no_plain_https_url_is_refused(url: str, reason: str):
    with pytest.raises(UnsafeTarget) as caught:
        read_target(url, RULES)

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0x7f.1",
        "0",
        "0.0.0.0",
        "localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.100.100.200",
    ],
)
def test_every_spelling_of_an_inner_address_is_refused_by_the_real_resolver(host: str):
    target = read_target(f"https://{host}/", RULES)

    with pytest.raises(UnsafeTarget) as caught:
        safe_addresses(target, look_up)

    assert caught.value.reason in ("address", "unknown_host")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "192.0.0.192", "198.18.0.1", "224.0.0.1", "239.1.1.1",
        "255.255.255.255", "240.0.0.1", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "2001:0:1::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2001:db8::1", "3fff::1", "192.88.99.1",
        "nonsense", "",
    ],
)  # fmt: skip
def test_reserved_addresses_are_not_public(address: str):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "2606:4700::6810:84e5", "::ffff:93.184.215.14"]
)
def test_ordinary_addresses_are_public(address: str):
    assert is_public(address)


def test_one_inner_address_among_public_ones_spoils_the_name():
    target = read_target("https://hooks.example.com/", RULES)

    with pytest.raises(UnsafeTarget, match="内网"):
        safe_addresses(target, answers(PUBLIC, "10.0.0.1"))


@pytest.mark.parametrize("failure", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_nobody_knows_is_refused(failure: Exception):
    def unknown(host: str) -> list[str]:
        raise failure

    with pytest.raises(UnsafeTarget, match="无法解析") as caught:
        check_target("https://hooks.example.com/", RULES, unknown)

    assert caught.value.reason == "unknown_host"


def test_a_name_without_an_address_is_refused():
    with pytest.raises(UnsafeTarget, match="无法解析"):
        check_target("https://hooks.example.com/", RULES, answers())


def test_a_resolver_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(safe_address, "LOOKUP_S", 0.05)

    def slow(host: str) -> list[str]:
        time.sleep(0.5)
        return [PUBLIC]

    with pytest.raises(UnsafeTarget, match="无法解析"):
        check_target("https://hooks.example.com/", RULES, slow)


def test_a_deployment_may_list_hosts_of_its_own_network():
    rules = TargetRules(hosts=frozenset({"hooks.intranet", "127.0.0.1"}), http=True)

    check_target("http://hooks.intranet:9000/", rules, answers("10.0.0.9"))
    check_target("http://127.0.0.1:9000/", rules)
    with pytest.raises(UnsafeTarget, match="内网"):
        check_target("http://other.intranet/", rules, answers("10.0.0.9"))
    with pytest.raises(UnsafeTarget, match="端口"):
        check_target("http://other.intranet:9000/", rules, answers(PUBLIC))
