"""Thirteen global features beat a network on pixels if only global cues are informative, and miss local cues.

`cv_fc` against `shallow_arch1` on the same galleries and splits, pooled: test accuracy with 95 % intervals, and the
paired difference; whole artists are resampled. Writes `studies/results/global_cues.json`.
"""

import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emotionart.config.compose import compose
from emotionart.pipeline import run
from emotionart.statistics.metrics import mean_with_interval

FOUND = Path(__file__).parent / "results" / "global_cues.json"
CUES = {"global cues only": (1.0, 0.0), "local cues only": (0.0, 1.0)}
GALLERIES = {"3 galleries of 600": (600, range(3))}
MODELS = {
    "cv_fc": ("model=cv_fc", "augment=none", "optimizer.lr=3e-3", "trainer.max_epochs=60"),
    "shallow_arch1": ("model=shallow_arch1",),
}


def predictions(overrides: list[str]) -> tuple[pd.DataFrame, float]:
    """Artist, and whether each model is right, for the test paintings of a gallery; and the accuracy upper bound."""
    columns: dict[str, Any] = {}
    ceiling = 0.0
    for model, own in MODELS.items():
        asked = [*overrides, *own, "logger=none", "trainer.threads=1"]
        composed = compose(asked)
        with tempfile.TemporaryDirectory() as folder:
            result = run(composed, Path(folder))
            predicted = pd.read_csv(Path(folder) / "predictions.csv").set_index("id")
            split = pd.read_csv(Path(folder) / "split.csv").set_index("id")
        test = predicted[predicted["part"] == "test"]
        scores = test.filter(regex=r"^p\(").rename(columns=lambda name: name[2:-1])
        columns |= {"artist": split["group"].loc[test.index], model: scores.idxmax(axis=1) == test["class"]}
        counts = predicted.loc[predicted["part"] == "train", "class"].value_counts()
        columns["majority"] = test["class"] == counts.index[0]
        ceiling = result["ceiling"]["test"]
    return pd.DataFrame(columns), ceiling


def intervals(hits: pd.DataFrame) -> dict[str, Any]:
    """Accuracies and their differences (0 to 1), with intervals over artists."""
    columns = {model: hits[model].astype(float) for model in (*MODELS, "majority")}
    columns["cv_fc - shallow_arch1"] = columns["cv_fc"] - columns["shallow_arch1"]
    columns["cv_fc - majority"] = columns["cv_fc"] - columns["majority"]
    artist = np.unique(hits["artist"], return_inverse=True)[1]
    found = {name: mean_with_interval(column.to_numpy(), artist, low=-1) for name, column in columns.items()}
    return found | {"n": len(hits)}


def main() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    found: dict[str, dict[str, Any]] = {}
    for gallery, (count, seeds) in GALLERIES.items():
        for cues, (global_cues, local_cues) in CUES.items():
            parts, ceilings = [], []
            for seed in seeds:
                asked = [f"data.count={count}", f"data.gallery_seed={seed}", f"seed={seed}"]
                asked += [f"data.global_cues={global_cues}", f"data.local_cues={local_cues}"]
                hits, ceiling = predictions(asked)
                parts.append(hits.assign(artist=hits["artist"].astype(str) + f" of gallery {seed}"))
                ceilings.append(ceiling)
            told = intervals(pd.concat(parts)) | {"ceiling": float(np.mean(ceilings))}
            found.setdefault(gallery, {})[cues] = told
            for name, value in told.items():
                if isinstance(value, dict):
                    span = f"{value['value']:.1%} ({value['low']:.1%} to {value['high']:.1%})"
                    print(f"{gallery}, {cues}: {name} {span} on {told['n']}", flush=True)
    FOUND.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
