"""Where people arrive: the front door, and the page that one-time links lead to."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

router = APIRouter()

_PAGE = (Path(__file__).parent / "welcome.html").read_text(encoding="utf-8")


@router.get("/", operation_id="front_door", include_in_schema=False)
def front_door() -> RedirectResponse:
    """Leads to the interface's documentation, the only page that asks for no link."""
    return RedirectResponse("docs")


@router.get("/welcome", operation_id="welcome", include_in_schema=False)
def welcome() -> HTMLResponse:
    """Asks for a password; the link's token stays in the browser until it is sent."""
    return HTMLResponse(_PAGE)
