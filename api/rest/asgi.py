"""The application for servers that start it by name, in several processes."""

from fastapi import FastAPI

from api.operations.logs import configure_logs
from api.rest.app import create_app
from api.service_settings import ServiceSettings
from api.settings import Settings


def app_of_environment() -> FastAPI:
    """The application as environment and ``yilian.toml`` describe it."""
    settings = Settings.from_environment()
    service_settings = ServiceSettings.load(settings.home)
    configure_logs(form=service_settings.log_format, level=service_settings.log_level)
    return create_app(settings, service_settings)
