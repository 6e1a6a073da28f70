"""A report on disk: ``report.md`` with its pictures, and ``report.html``; whole or not at all."""

from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.errors import OccupiedFolder, ReportNotWritten
from evaluation.markup import html, markdown
from evaluation.page import Page

MARKDOWN = "report.md"
HTML = "report.html"


def write_report(page: Page, folder: Path) -> Path:
    """The page as Markdown with SVG files beside it, and as one HTML file.

    The files are written next to ``folder`` and moved there together. An older report
    under that name is replaced; anything else is left alone.

    Args:
        page: What to write.
        folder: Where; it and its parents are made when missing.

    Returns:
        Path of the HTML file.

    Raises:
        OccupiedFolder: ``folder`` holds something other than a report.
        ReportNotWritten: the disk is full, or rights are missing.
        ValueError: two pictures share a name.
    """
    pictures = {f"{picture.name}.svg": picture.svg for picture in page.pictures()}
    if len(pictures) < len(page.pictures()):
        raise ValueError("pictures of a report need different names")
    contents = {**pictures, MARKDOWN: markdown(page), HTML: html(page)}
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            for name, content in contents.items():
                (fresh / name).write_text(content, encoding="utf-8", newline="\n")
            _move(fresh, folder, aside=Path(scratch) / "replaced")
    except OSError as error:
        raise ReportNotWritten(folder, error.strerror or str(error)) from error
    return folder / HTML


def check_folder(folder: Path) -> None:
    """Makes sure that a report under this name would overwrite nothing but a report.

    Raises:
        OccupiedFolder: ``folder`` holds something else.
    """
    if folder.exists() and not _is_replaceable(folder):
        raise OccupiedFolder(folder)


def _is_replaceable(folder: Path) -> bool:
    """Whether nothing in the folder is more than what this module writes."""
    if not folder.is_dir():
        return False
    held = list(folder.iterdir())
    ours = all(path.name in (MARKDOWN, HTML) or path.suffix == ".svg" for path in held)
    return not held or (ours and any(path.name == HTML for path in held))


def _move(fresh: Path, folder: Path, *, aside: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    folder.rename(aside)
    try:
        fresh.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
