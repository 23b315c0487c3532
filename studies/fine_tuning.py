"""What fine-tuning adds to a frozen network: a linear head on its pyramid, then the whole network, on three splits.

    python studies/fine_tuning.py portraits/labels.csv squeezenet1_0_imagenet.safetensors --runs outputs/fine_tuning

The tested weights are those of the epoch with the best validation accuracy, since the validation loss rises with the
network's confidence long before its accuracy falls. Finished runs are reused. Writes `studies/results/fine_tuning.json`
and prints the table of `studies/fine_tuning.md`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from emotionart.compare.classifiers.predictions import read_predictions
from emotionart.compare.runs import SweepRun
from emotionart.config.compose import compose
from emotionart.pipeline import run
from emotionart.run.folder import RunFolder
from emotionart.statistics.crossed import accuracy_difference
from emotionart.statistics.estimate import Estimate

RESULTS = Path(__file__).parent / "results" / "fine_tuning.json"
SPLIT_SEEDS = (0, 1, 2)
COMMON = (
    "experiment=portraits",
    "model=transfer",
    "model/head=linear",
    "model.backbone.name=squeezenet1_0",
    "model.backbone.mean=[123,117,104]",
    "model.backbone.std=[1,1,1]",
    "model.backbone.scale=1",
    "model.backbone.layer=pyramid",
    "model.backbone.pool=mean+std",
    "logger=csv",
    "figures=later",
)
FROZEN = ("optimizer.lr=1e-3",)
FINE_TUNED = (
    "model.freeze=none",
    "trainer.max_epochs=6",
    "trainer.precision=bf16-mixed",
    "batch_size=32",
    "augment=random",
    "scheduler=cosine",
    "optimizer.lr=3e-4",
    "model.first_rate=0.3",
    "monitor=val/acc",
)


def train(folder: Path, *overrides: str) -> dict[str, Any]:
    """Result of a run, which is trained if it is not there."""
    if not (folder / "result.json").exists():
        composed = compose(overrides)
        folder.mkdir(parents=True, exist_ok=True)
        return run(composed, folder)
    return json.loads((folder / "result.json").read_text())


def gain(fine_tuned: Path, frozen: Path, seed: int) -> Estimate:
    """How much more accurate the first run is than the second on the same test works of the same artists."""
    ours, theirs = (read_predictions([(SweepRun(RunFolder(folder), seed),)]) for folder in (fine_tuned, frozen))
    assert ours is not None and theirs is not None and ours.shares_artworks(theirs)
    return accuracy_difference(ours.hits, theirs.hits, ours.cluster)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("weights", type=Path, help="SqueezeNet 1.0 with ImageNet weights")
    parser.add_argument("--runs", type=Path, default=Path("outputs/fine_tuning"), help="where the runs are kept")
    arguments = parser.parse_args()
    rows = []
    for split in SPLIT_SEEDS:
        frozen, fine_tuned = (arguments.runs / f"{name}-{split}" for name in ("frozen", "fine-tuned"))
        given = [*COMMON, f"data.path={arguments.table}", f"model.backbone.weights={arguments.weights}"]
        given += [f"data.split_seed={split}", f"seed={split}", f"cache={arguments.runs / 'cache'}"]
        before = train(frozen, *given, *FROZEN)
        after = train(fine_tuned, *given, *FINE_TUNED, f"model.start={frozen}")
        difference = gain(fine_tuned, frozen, split)
        value, (low, high) = difference.value, difference.interval()
        rows.append(
            {
                "split": split,
                "frozen": before["test"]["acc"]["value"],
                "fine_tuned": after["test"]["acc"]["value"],
                "gain": {"value": value, "low": low, "high": high},
                "test_works": after["test"]["n"],
            }
        )
        RESULTS.write_text(json.dumps(rows, indent=2) + "\n")
        print(f"| {split} | {100 * rows[-1]['frozen']:.1f} | {100 * rows[-1]['fine_tuned']:.1f} | "
              f"{100 * value:+.1f} ({100 * low:+.1f} to {100 * high:+.1f}) |", flush=True)  # fmt: skip
    print(f"mean: {100 * np.mean([row['frozen'] for row in rows]):.1f}, "
          f"{100 * np.mean([row['fine_tuned'] for row in rows]):.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
