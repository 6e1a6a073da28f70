"""What signing in and identifying share: the store, the hasher, the tokens, the caches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from api.accounts.access_tokens import AccessTokens
from api.accounts.passwords import Passwords
from api.accounts.secret import signing_secret
from api.accounts.signer import Signer
from api.accounts.standings import Standings
from api.seal import Seals
from api.service_settings import ServiceSettings
from api.settings import Settings
from data.access.api_keys import KeyStanding
from data.access.attempts import Patience
from data.access.desk import Desk
from data.access.sessions import Standing
from data.access.trail import Trail
from data.policy.actor import SYSTEM, Actor
from data.session import session_scope

if TYPE_CHECKING:
    from api.accounts.provider import Provider

Clock = Callable[[], datetime]

ACCOUNT_PATIENCE = Patience(free=5, longest_s=300)
"""Short enough that nobody can shut somebody else out for long."""

ADDRESS_PATIENCE = Patience(free=30, longest_s=300)
"""A whole office may share one address."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request comes from.

    Attributes:
        address: Network address; empty for the program itself.
        request: The request's id.
    """

    address: str = ""
    request: str = ""


class Accounts:
    """The accounts of one store, as the running service uses them.

    Attributes:
        signer: Signs whatever is ours.
        seals: Of what is stored and has to be read again.
        tokens: Issues and reads access tokens.
        passwords: Hashes and checks passwords.
        sessions: Sessions that count, by their access tokens.
        keys: Whether an API key still counts, by its digest.
        clock: The time.
        noted_uses: When this process last noted the use of a key, by its id.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ServiceSettings,
        *,
        secret: str,
        passwords: Passwords | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        """Wire them together.

        Args:
            engine: The store.
            settings: How long tokens last, and whether a second factor is demanded.
            secret: Signs access tokens, and seals what is stored.
            passwords: Another hasher; for tests.
            clock: Another time; for tests.
        """
        self.settings = settings
        self.clock = clock
        self.signer = Signer(secret, clock=clock)
        self.seals = Seals.of(secret)
        self.tokens = AccessTokens(self.signer)
        self.passwords = passwords or Passwords()
        self.sessions: Standings[Standing] = Standings(self._session_standing)
        self.keys: Standings[KeyStanding] = Standings(self._key_standing)
        self.noted_uses: dict[str, datetime] = {}
        self._engine = engine

    @classmethod
    def open(cls, engine: Engine, place: Settings, settings: ServiceSettings) -> "Accounts":
        """The accounts of a home; makes the signing secret at the first start.

        Raises:
            SecretUnreadable: the secret in the home is of no use.
        """
        given = settings.secret
        secret = given.get_secret_value() if given else signing_secret(place.home)
        return cls(engine, settings, secret=secret)

    @cached_property
    def provider(self) -> "Provider | None":
        """The provider of single sign-on that the settings name; None where there is none.

        Raises:
            ProviderUnreachable: its address is no https address.
        """
        # slow to import, and commands have no use for it
        from api.accounts.provider import provider_of

        return provider_of(self.settings)

    @property
    def access_lifetime(self) -> timedelta:
        """Of an access token."""
        return timedelta(minutes=self.settings.access_token_minutes)

    @property
    def refresh_lifetime(self) -> timedelta:
        """Of a refresh token, and so of a session that is not refreshed."""
        return timedelta(days=self.settings.refresh_token_days)

    @contextmanager
    def desk(self, caller: Caller, actor: Actor = SYSTEM, *, write: bool = True) -> Iterator[Desk]:
        """A transaction of the program itself, or of somebody who has just been identified."""
        trail = Trail(actor, address=caller.address, request=caller.request)
        with session_scope(self._engine, write=write) as session:
            yield Desk(session, actor, trail)
            if write:
                trail.write(session)

    def forget(self) -> None:
        """Has every account looked at anew; call it after a change was committed."""
        self.sessions.forget()
        self.keys.forget()

    def _session_standing(self, token: str) -> Standing | None:
        claims = self.tokens.read(token)
        if claims is None:
            return None
        with self.desk(Caller(), write=False) as desk:
            standing = desk.sessions.standing(claims.session, now=self.clock())
        if standing is None or not standing.alive:
            return None
        current = standing.account.id == claims.user and standing.account.epoch == claims.epoch
        return standing if current else None

    def _key_standing(self, digest: str) -> KeyStanding | None:
        with self.desk(Caller(), write=False) as desk:
            return desk.api_keys.standing(digest, now=self.clock())
