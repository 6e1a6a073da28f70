"""``yilian bench pair``: how fast and how good joint pairing is, on invented cities."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import perf_counter

import numpy as np

from api.bench.city import CitySize, invented_city
from matcher.pairing.model import compile_problem
from matcher.pairing.problem import FloatArray, Problem
from matcher.pairing.score import Choice, objective_of
from matcher.pairing.solve import solve

CITY = CitySize()
PROVINCE = CitySize(chains=100, counties=0, universities=1_000, needs=20_000)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PairTime:
    """One problem solved in a process of its own.

    Attributes:
        solver: How it was solved; see ``matcher.pairing.plan.Solver``.
        seconds: From the problem to the plan.
        gap: Proven, a share of the bound.
        covered: Needs of average importance that the plan covers.
        naive_covered: The same under the naive rule: every hub takes the universities with the
            highest mean similarity; see ``naive_coverage``.
        nearest_covered: The same under a better naive rule, which looks at each need's nearest
            achievement instead of all.
        memory_mib: Peak of the whole process, the invented city included.
    """

    seed: int
    solver: str
    seconds: float
    gap: float
    covered: float
    naive_covered: float
    nearest_covered: float
    memory_mib: float

    @property
    def gain(self) -> float:
        """How much more is covered than under the naive rule, as a share of that."""
        return self.covered / self.naive_covered - 1

    @property
    def gain_over_nearest(self) -> float:
        """The same for the better naive rule."""
        return self.covered / self.nearest_covered - 1


def time_pairing(
    size: CitySize,
    *,
    seeds: int,
    time_limit_s: float,
    gap: float,
    progress: Progress = lambda message: None,
) -> list[PairTime]:
    """Solves one invented problem per seed, each in a child process.

    Args:
        size: How large they are.
        seeds: How many.
        time_limit_s: For each.
        gap: At which the solver may stop.
        progress: Told of each that is done.
    """
    times = []
    for seed in range(seeds):
        asked = {"size": asdict(size), "seed": seed, "time_limit_s": time_limit_s, "gap": gap}
        done = subprocess.run(
            [sys.executable, "-m", "api.bench.pair", json.dumps(asked)],
            check=True,
            capture_output=True,
            text=True,
        )
        times.append(PairTime(**json.loads(done.stdout)))
        progress(f"{seed + 1}/{seeds}: {times[-1].seconds:.1f} s, gap {times[-1].gap:.3%}")
    return times


def time_one(size: CitySize, *, seed: int, time_limit_s: float, gap: float) -> PairTime:
    """Solves one invented problem in this process."""
    city = invented_city(size, seed=seed)
    started = perf_counter()
    plan = solve(city.problem, time_limit_s=time_limit_s, gap=gap)
    return PairTime(
        seed=seed,
        solver=plan.solver.value,
        seconds=perf_counter() - started,
        gap=plan.gap,
        covered=plan.objective.coverage,
        naive_covered=naive_coverage(city.problem, city.mean_similarity),
        nearest_covered=naive_coverage(city.problem, city.nearest_similarity),
        memory_mib=_peak_mib(),
    )


def naive_coverage(problem: Problem, similarity: FloatArray) -> float:
    """What is covered when each hub in turn takes the most similar university with room left.

    The rule fills as many seats as a plan may and keeps the universities' limits: the leads
    of all hubs first, then partners.
    """
    model = compile_problem(problem)
    taken = np.zeros(model.shape, dtype=bool)
    room = np.array([supplier.max_hubs for supplier in problem.suppliers])
    for place in range(1 + max(hub.max_partners for hub in problem.hubs)):
        for h, hub in enumerate(problem.hubs):
            free = np.where((room > 0) & ~taken[h], similarity[h], -np.inf)
            s = int(free.argmax())
            if place <= hub.max_partners and np.isfinite(free[s]):
                taken[h, s] = True
                room[s] -= 1
    return objective_of(model, Choice(taken, np.full(model.shape[0], -1))).coverage


def _peak_mib() -> float:
    import resource  # not on Windows, where only this bench is out of reach

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    size = CitySize(**asked.pop("size"))
    sys.stdout.write(json.dumps(asdict(time_one(size, **asked))))
