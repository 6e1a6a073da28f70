"""Every command in one table."""

import typer

from api.cli.api import api
from api.cli.audit import export as export_audit
from api.cli.audit import verify as verify_audit
from api.cli.backup import backup, restore
from api.cli.bench import match as bench_match
from api.cli.bench_crash import crash as bench_crash
from api.cli.bench_explain import explain as bench_explain
from api.cli.bench_graph import graph as bench_graph
from api.cli.bench_load import load as bench_load
from api.cli.bench_pair import pair as bench_pair
from api.cli.chain import list_chains, show_chain
from api.cli.chain_define import load as load_chains
from api.cli.chain_define import rename as rename_chains
from api.cli.chain_define import save as save_chains
from api.cli.chain_gaps import chain_gaps
from api.cli.chain_graph import chain_export, chain_links
from api.cli.chain_picture import chain_picture
from api.cli.chain_tag import review, tag
from api.cli.decide import decide, list_decisions
from api.cli.demo import demo
from api.cli.doctor import doctor
from api.cli.evaluate import rank
from api.cli.evaluate_chains import chains as evaluate_chains
from api.cli.evaluate_learning import calibration, learn
from api.cli.evaluate_levels import levels
from api.cli.evaluate_simulation import simulation
from api.cli.listing import list_records, show
from api.cli.load import load, template
from api.cli.match import match
from api.cli.migrate import migrate
from api.cli.model import build, info
from api.cli.pair import pair
from api.cli.plan import compare, export, freeze, list_plans, picture, remove, show_plan
from api.cli.policy import policy
from api.cli.serve import serve
from api.cli.team import team
from api.cli.train import train
from api.cli.user import add_user, disable_user, enable_user, list_users, make_user_link
from api.cli.worker import worker

app = typer.Typer(
    name="yilian",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="一链：企业需求与高校成果匹配。 / Matches technology needs with achievements.",
)
model = typer.Typer(no_args_is_help=True, help="向量模型 / the embedding model")
evaluation = typer.Typer(no_args_is_help=True, help="评测 / measurements")

chain = typer.Typer(no_args_is_help=True, help="产业链 / the industry chains")
plan = typer.Typer(no_args_is_help=True, help="结对方案 / stored pairing plans")
user = typer.Typer(no_args_is_help=True, help="账号 / accounts")
audit = typer.Typer(no_args_is_help=True, help="审计 / who did what to which")
bench = typer.Typer(no_args_is_help=True, help="计时 / timings beside a peer")

app.command()(demo)
app.command()(load)
app.command()(template)
app.command("list")(list_records)
app.command()(show)
app.command()(match)
app.command()(decide)
app.command("decisions")(list_decisions)
app.command()(train)
app.command()(pair)
app.command()(team)
app.command()(doctor)
app.command()(worker)
app.command()(serve)
app.command()(api)
app.command()(policy)
app.command()(backup)
app.command()(restore)
app.command()(migrate)
audit.command("verify")(verify_audit)
audit.command("export")(export_audit)
app.add_typer(audit, name="audit")
model.command()(build)
model.command()(info)
app.add_typer(model, name="model")
evaluation.command()(rank)
evaluation.command("chains")(evaluate_chains)
evaluation.command()(levels)
evaluation.command()(learn)
evaluation.command()(calibration)
evaluation.command()(simulation)
app.add_typer(evaluation, name="eval")
chain.command("list")(list_chains)
chain.command("show")(show_chain)
chain.command("tag")(tag)
chain.command("review")(review)
chain.command("save")(save_chains)
chain.command("load")(load_chains)
chain.command("rename")(rename_chains)
chain.command("gaps")(chain_gaps)
chain.command("picture")(chain_picture)
chain.command("export")(chain_export)
chain.command("links")(chain_links)
app.add_typer(chain, name="chain")
bench.command("match")(bench_match)
bench.command("load")(bench_load)
bench.command("crash")(bench_crash)
bench.command("graph")(bench_graph)
bench.command("pair")(bench_pair)
bench.command("explain")(bench_explain)
app.add_typer(bench, name="bench")
plan.command("list")(list_plans)
plan.command("show")(show_plan)
plan.command()(compare)
plan.command()(freeze)
plan.command()(remove)
plan.command()(export)
plan.command()(picture)
app.add_typer(plan, name="plan")
user.command("add")(add_user)
user.command("list")(list_users)
user.command("link")(make_user_link)
user.command("disable")(disable_user)
user.command("enable")(enable_user)
app.add_typer(user, name="user")
