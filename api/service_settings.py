"""Settings of the service, from the environment and one file; ``api/README.md`` lists them."""

from collections.abc import Sequence
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from api.errors import ApiError


class BadSettings(ApiError):
    """A setting of the environment or of ``yilian.toml`` cannot be used."""

    def __init__(self, file: Path, wrong: Sequence[str]) -> None:
        told = "; ".join(wrong)
        super().__init__(
            f"设置有误（{told}），请检查环境变量 YILIAN_… 与 {file}。"
            f" / these settings cannot be used ({told}); look at the YILIAN_… variables and {file}"
        )


class ServiceSettings(BaseSettings):
    """How the service behaves; each is ``YILIAN_`` and its name, or a line of ``yilian.toml``.

    The environment wins over the file.
    """

    model_config = SettingsConfigDict(env_prefix="YILIAN_", extra="ignore", frozen=True)

    public_url: str = Field(default="http://127.0.0.1:8000", description="address for links")
    secret: SecretStr | None = Field(
        default=None, min_length=32, description="signs tokens; kept in the home if unset"
    )
    access_token_minutes: int = Field(default=10, ge=1, le=120)
    refresh_token_days: int = Field(default=14, ge=1, le=90)
    require_totp: bool = Field(default=False, description="for office and administrators")
    allowed_hosts: tuple[str, ...] = Field(default=(), description="Host headers; empty for any")
    open_metrics: bool = Field(default=False, description="/metrics for others than loopback")
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    body_limit: int = Field(default=2 * 2**20, description="bytes of a JSON body")
    upload_limit: int = Field(default=32 * 2**20, description="bytes of an upload")
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_starttls: bool = True
    smtp_from: str = "yilian@localhost"
    mail_minutes: int = Field(default=15, description="between two mails to one account")
    webhook_hosts: tuple[str, ...] = Field(default=(), description="hosts that may be private")
    webhook_http: bool = Field(default=False, description="allow targets without TLS")
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_create_role: Literal["broker", "office", "administrator"] | None = Field(
        default=None, description="role of accounts made on sign-in"
    )
    nightly_at: str = Field(default="02:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    strong_probability: float = Field(
        default=0.5, ge=0, le=1, description="of level 3, from which brokers are told"
    )

    @staticmethod
    def load(home: Path) -> "ServiceSettings":
        """Settings as environment and ``yilian.toml`` of this home say.

        Raises:
            BadSettings: a value cannot be used, or the file is no TOML.
        """
        file = home / "yilian.toml"

        class OfHome(ServiceSettings):
            model_config = SettingsConfigDict(toml_file=file)

        try:
            return OfHome()
        except ValidationError as error:
            wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            raise BadSettings(file, wrong) from error
        except (SettingsError, TOMLDecodeError) as error:
            raise BadSettings(file, [str(error)]) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed in, then the environment, then the file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))
