"""The least that a finished run's files hold, for tests of what reads them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HALF = {"value": 0.5, "low": 0.0, "high": 1.0}
_UNCALIBRATED = {"nll": _HALF, "ece": {"value": 0.1, "expected": None, "p": 0.5}}
_PART = {
    "n": 1,
    "groups": 1,
    "acc": _HALF,
    "balanced_acc": _HALF,
    "f1_macro": _HALF,
    **_UNCALIBRATED,
    "recall": {"joy": {"support": 0, "value": None}},
    "confusion": [[1, 0], [0, 0]],
}


def by_part(entry: Any) -> dict[str, Any]:
    """The same entry for each part of the split."""
    return dict.fromkeys(("train", "validation", "test"), entry)


def write_stored(folder: Path, **more: Any) -> None:
    """Writes `result.json`, with more or other entries than the least, and `provenance.json`."""
    parts = by_part(_PART)
    result = {
        "model": "net", "data": "table", "seed": 0, "classes": ["fear", "joy"], "representation": {}, "parameters": {},
        "epochs": 1, "checkpoint": {"file": "best.ckpt", "epoch": 0}, "monitor": {"name": "val/loss", "value": 1.0},
        "calibration": {"temperature": 1.0, "part": "validation", "before": by_part(_UNCALIBRATED)}, **parts,
        "baselines": {"majority": parts}, "lead": {"majority": _HALF}, "split": None, "ties": by_part(0),
        "ceiling": None, "oracle": None, "human": None, "agreement": None,
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps({**result, **more}))
    machine = {"python": "3", "system": "any", "processor": "one", "cores": 1, "gpu": None}
    origin = {
        "commit": None, "diff": None, "code": "c", "data": "d", "packages": {}, "machine": machine, "threads": 1,
        "started": "2026-01-01T00:00:00+00:00", "seconds": 1.0,
    }  # fmt: skip
    (folder / "provenance.json").write_text(json.dumps(origin))


def write_split(folder: Path, units: Mapping[str, str]) -> None:
    """Writes `split.csv`, with the unit of each artwork by its id."""
    rows = [f"{id},{id}.png,,joy,test,{unit}" for id, unit in units.items()]
    (folder / "split.csv").write_text("\n".join(["id,image,group,class,part,unit", *rows]) + "\n")
