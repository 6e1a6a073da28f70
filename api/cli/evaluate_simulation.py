"""``yilian eval simulation``: what the chain graph is worth where the truth is known."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from api.cli.console import out, print_json, progress, say
from api.cli.evaluate_options import AsJson
from api.cli.tables import show
from api.settings import Settings

if TYPE_CHECKING:
    from evaluation.simulation_report import SimulationReport


def simulation(
    seeds: Annotated[int, typer.Option(min=1, help="模拟城市数 / simulated cities")] = 4,
    as_json: AsJson = False,
) -> None:
    """产业链图谱的价值，在已知真相的模拟城市上测。 / The graph's worth in simulated cities."""
    from api.model import ensure_model
    from embeddings.cache import CachedEncoder, VectorCache
    from embeddings.sentence_encoder import open_encoder
    from evaluation.simulation import simulate

    settings = Settings.from_environment()
    ensure_model(settings, say)
    model = open_encoder(settings.model)
    encoder = CachedEncoder(model, VectorCache(settings.cache))
    with progress("模拟城市 / simulated cities") as simulating:
        report = simulate(encoder, seeds=range(seeds), progress=simulating)
    if as_json:
        print_json({**report.as_json(), "model": model.fingerprint})
        return
    out.print(escape(f"模拟城市 / simulated cities: {seeds} · 模型 model {model.fingerprint}"))
    _show(report)


def _show(report: "SimulationReport") -> None:
    from evaluation.figures import decimals, in_words, signed

    show(
        ("ndcg@10", "值 / value", "p"),
        [
            ("仅文字 / text", in_words(report.text), ""),
            ("文字与图 / text and graph", in_words(report.graph), ""),
            ("增益 / gain", signed(report.gain), decimals(report.p, digits=4)),
        ],
    )
    show(report.signals.columns(), report.signals.rows(), title="逐个信号 / signal by signal")
    show(report.control_columns(), report.control_rows(), title="对照 / controls")
    show(report.where_columns(), report.where_rows(), title="何处有用 / where the graph helps")
    out.print(
        f"\n产业链判对 / chains tagged right: {report.chains_right:.0%}"
        f"，环节 / segments: {report.segments_right:.0%}"
    )
    for line in report.variety_words():
        out.print(line)
