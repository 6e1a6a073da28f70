"""The pinned address changes nothing about whom TLS believes."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.delivery.safe_address import TargetRules
from api.delivery.webhook import WebhookClient
from tests.api.delivery.targets import MOMENT, SEAL, Target, make_request, serving

NAME = "hooks.example.com"
RULES = TargetRules(hosts=frozenset({NAME}))


def certify(folder: Path, name: str) -> ssl.SSLContext:
    """A server's TLS with a certificate for the name, which also stands in ``cert.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def deliver(target: Target) -> str | None:
    client = WebhookClient(RULES, SEAL, timeout_s=5.0, look_up=lambda host: ["127.0.0.1"])
    ((_, failure),) = client.send([make_request(f"https://{NAME}:{target.port}/")], MOMENT)
    return failure


def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    with serving(Target(), certify(tmp_path, NAME)) as target:
        assert deliver(target) is None

    assert len(target.requests) == 1


def test_a_certificate_for_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    with serving(Target(), certify(tmp_path, "other.example.com")) as target:
        assert deliver(target) == "no_connection"

    assert target.requests == []


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path):
    with serving(Target(), certify(tmp_path, NAME)) as target:
        assert deliver(target) == "no_connection"

    assert target.requests == []
