"""Time and memory of planning a sweep of 1,000 cells and of making its table, compared with a tenth of the cells.

Aims: each in under a minute; memory that does not grow with the cells. One cell is run; the others get its files with
different test predictions, since the results do not depend on how a cell was trained.

In seconds of a core, on two that five other processes shared (AMD EPYC), with 1,000 cells and, in brackets, 100:

    planned            22.0 (9.3)   1.35 GB (1.34)
    planned, all done  23.1 (9.7)   1.37 GB (1.36)
    table              28.6 (9.3)   1.40 GB (1.34)

Seven of these seconds, and nearly all of the memory, are imports.

    python benchmarks/many_cells.py
    python benchmarks/many_cells.py --cells 100 data.count=200
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from emotionart.config.compose import compose
from emotionart.run.folder import RunFolder
from emotionart.run.predictions import Predictions
from emotionart.sweeps.launch import launch
from emotionart.sweeps.plan import SweepJob, plan_jobs
from emotionart.sweeps.status import prepare

ROOT = Path(__file__).parents[1]
SEEDS, RATES = 5, 10


def write_sweep(options: Path, cells: int) -> None:
    """Writes the configuration of a sweep of `cells` cells: rows x learning rates x seeds."""
    rows = {
        f"hidden {8 + number}": [f"model.network.hidden=[{8 + number}]"] for number in range(cells // (SEEDS * RATES))
    }
    plan = {
        "defaults": ["_sweep"],
        "common": ["model=cv_fc", "augment=none"],
        "rows": rows,
        "grid": {"optimizer.lr": [round(1e-3 * (1 + number), 4) for number in range(RATES)]},
        "seeds": list(range(SEEDS)),
    }
    (options / "sweep").mkdir(parents=True, exist_ok=True)
    (options / "sweep" / "many.yaml").write_text("# @package _global_\n" + yaml.safe_dump(plan))


def pretend(cell: SweepJob, real: RunFolder, draws: np.random.Generator) -> None:
    """Gives a cell the files of a real run, with predictions that are as accurate but right on other works."""
    found = Predictions.read(real.predictions)
    rows = np.flatnonzero(draws.random(len(found.id)) < 0.3)
    shuffled = found.probabilities.copy()
    shuffled[rows] = draws.permuted(shuffled[rows], axis=1)
    predicted = np.array(found.classes, dtype=object)[shuffled.argmax(axis=1)]
    told = replace(found, probabilities=shuffled, predicted=predicted)
    told.write(cell.folder.predictions)
    test = told.of_part("test")
    result = json.loads(real.result.read_text())
    result["test"]["acc"]["value"] = float((test.predicted == test.label).mean())
    for file in (real.split, real.provenance, real.logistic_predictions):
        if file.exists():
            os.link(file, cell.folder.path / file.name)
    cell.folder.update({"status": "done"})
    cell.folder.result.write_text(json.dumps({**result, "seed": cell.seed}))


def measure(*command: str) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak memory in MB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("overrides", nargs="*")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    draws = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder, options = Path(name), Path(name) / "options"
        for cells in (arguments.cells // 10, arguments.cells):
            write_sweep(options, cells)
            place = folder / str(cells)
            asked = [f"hydra.searchpath=[{options}]", "sweep=many"]
            given = ["logger=none", f"cache={folder}/cache", asked[0], *arguments.overrides]
            jobs = plan_jobs(compose(asked, "sweep").config, given, place / "many")
            prepare(jobs, jobs, place / "many", "many", rerun="none", fail_fast=False)
            launch(jobs[:1], [])
            for job in jobs[1:]:
                pretend(job, jobs[0].folder, draws)
            common = [f"--config-dir={options}", "sweep=many", *given[:2], *arguments.overrides]
            planned = measure("sweep.py", *common, "dry_run=true", f"folder={place}/new")
            skipped = measure("sweep.py", *common, "dry_run=true", f"folder={place}")
            table = measure("-m", "emotionart", "table", str(place / "many"))
            for what, (seconds, cpu, memory) in (
                ("planned", planned),
                ("planned, all done", skipped),
                ("table", table),
            ):
                print(
                    f"{len(jobs):>5} cells  {what:<18} {seconds:6.1f} s ({cpu:.1f} s of CPU)  {memory:7.0f} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
