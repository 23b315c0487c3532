"""Time of a sweep compared with its runs started alone with an empty store, and the overhead of a cell.

Aims: the sweep takes at most 0.25 times the sum of the runs alone; each cell after the first takes under 0.5 s besides
its training. Alone, each row is run once and counts for all seeds, which take equally long.

    python benchmarks/sweep.py                            the study's table, five seeds: half an hour
    python benchmarks/sweep.py --seeds 2 data.count=200   smaller
"""

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from emotionart.classifier.training import train
from emotionart.config.compose import compose
from emotionart.sweeps.launch import launch
from emotionart.sweeps.plan import SweepJob, plan_jobs
from emotionart.sweeps.status import prepare

ROOT = Path(__file__).parents[1]
trained: list[float] = []


def alone(cell: SweepJob, folder: Path) -> float:
    """Seconds of a run in a process of its own with an empty store."""
    start = time.perf_counter()
    command = [sys.executable, "train.py", *cell.overrides, f"cache={folder}/cache", f"hydra.run.dir={folder}/run"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweep", default="results_table")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="to be made, and kept; without it a temporary one")
    parser.add_argument("overrides", nargs="*")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    fit = train.fit

    def timed_fit(*given):  # type: ignore[no-untyped-def]
        start = time.perf_counter()
        fitted = fit(*given)
        trained.append(time.perf_counter() - start)
        return fitted

    train.fit = timed_fit
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.folder or Path(name)
        seeds = list(range(arguments.seeds))
        config = compose([f"sweep={arguments.sweep}", f"seeds={seeds}"], "sweep").config
        given = ["logger=csv", *arguments.overrides]
        cells = plan_jobs(config, [*given, f"cache={folder}/cache"], folder / arguments.sweep)
        start = time.perf_counter()
        prepare(cells, cells, folder / arguments.sweep, arguments.sweep, rerun="none", fail_fast=False)
        launch(cells, [])
        together = time.perf_counter() - start
        seconds = [json.loads(cell.folder.provenance.read_text())["seconds"] for cell in cells]
        beside = [total - training for total, training in zip(seconds, trained, strict=True)]
        later = [cost for cell, cost in zip(cells, beside, strict=True) if cell.seed > 0]
        firsts = plan_jobs(compose([f"sweep={arguments.sweep}", "seeds=[0]"], "sweep").config, given, folder)
        apart = []
        for number, cell in enumerate(firsts):
            apart.append(alone(cell, folder / f"alone-{number}"))
            print(f"{cell.row}: alone {apart[-1]:.1f} s")
    ratio = together / (sum(apart) * arguments.seeds)
    print(f"{len(cells)} cells in one process {together:.0f} s, alone {sum(apart) * arguments.seeds:.0f} s")
    print(f"  ratio {ratio:.2f} (aim: at most 0.25)")
    print(f"beside training, a cell with what it needs in the store costs {median(later):.2f} s (aim: under 0.5)")


if __name__ == "__main__":
    main()
