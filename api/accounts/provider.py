"""Sign-in at an OpenID Connect provider: authorization code with PKCE, state and nonce."""

import hmac
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2
import jwt
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client

from api.accounts.errors import ProviderRefused, ProviderUnreachable
from api.service_settings import ServiceSettings

ALGORITHMS = ("RS256", "ES256")
"""Accepted for ID tokens; a provider's word on this is not taken."""

SCOPE = "openid email profile"
TIMEOUT_S = 10.0
LEEWAY_S = 60
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in under way; kept in the browser until it comes back.

    Attributes:
        state: Ties the answer to this browser.
        nonce: Ties the ID token to this sign-in.
        verifier: Ties the code to this sign-in (PKCE).
    """

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Flow":
        """Three values that nobody can guess."""
        return cls(generate_token(43), generate_token(43), generate_token(64))


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for.

    Attributes:
        email: Verified by the provider.
        name: As the provider knows it; the e-mail where it knows none.
    """

    email: str
    name: str


class Provider:
    """One provider, found by its discovery document when it is first needed."""

    def __init__(self, issuer: str, *, client_id: str, client_secret: str | None) -> None:
        """Keep the settings.

        Args:
            issuer: Address of the provider; https, but for one on this machine.
            client_id: Ours at the provider.
            client_secret: Ours; None for a public client.

        Raises:
            ProviderUnreachable: the address is no https address.
        """
        address = urlsplit(issuer)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise ProviderUnreachable("issuer 须为 https 地址 / the issuer has to be https")
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._metadata: dict[str, Any] = {}
        self._keys: dict[str, jwt.PyJWK] = {}

    def address(self, flow: Flow, *, redirect_uri: str) -> str:
        """Where to send the browser.

        Raises:
            ProviderUnreachable: the provider does not describe itself.
        """
        endpoint = self._described("authorization_endpoint")
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                endpoint, state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        return str(url)

    def person(self, flow: Flow, *, code: str, redirect_uri: str) -> Person:
        """Whom the provider sent back.

        Raises:
            ProviderRefused: the code or the ID token does not count, or the e-mail is not
                verified.
            ProviderUnreachable: the provider does not answer.
        """
        endpoint = self._described("token_endpoint")
        try:
            with self._client(redirect_uri) as client:
                answer: Mapping[str, Any] = client.fetch_token(
                    endpoint, code=code, code_verifier=flow.verifier
                )
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderUnreachable(type(error).__name__) from error
        except AuthlibBaseError as error:
            raise _refused("code", "授权码无效", "the code was not accepted") from error
        return self._vouched(str(answer.get("id_token") or ""), flow.nonce)

    def _vouched(self, id_token: str, nonce: str) -> Person:
        try:
            claims = jwt.decode(
                id_token,
                self._key(id_token),
                algorithms=list(ALGORITHMS),
                audience=self._client_id,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["iss", "aud", "sub", "iat", "exp", "nonce"]},
            )
        except (jwt.InvalidTokenError, ValueError) as error:
            raise _refused("id_token", "身份令牌无效", "the ID token is invalid") from error
        party = claims.get("azp", self._client_id)
        if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise _refused("nonce", "应答与请求不符", "the answer is to another request")
        if party != self._client_id:
            raise _refused("azp", "令牌不是发给本系统的", "the ID token is for another program")
        email, name = claims.get("email"), claims.get("name")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise _refused("email", "邮箱未经验证", "the e-mail is not verified there")
        return Person(email, name if isinstance(name, str) and name.strip() else email)

    def _key(self, id_token: str) -> jwt.PyJWK:
        name = str(jwt.get_unverified_header(id_token).get("kid", ""))
        if name not in self._keys:
            # providers change their keys; an unknown one is worth another look
            keys = jwt.PyJWKSet.from_dict(self._fetched(self._described("jwks_uri"))).keys
            self._keys = {str(key.key_id or ""): key for key in keys}
        if name not in self._keys:
            raise jwt.InvalidTokenError("unknown key")
        return self._keys[name]

    def _described(self, name: str) -> str:
        if not self._metadata:
            found = self._fetched(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise ProviderUnreachable("issuer")
            self._metadata = found
        value = self._metadata.get(name)
        if not isinstance(value, str):
            raise ProviderUnreachable(name)
        return value

    def _fetched(self, url: str) -> dict[str, Any]:
        try:
            response = httpx2.get(url, timeout=TIMEOUT_S, verify=_trusted())
            response.raise_for_status()
            found = response.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderUnreachable(type(error).__name__) from error
        if not isinstance(found, dict):
            raise ProviderUnreachable(url)
        return found

    def _client(self, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            timeout=TIMEOUT_S,
            verify=_trusted(),
        )


@cache
def _trusted() -> ssl.SSLContext:
    # reading the certificates takes longer than most answers
    return ssl.create_default_context()


def provider_of(settings: ServiceSettings) -> Provider | None:
    """The provider that the settings name; None where there is none.

    Raises:
        ProviderUnreachable: its address is no https address.
    """
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    secret = settings.oidc_client_secret
    return Provider(
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
    )


def _refused(reason: str, zh: str, en: str) -> ProviderRefused:
    return ProviderRefused(reason, f"{zh}，请重新登录。", f"{en}; sign in again")
