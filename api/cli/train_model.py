"""``yilian train --model``: the corpora teach how meanings are compared."""

from rich.markup import escape

from api.cli.console import out, say
from api.settings import Settings


def train_model(settings: Settings, *, dry_run: bool) -> None:
    """Learns and prints, once for achievements and once for needs."""
    from api.adapting import adapt
    from api.model import ensure_model
    from api.service import MatchService
    from data.repositories import AchievementRepository, NeedRepository
    from evaluation.figures import signed
    from matcher.adapted import LEAST_DOCUMENTS

    ensure_model(settings, say)
    service = MatchService(settings, notify=say)
    for name, repository in (
        ("成果 / achievements", AchievementRepository),
        ("需求 / needs", NeedRepository),
    ):
        learnt = adapt(service, repository, dry_run=dry_run)
        if learnt is None:
            out.print(
                f"{name}: 不足 {LEAST_DOCUMENTS} 条，保持原样"
                f" / fewer than {LEAST_DOCUMENTS}, left as they are"
            )
            continue
        out.print(f"{name}: {learnt.documents} 条 / entries")
        if learnt.gain.n:
            out.print(f"  ndcg@10 增益 / gain: {escape(signed(learnt.gain))}")
        else:
            out.print("  没有可供检验的评判 / no judgements to check it against")
        if dry_run:
            out.print("  未保存 / nothing was kept (--dry-run)")
        elif learnt.better:
            out.print("  [green]✓[/] 已启用 / in use")
        else:
            out.print("  [yellow]![/] 不及现用，未启用 / worse than today's, not put into use")
