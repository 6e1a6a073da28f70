"""The application: routers, problems, and who asks."""

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api.operations.parsing import parse_in_turn
from api.rest import (
    api_keys,
    audit,
    cases,
    chains,
    decisions,
    experts,
    exports,
    figures,
    imports,
    inbox,
    jobs,
    matches,
    me,
    openapi,
    operations,
    organizations,
    pairings,
    problems,
    runs,
    sign_in,
    single_sign_on,
    subscriptions,
    users,
    webhooks,
    welcome,
)
from api.rest.beside import beside
from api.rest.identity import identify, known_already
from api.rest.middleware import install as install_operations
from api.rest.postings import ACHIEVEMENTS, NEEDS, make_reader, make_router
from api.rest.shelf import AnsweredBefore
from api.service_settings import ServiceSettings
from api.settings import Settings

ROUTERS = (
    # what is asked for most comes first; the readers' paths take every id, and come last of these
    matches.router,
    make_router(NEEDS),
    make_router(ACHIEVEMENTS),
    make_reader(NEEDS),
    make_reader(ACHIEVEMENTS),
    sign_in.router,
    single_sign_on.router,
    me.router,
    api_keys.router,
    users.router,
    subscriptions.router,
    inbox.router,
    webhooks.router,
    cases.router,
    chains.router,
    decisions.router,
    experts.router,
    figures.router,
    organizations.router,
    pairings.router,
    pairings.orders,
    runs.router,
    audit.router,
    jobs.router,
    imports.router,
    exports.router,
)


def create_app(settings: Settings, service_settings: ServiceSettings | None = None) -> FastAPI:
    """The service over one home.

    Args:
        settings: Where things are.
        service_settings: How it behaves; read from environment and file if left out.
    """
    parse_in_turn()
    # its pages of documentation ask no other host: many a city's network is closed
    app = FastAPIOffline(title="Yilian 一链", version="1", lifespan=beside(settings))
    app.state.settings = service_settings or ServiceSettings.load(settings.home)
    app.state.identify = identify
    app.state.known_already = known_already
    app.state.actors = None  # of jobs: the stored accounts
    problems.install(app)
    app.add_middleware(AnsweredBefore)
    install_operations(app)
    app.include_router(operations.router)
    app.include_router(welcome.router)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    openapi.install(app)
    return app
