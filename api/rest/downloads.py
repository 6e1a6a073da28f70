"""Files as answers: always saved, never shown inside a page of ours."""

from mimetypes import guess_type
from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
"""Schema of a file's content."""


def attachment(content: bytes, name: str) -> Response:
    """A file that a browser saves under this name and does not look into."""
    return Response(
        content,
        media_type=guess_type(name)[0] or "application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": "private, no-store",
        },
    )
