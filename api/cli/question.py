"""What a question may start from: the id of a posting, or free text, and not both."""

import typer


def require_id_or_text(posting_id: str | None, text: str | None) -> None:
    """Refuse a command line that names neither or both.

    Raises:
        typer.BadParameter: neither or both are given.
    """
    if (posting_id is None) == (text is None):
        raise typer.BadParameter(
            "请给出编号或 --text 之一 / give either an id or --text", param_hint="ID | --text"
        )
