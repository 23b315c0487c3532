"""The contribution of each part of CV-FC on the portraits: centuries, not emotions, split by artist, three seeds.

Needs the portraits (`../shared/data/portraits`, or the path of another table as argument). Each row is trained on three
splits (`data.split_seed` and `seed` 0, 1, 2). Writes `studies/results/ablations.json` and a table beside it; rows in it
are not trained again, so that an interrupted study resumes.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from emotionart.config.compose import compose
from emotionart.pipeline import run

FOUND = Path(__file__).parent / "results" / "ablations.json"
PORTRAITS = Path(__file__).parents[2] / "shared" / "data" / "portraits" / "labels.csv"
SEEDS = (0, 1, 2)
METRICS = ("acc", "balanced_acc", "f1_macro")
COMMON = (
    "experiment=portraits",
    "augment=none",
    "optimizer.lr=3e-3",
    "trainer.max_epochs=60",
    "batch_size=128",
    "trainer.threads=1",
    "logger=none",
)
ROWS = (
    "model=cv_fc",
    "model=cv_fc model.features=[brightness]",
    "model=cv_fc model.features=[texture]",
    "model=cv_fc model.features=[colour]",
    "model=cv_fc model.texture.similarity=ssim",
    "model=cv_fc model.texture.hard_soft=colour",
    "model=cv_fc model.texture.hard_soft=separate",
    "model=cv_fc_literal",
    "model=cv_fc model.colour.difference=ciede2000",
    "model=cv_fc model.colour.landmarks=[happy,sad,angry,calm]",
    "model=cv_fc model.features=[machajdik]",
    "model=cv_fc model.features=[cvfc13,machajdik]",
)
NETWORK, LOGISTIC, MAJORITY = "network", "logistic regression", "majority"


def measure(row: str, table: str) -> dict[str, dict[str, list[float]]]:
    """Test metrics of the network, logistic regression on the same features, and the majority; one value per seed."""
    found: dict[str, dict[str, list[float]]] = {
        model: {metric: [] for metric in METRICS} for model in (NETWORK, LOGISTIC, MAJORITY)
    }
    for seed in SEEDS:
        asked = [*COMMON, f"data.path={table}", *row.split(), f"seed={seed}", f"data.split_seed={seed}"]
        composed = compose(asked)
        with tempfile.TemporaryDirectory() as folder:
            result = run(composed, Path(folder))
        parts = {NETWORK: result["test"], **{name: base["test"] for name, base in result["baselines"].items()}}
        for model, values in found.items():
            for metric in METRICS:
                values[metric].append(parts[model][metric]["value"])
    return found


def line(name: str, values: dict[str, list[float]]) -> str:
    """A row of the table: mean and standard deviation over the seeds, in per cent."""
    cells = [f"{100 * statistics.mean(v):.1f} ± {100 * statistics.stdev(v):.1f}" for v in values.values()]
    return f"| {name} | " + " | ".join(cells) + " |"


def table(found: dict[str, Any]) -> str:
    """The table in Markdown: the majority, then the network and logistic regression of each row."""
    lines = [
        "| model | accuracy | balanced accuracy | macro-F1 |",
        "|---|---|---|---|",
        line("majority of the training split", next(iter(found.values()))[MAJORITY]),
    ]
    for row, models in found.items():
        name = row.replace("model=cv_fc_literal", "cv_fc_literal").replace("model=cv_fc", "cv_fc")
        lines += [line(f"`{name}`", models[NETWORK]), line("… logistic regression", models[LOGISTIC])]
    return "\n".join(lines)


def page(found: dict[str, Any]) -> str:
    """The page: the table with its description and the rows that are not measured yet."""
    missing = [row for row in ROWS if row not in found]
    rest = "" if not missing else "\nNot measured yet: " + ", ".join(f"`{row}`" for row in missing) + ".\n"
    return (
        "# What each part of CV-FC is worth\n\n"
        "Test split of the portraits, by artist, mean ± standard deviation over three splits and seeds, in per cent;\n"
        "four centuries, a period and never an emotion. `python studies/ablations.py`, whose overrides are\n"
        f"`{' '.join(COMMON)}`.\n\n"
        f"{table(found)}\n{rest}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, nargs="?", default=PORTRAITS)
    path: Path = parser.parse_args().table
    if not path.exists():
        print(f"no portraits at {path}: nothing is trained")
        return
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    for row in ROWS:
        if row not in found:
            found[row] = measure(row, str(path))
            FOUND.write_text(json.dumps(found, indent=2) + "\n")
        FOUND.with_suffix(".md").write_text(page(found))
    print(table(found))


if __name__ == "__main__":
    main()
