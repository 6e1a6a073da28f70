"""Puts the operations around an application."""

from fastapi import FastAPI

from api.operations.metrics import Metrics
from api.rest.limits import Gate, Limits
from api.rest.observing import Observer
from api.service_settings import ServiceSettings


def install(app: FastAPI) -> None:
    """Adds limits, request ids, the access log and the metrics, by ``app.state.settings``."""
    settings: ServiceSettings = app.state.settings
    app.state.metrics = Metrics()
    limits = Limits(
        body=settings.body_limit,
        upload=settings.upload_limit,
        hosts=settings.allowed_hosts,
        https=settings.public_url.startswith("https:"),
    )
    # the last one added is the outermost
    app.add_middleware(Gate, limits=limits)
    app.add_middleware(Observer, metrics=app.state.metrics)
