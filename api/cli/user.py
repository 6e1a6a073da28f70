"""``yilian user``: accounts, looked after on the machine itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json
from api.settings import Settings

if TYPE_CHECKING:
    from data.access.account import Account
    from data.access.desk import Desk

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="邮箱 / e-mail")]


class UserRole(StrEnum):
    """What an account can be."""

    ENTERPRISE = "enterprise"
    UNIVERSITY = "university"
    BROKER = "broker"
    OFFICE = "office"
    ADMINISTRATOR = "administrator"


def add_user(
    email: Email,
    name: Annotated[str, typer.Option(help="姓名 / name")],
    role: Annotated[UserRole, typer.Option(help="角色 / role")],
    organization: Annotated[
        str | None, typer.Option(help="单位编号 / id of the organisation")
    ] = None,
    chain: Annotated[
        list[str] | None, typer.Option(help="经纪人的产业链，可多次 / a broker's chain; repeatable")
    ] = None,
    county: Annotated[
        list[str] | None, typer.Option(help="经纪人的区县，可多次 / a broker's county; repeatable")
    ] = None,
    password: Annotated[
        bool, typer.Option("--password", help="当场输入密码 / type a password now, no link")
    ] = False,
) -> None:
    """新建账号，并给出设置密码的一次性链接。 / Add an account, with a link to set its password."""
    from data.policy.actor import Role

    hashed = _typed_password(email) if password else None
    with _desk() as desk:
        account = desk.users.add(
            email=email,
            name=name,
            role=Role(role.value),
            organization=organization,
            chains=chain or (),
            counties=county or (),
        )
        if hashed is not None:
            _set_password(desk, account, hashed)
        link = None if hashed else _link(desk, account)
    out.print(f"已添加 / added: {escape(account.email)} ({account.role})")
    _print_link(link)


def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """列出账号。 / The accounts."""
    from data.access.users import UserFilter

    with _desk() as desk:
        found = desk.users.page(UserFilter(), k=100_000)
    accounts = sorted(found, key=lambda account: account.email)
    if as_json:
        print_json(
            [
                {"id": a.id, "email": a.email, "name": a.name, "role": a.role, "state": _state(a)}
                for a in accounts
            ]
        )
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("邮箱 e-mail", overflow="fold")
    table.add_column("姓名 name", overflow="fold")
    table.add_column("角色 role", no_wrap=True)
    table.add_column("单位 organisation", overflow="fold")
    table.add_column("状态 state", no_wrap=True)
    for account in accounts:
        table.add_row(
            escape(account.email),
            escape(account.name),
            account.role.value,
            escape(account.organization or ""),
            _state(account),
        )
    out.print(table)


def make_user_link(email: Email) -> None:
    """给出设置或重置密码的一次性链接。 / A one-time link to set or reset the password."""
    with _desk() as desk:
        link = _link(desk, _found(desk, email))
    _print_link(link)


def disable_user(email: Email) -> None:
    """停用账号，其会话随即结束。 / Disable an account; its sessions end."""
    with _desk() as desk:
        account = desk.users.disable(_found(desk, email).id)
    out.print(f"已停用 / disabled: {escape(account.email)}")


def enable_user(email: Email) -> None:
    """重新启用账号。 / Enable an account again."""
    with _desk() as desk:
        account = desk.users.enable(_found(desk, email).id)
    out.print(f"已启用 / enabled: {escape(account.email)}")


@contextmanager
def _desk() -> Iterator["Desk"]:
    from api.accounts.local import local_desk
    from data.migrate import upgrade
    from data.session import make_engine

    engine = make_engine(Settings.from_environment().database_url)
    try:
        upgrade(engine)
        with local_desk(engine) as desk:
            yield desk
    finally:
        engine.dispose()


def _found(desk: "Desk", email: str) -> "Account":
    from data.access.account import folded_email

    account = desk.users.find(folded_email(email))
    if account is None:
        raise typer.BadParameter(
            "没有这个账号，可用 yilian user list 查看 / no such account; see yilian user list",
            param_hint="EMAIL",
        )
    return account


def _typed_password(email: str) -> str:
    """The hash of a password typed twice; made before the database is held up."""
    from api.accounts.passwords import Passwords

    typed: str = typer.prompt("密码 / password", hide_input=True, confirmation_prompt=True)
    return Passwords().hash(typed, email=email)


def _set_password(desk: "Desk", account: "Account", hashed: str) -> None:
    from data.access.desk import Desk

    Desk(desk.session, account.actor(), desk.trail).credentials.set_password(account.id, hashed)


def _link(desk: "Desk", account: "Account") -> str:
    from datetime import UTC, datetime

    from api.accounts.invitations import make_link
    from api.accounts.letters import link_to
    from api.service_settings import ServiceSettings

    token = make_link(desk, account, now=datetime.now(UTC))
    public_url = ServiceSettings.load(Settings.from_environment().home).public_url
    return link_to(token, public_url=public_url)


def _print_link(link: str | None) -> None:
    if link is not None:
        out.print("一次性链接，请只交给本人 / one-time link, for its owner only:")
        out.print(escape(link), soft_wrap=True)


def _state(account: "Account") -> str:
    if account.disabled_at is not None:
        return "停用 disabled"
    return "待设密码 invited" if account.invited else "可用 enabled"
