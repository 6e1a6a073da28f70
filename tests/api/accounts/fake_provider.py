"""An OpenID Connect provider on loopback that does as a test tells it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT_ID, CLIENT_SECRET = "yilian", "of the client"
CODE = "the code"


class FakeProvider:
    """Vouches for one person.

    Attributes:
        claims: What the ID token says differently; None leaves a claim out.
        signing: Key, algorithm and key id that sign it.
    """

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.signing: tuple[Any, str, str] = (self.key, "ES256", "k1")
        self.nonce = self.challenge = self.url = ""
        self.described: dict[str, Any] = {}
        self.requests: list[str] = []

    def sent(self, address: str) -> dict[str, str]:
        """Takes a browser that was sent here; returns what it was sent with."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce, self.challenge = query["nonce"], query["code_challenge"]
        return query

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        } | self.described

    def keys(self) -> dict[str, Any]:
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [public | {"kid": self.signing[2], "use": "sig", "alg": "ES256"}]}

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        fits = (form["code"], proof, authorization) == (CODE, self.challenge, f"Basic {known}")
        if not fits:
            return 400, {"error": "invalid_grant"}
        now = datetime.now(UTC)
        said = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "p-1",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "nonce": self.nonce,
            "email": "Li.Gong@example.com",
            "email_verified": True,
            "name": "李工",
        } | self.claims
        key, algorithm, name = self.signing
        told = {claim: value for claim, value in said.items() if value is not None}
        id_token = jwt.encode(told, key, algorithm=algorithm, headers={"kid": name})
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": id_token}


@contextmanager
def running_provider() -> Iterator[FakeProvider]:
    """A provider that answers as long as the block lasts."""
    provider = FakeProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the base class says so
            provider.requests.append(self.path)
            pages = {
                "/.well-known/openid-configuration": provider.discovery,
                "/keys": provider.keys,
            }
            self._send(200, pages[self.path]())

        def do_POST(self) -> None:  # noqa: N802
            provider.requests.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*provider.token(form, self.headers.get("authorization", "")))

        def _send(self, status: int, body: Any) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
