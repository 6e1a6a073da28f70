"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.rest.fields import Body, Id, Line, Shown, Text
from data.access.account import Account
from data.policy.actor import Role

Email = Annotated[Text, Field(min_length=3, max_length=254, examples=["li.gong@example.com"])]
Ids = Annotated[list[Id], Field(max_length=50)]

USER_EXAMPLE: JsonDict = {
    "id": "u-5f0c8e7d3b1a4f6e9c2d8a7b6c5d4e3f",
    "email": "li.gong@example.com",
    "name": "李工",
    "role": "broker",
    "organization": None,
    "chains": [],
    "counties": [],
    "invited": False,
    "second_factor": True,
    "enabled": True,
    "created_at": "2026-03-02T01:30:00Z",
}


class UserShown(Shown):
    """One account."""

    model_config = ConfigDict(json_schema_extra={"example": USER_EXAMPLE})

    id: str
    email: str
    name: str
    role: Role
    organization: str | None = Field(description="单位编号 / id of the organisation")
    chains: list[str] = Field(description="限定的产业链，空为不限 / limit of a broker")
    counties: list[str] = Field(description="限定的区县，空为不限 / limit of a broker")
    invited: bool = Field(description="尚未设置密码 / waits for its first password")
    second_factor: bool
    enabled: bool
    created_at: datetime


class UserPage(Shown):
    """Accounts, and where the next ones begin."""

    items: list[UserShown]
    next_cursor: str | None


class UserDraft(Body):
    """An account to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"email": "li.gong@example.com", "name": "李工", "role": "broker"}
        }
    )

    email: Email
    name: Line
    role: Role
    organization: Id | None = None
    chains: Ids = []
    counties: Ids = []


class UserChange(Body):
    """What to change of an account; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"chains": [], "name": "李工程师"}})

    email: Email = ""
    name: Line = ""
    role: Role = Role.BROKER
    organization: Id | None = None
    chains: Ids = []
    counties: Ids = []


class Invitation(Shown):
    """An account with a one-time link for its owner."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "user": USER_EXAMPLE | {"invited": True},
                "mailed": False,
                "token": "Zk3…",
                "link": "https://match.example.com/welcome#Zk3…",
            }
        }
    )

    user: UserShown
    mailed: bool = Field(description="已发送邮件 / sent to the account's own address")
    token: str | None = Field(
        description="一次性凭证，仅显示一次；已发邮件则为空 / shown once, and only if not mailed"
    )
    link: str | None = Field(description="包含该凭证的链接 / the token as a link")


def user_shown(account: Account) -> UserShown:
    """An account as administrators and its owner see it."""
    return UserShown(
        id=account.id,
        email=account.email,
        name=account.name,
        role=account.role,
        organization=account.organization,
        chains=list(account.chains),
        counties=list(account.counties),
        invited=account.invited,
        second_factor=account.second_factor,
        enabled=account.disabled_at is None,
        created_at=account.created_at,
    )
