"""Answers with something that is shown once."""

import json

from fastapi.responses import JSONResponse, Response


def shown_once(kept: Response, **secrets: str | bool | None) -> JSONResponse:
    """The answer with its secrets, while the one kept for a repetition is without.

    Args:
        kept: The answer as it was stored beside the deed.
        secrets: Fields to fill in.
    """
    headers = {k: v for k, v in kept.headers.items() if k in ("location", "etag")}
    body = json.loads(bytes(kept.body)) | secrets
    return JSONResponse(body, kept.status_code, headers | {"Cache-Control": "no-store"})
