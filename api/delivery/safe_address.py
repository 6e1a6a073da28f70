"""Which addresses a stranger may make this server call: none inside its own network.

Names are resolved here, every address of a name is judged, and the caller connects to the
address that was judged, so that a name that answers differently the second time gains
nothing. Odd spellings of an address (``127.1``, ``0x7f000001``) come out of the resolver in
the usual one.
"""

import re
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx2

from api.errors import ApiError

LOOKUP_S = 5.0
"""Patience with the resolver."""

LONGEST = 2_000
"""Characters of a target."""

Address = IPv4Address | IPv6Address
LookUp = Callable[[str], Sequence[str]]
"""Addresses of a host name; raises ``OSError`` where there is none."""

_PORTS = {"http": 80, "https": 443}
_ANY_PORT = (80, 443, 8443)
_PLAIN = re.compile(r"[!-~]+")
# everything else of IPv6 is reserved, local, or wraps an IPv4 address for a gateway
_GLOBAL_UNICAST = ip_network("2000::/3")
# beyond what ``is_global`` of every supported Python knows: protocol assignments, relays,
# tunnels that wrap an IPv4 address, documentation, and a cloud's metadata service that
# answers at an address registered as public
_RESERVED = tuple(
    ip_network(net)
    for net in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_POOL = ThreadPoolExecutor(8, thread_name_prefix="yilian-dns")


class UnsafeTarget(ApiError):
    """A webhook may not point there.

    Attributes:
        field: The field of a request that names it.
        reason: What is wrong with it, in one word.
    """

    field = "url"

    def __init__(self, reason: str, zh: str, en: str) -> None:
        super().__init__(f"不能使用该 Webhook 地址：{zh}。 / this webhook cannot be used: {en}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRules:
    """What a deployment allows beside public addresses reached by TLS.

    Attributes:
        hosts: Host names and addresses that may be private and use any port.
        http: Whether targets without TLS are allowed.
    """

    hosts: frozenset[str] = frozenset()
    http: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A target that was read and found well-formed.

    Attributes:
        trusted: Whether the deployment lists its host.
    """

    url: httpx2.URL
    host: str
    trusted: bool


def look_up(host: str) -> list[str]:
    """Every address of a host name, as the system resolves it."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def read_target(url: str, rules: TargetRules) -> Target:
    """The target that a URL names, before anything is resolved.

    Raises:
        UnsafeTarget: it is malformed, carries a user or a fragment, or names a scheme or
            port that is not allowed.
    """
    if len(url) > LONGEST or not _PLAIN.fullmatch(url) or "\\" in url:
        raise _malformed()
    try:
        parsed = httpx2.URL(url)
        port = _PORTS.get(parsed.scheme) if parsed.port is None else parsed.port
    except (httpx2.InvalidURL, ValueError) as error:
        raise _malformed() from error
    host = parsed.host.rstrip(".").lower()
    trusted = host in rules.hosts
    if parsed.scheme not in _PORTS or not host:
        raise _malformed()
    if parsed.userinfo or "@" in url or parsed.fragment:
        raise UnsafeTarget("userinfo", "不能含有用户名或 #", "it holds a user or a fragment")
    if parsed.scheme == "http" and not rules.http:
        raise UnsafeTarget("scheme", "必须使用 https", "https is required")
    if port not in _ANY_PORT and not trusted:
        raise UnsafeTarget("port", "端口须为 80、443 或 8443", "the port is not 80, 443 or 8443")
    return Target(parsed, host, trusted)


def safe_addresses(target: Target, look_up: LookUp = look_up) -> list[str]:
    """The addresses of a target, resolved now and all of them allowed.

    Raises:
        UnsafeTarget: the name is unknown, or one of its addresses is not a public one.
    """
    try:
        addresses = list(look_up(target.host))
    except (OSError, UnicodeError) as error:
        raise _unknown() from error
    if not addresses:
        raise _unknown()
    if not target.trusted and not all(is_public(address) for address in addresses):
        raise UnsafeTarget(
            "address", "它指向内网或保留地址", "it leads to a private or reserved address"
        )
    return addresses


def check_target(url: str, rules: TargetRules, look_up: LookUp = look_up) -> None:
    """Refuses a target that must not be called; asks the resolver, with a time limit.

    Raises:
        UnsafeTarget: it must not be called, or its name cannot be resolved.
    """
    waiting = resolving(read_target(url, rules), look_up)
    try:
        waiting.result(timeout=LOOKUP_S)
    except TimeoutError as error:
        raise _unknown() from error


def resolving(target: Target, look_up: LookUp = look_up) -> "Future[list[str]]":
    """``safe_addresses`` on a thread of its own, since a resolver knows no time limit."""
    return _POOL.submit(safe_addresses, target, look_up)


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet, and to no gateway into our own."""
    try:
        known: Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(known, IPv6Address):
        known = known.ipv4_mapped or known
    if any(known in net for net in _RESERVED):
        return False
    if known.version == 6 and known not in _GLOBAL_UNICAST:
        return False
    return known.is_global and not known.is_multicast


def _malformed() -> UnsafeTarget:
    return UnsafeTarget(
        "malformed",
        "不是完整的 http(s) 网址，例如 https://hooks.example.com/yilian",
        "it is no complete http(s) URL such as https://hooks.example.com/yilian",
    )


def _unknown() -> UnsafeTarget:
    return UnsafeTarget("unknown_host", "域名无法解析", "its host name cannot be resolved")
