"""``python -m tests.fuzz --minutes 10 --roles all``: the long run; exits with 1 on any fault."""

import argparse
import logging
import sys
import tempfile
import time
import warnings
from pathlib import Path

import typer

from data.policy.actor import PEOPLE, Role
from tests.fuzz.campaign import run_campaign
from tests.fuzz.world import running_world

PARTS = (("examples", "coverage", "fuzzing"), ("stateful",))
"""Operations one by one, then chains of them; left to itself the first takes all the time."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="in all, over the roles")
    parser.add_argument("--roles", default="all", help="all, or some with commas between")
    parser.add_argument("--seed", type=int, default=None, help="made up if left out")
    asked = parser.parse_args()
    roles = PEOPLE if asked.roles == "all" else [Role(name) for name in asked.roles.split(",")]
    seed = time.time_ns() % 2**32 if asked.seed is None else asked.seed
    typer.echo(f"seed {seed}, {asked.minutes:g} minutes, roles {', '.join(roles)}")
    # jobs that fail for want of data are no news
    logging.disable(logging.ERROR)
    # the service's own threads draw random numbers while Hypothesis looks on
    warnings.filterwarnings("ignore", "Do not use the `random` module inside strategies")
    faulty = False
    with tempfile.TemporaryDirectory() as folder, running_world(Path(folder) / "home") as world:
        for number, role in enumerate(roles):
            share_s = max(1, round(asked.minutes * 60 / len(roles) / len(PARTS)))
            for phases in PARTS:
                report = run_campaign(
                    world, role, seed=seed + number, phases=phases, max_time_s=share_s
                )
                typer.echo(report)
                faulty |= bool(report.failures or report.errors or report.server_errors)
    return int(faulty)


if __name__ == "__main__":
    sys.exit(main())
