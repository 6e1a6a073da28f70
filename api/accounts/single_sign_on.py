"""From whom a provider vouches for to an account of ours."""

import hmac
from dataclasses import asdict
from datetime import timedelta

from api.accounts.accounts import Accounts, Caller
from api.accounts.errors import ProviderRefused
from api.accounts.provider import Flow, Person
from api.accounts.sign_in import OIDC, SignedIn, begin
from data.access.account import folded_email
from data.access.errors import NotAcceptable
from data.policy.actor import Role

LIFETIME = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_AUDIENCE = "yilian-oidc"


def sealed(accounts: Accounts, flow: Flow) -> str:
    """A flow as the browser keeps it: signed, so that it cannot be planted."""
    return accounts.signer.sign(asdict(flow), audience=_AUDIENCE, lifetime=LIFETIME)


def unsealed(accounts: Accounts, cookie: str, *, state: str) -> Flow:
    """The flow that a browser brings back.

    Raises:
        ProviderRefused: it is none of ours, too old, or of another sign-in.
    """
    said = accounts.signer.read(cookie, audience=_AUDIENCE)
    expected = str(said["state"]) if said else ""
    given = state.encode("utf-8", "surrogatepass")
    if said is None or not hmac.compare_digest(given, expected.encode()):
        raise ProviderRefused(
            "state",
            "这次登录不是从本浏览器发起的，或已超时，请重新登录。",
            "this sign-in did not begin in this browser, or took too long; sign in again",
        )
    return Flow(expected, str(said["nonce"]), str(said["verifier"]))


def sign_in_as(accounts: Accounts, person: Person, caller: Caller) -> SignedIn:
    """A page's session of the account with the person's e-mail.

    Raises:
        ProviderRefused: there is none, and settings do not say to make one; or it was
            disabled.
    """
    try:
        address = folded_email(person.email)
        with accounts.desk(caller) as desk:
            account = desk.users.find(address)
            role = accounts.settings.oidc_create_role
            if account is None and role is not None:
                account = desk.users.add(email=address, name=person.name, role=Role(role))
    except NotAcceptable as error:
        raise _without_account() from error
    if account is None or account.disabled_at is not None:
        raise _without_account()
    return begin(accounts, account, caller, method=OIDC, page=True)


def _without_account() -> ProviderRefused:
    return ProviderRefused(
        "account",
        "该邮箱没有可用的账号，请联系管理员。",
        "no enabled account has this e-mail; ask the administrator",
    )
