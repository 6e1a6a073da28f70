"""A report page as Markdown, and as one HTML file that fetches nothing."""

import base64
import re
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from evaluation.page import Block, Page, Paragraph, Picture, Table

# brackets alone are figures' intervals; only what may follow them makes a link
_INLINE = re.compile(r"[\\`*_<>|~&$]|\](?=[(:\[])")
_LEADING = re.compile(r"^(\d*)([-+#.)])(?=[\s#-]|$)")


def markdown(page: Page) -> str:
    """GitHub-flavoured Markdown; pictures are expected beside it as ``NAME.svg``."""
    parts = [f"# {_plain(page.title)}", _table(("", ""), page.provenance.rows())]
    for section in page.sections:
        parts.append(f"## {_plain(section.title)}")
        parts.extend(map(_block, section.blocks))
    return "\n\n".join(parts) + "\n"


def html(page: Page) -> str:
    """One self-contained file: pictures are inside, there are no scripts and no links.

    Every text is escaped by the template engine; a content policy in the file forbids
    whatever might slip through.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    # as an image, a picture's ids and styles cannot meet those of another
    environment.filters["data_uri"] = lambda svg: (
        "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    )
    template = (files("evaluation") / "report.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(page=page) + "\n"


def _block(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _plain(text)
        case Table(columns, rows):
            return _table(columns, rows)
        case Picture(name, _, caption):
            return f"![{_plain(caption)}]({name}.svg)"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(map(_plain, row))} |" for row in (columns, *rows))
    return "\n".join([head, "|" + "---|" * len(columns), *body])


def _plain(text: str) -> str:
    inline = _INLINE.sub(r"\\\g<0>", " ".join(text.split()))
    return _LEADING.sub(r"\1\\\2", inline)
