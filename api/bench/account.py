"""An account for a bench, signed in for a day."""

from sqlalchemy import Engine

from api.accounts.accounts import Accounts, Caller
from api.accounts.local import local_desk
from api.accounts.sign_in import PASSWORD, begin
from data.policy.actor import Role

_EMAIL = "bench@example.com"


def office_token(accounts: Accounts, engine: Engine) -> str:
    """An access token of the office."""
    with local_desk(engine) as desk:
        account = desk.users.find(_EMAIL) or desk.users.add(
            email=_EMAIL, name="压测 bench", role=Role.OFFICE
        )
    caller = Caller(address="127.0.0.1")
    return begin(accounts, account, caller, method=PASSWORD, page=True).access_token
