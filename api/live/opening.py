"""The engine of a server, with its model or, when that fails, without."""

import logging
from dataclasses import replace

from api.live.service import LiveMatchService
from api.service import MatchService
from api.settings import Settings
from embeddings.errors import EmbeddingError
from embeddings.names import HASHING
from matcher.config import MatchConfig
from matcher.signals import Group

logger = logging.getLogger(__name__)


def open_service(settings: Settings) -> MatchService:
    """The engine; one that goes by wording alone where the model cannot be opened.

    Without a model nothing is graded and chains take no part, and the indexes of the model
    stay as they are for the day it is mended.
    """
    service: MatchService = LiveMatchService(settings)
    try:
        service.encoder.fingerprint  # noqa: B018 - opens the model
    except EmbeddingError as problem:
        logger.error("the model failed to load, matching goes by wording: %s", problem)
        service.close()
        wording = replace(settings, model=HASHING)
        service = LiveMatchService(wording, config=MatchConfig(without=(Group.CHAINS,)))
        service.model_problem = str(problem)
    return service
