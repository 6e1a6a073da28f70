"""Mail tells what is new, in words that may be read on the way, and in no other header."""

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

from api.delivery.mail import LISTED, Mailer, message_of
from data.delivery_values import MailDelivery
from tests.api.delivery.post_office import PostOffice, make_mail, make_told, open_office
from tests.api.delivery.test_webhook_tls import certify


def outcomes(office: PostOffice, *mails: MailDelivery) -> list[str | None]:
    return [failure for _, failure in Mailer(office.settings).send(mails)]


def test_a_mail_arrives_with_titles_that_are_public():
    with open_office() as office:
        assert outcomes(office, make_mail()) == [None]

    ((recipients, message),) = office.mails
    assert recipients == ["broker@example.org"]
    assert message["subject"] == "一链：1 条新消息 / Yilian: 1 new"
    text = message.get_content()
    assert "电机转子护套减薄" in text
    assert "80%" in text
    assert "成果 / achievement: （登录后查看 / sign in to see）" in text


def test_a_long_mail_words_the_first_and_counts_the_others():
    mail = make_mail(*(make_told(i, need_title=f"需求{i}号") for i in range(LISTED + 9)))

    with open_office() as office:
        outcomes(office, mail)

    text = office.mails[0][1].get_content()
    assert f"需求{LISTED - 1}号" in text
    assert f"需求{LISTED}号" not in text
    assert "另有 9 条" in text


def test_the_inbox_is_linked_where_its_address_is_known():
    with open_office() as office:
        linked = replace(office.settings, inbox_url="https://yilian.example.org")
        text = message_of(make_mail(), linked).get_content()

    assert "https://yilian.example.org" in text


@pytest.mark.parametrize(
    "name",
    [
        "张\r\nBcc: victim@example.com",
        "张\nX: y",
        "张\u2028Bcc: v@example.com",
        '"张" <v@example.com>',
        "a\0b",
    ],
)
def test_a_name_cannot_smuggle_in_a_header_or_a_recipient(name: str):
    with open_office() as office:
        assert outcomes(office, make_mail(name=name)) == [None]

    ((recipients, message),) = office.mails
    assert recipients == ["broker@example.org"]
    assert [address.addr_spec for address in message["to"].addresses] == ["broker@example.org"]
    assert message["bcc"] is message["x"] is None


def test_a_title_cannot_smuggle_in_a_line():
    with open_office() as office:
        outcomes(office, make_mail(make_told(need_title="护套\r\n.\r\nMAIL FROM:<v@example.com>")))

    assert len(office.mails) == 1
    assert "护套 . MAIL FROM:<v@example.com>" in office.mails[0][1].get_content()


@pytest.mark.parametrize(
    "address",
    ["a@example.org\r\nBcc: v@example.com", "a@example.org, v@example.com", "nonsense", "a@", ""],
)
def test_an_address_that_is_none_is_a_failure_and_no_obstacle(address: str):
    with open_office() as office:
        assert outcomes(office, make_mail(address=address), make_mail()) == ["bad_address", None]

    assert [recipients for recipients, _ in office.mails] == [["broker@example.org"]]


def test_a_recipient_that_the_server_refuses_is_no_obstacle_either():
    with open_office() as office:
        sent = outcomes(office, make_mail(address="nobody@example.org"), make_mail())

    assert sent == ["recipient_refused", None]


def test_without_a_server_every_mail_fails():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    office = PostOffice()
    office.port = port

    assert outcomes(office, make_mail(), make_mail()) == ["no_connection", "no_connection"]


def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for():
    with open_office() as office:
        mailer = Mailer(replace(office.settings, starttls=True))
        assert [failure for _, failure in mailer.send([make_mail()])] == ["no_connection"]

    assert office.mails == []


def test_user_and_password_are_told_by_tls_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = []

    def check(server, session, envelope, mechanism, data) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    tls = certify(tmp_path, "localhost")
    monkeypatch.setattr(ssl, "create_default_context", lambda: _trusting(tmp_path / "cert.pem"))
    with open_office(tls_context=tls, authenticator=check, auth_required=True) as office:
        settings = replace(
            office.settings, host="localhost", starttls=True, user="u", password="right"
        )
        ((_, failure),) = Mailer(settings).send([make_mail()])

    assert failure is None
    assert seen == [(b"u", b"right")]
    assert len(office.mails) == 1


def _trusting(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    return context


def test_settings_do_not_show_their_password():
    assert "geheim" not in repr(replace(PostOffice().settings, password="geheim"))
