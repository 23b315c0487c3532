"""The least that a finished run's files hold, for tests of what reads them."""

import json
from pathlib import Path
from typing import Any

_PART = {
    "n": 1,
    "acc": {"value": 0.5},
    "balanced_acc": {"value": 0.5},
    "f1_macro": {"value": 0.5},
    "confusion": [[1, 0], [0, 0]],
}


def write_stored(folder: Path, **more: Any) -> None:
    """Writes `result.json`, with more or other entries than the least, and `provenance.json`."""
    parts = dict.fromkeys(("train", "validation", "test"), _PART)
    result = {
        "model": "net", "classes": ["fear", "joy"], "representation": {}, "parameters": {}, "checkpoint": {"epoch": 0},
        "monitor": {"name": "val/loss", "value": 1.0}, **parts, "baselines": {"majority": parts}, "ceiling": None,
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps({**result, **more}))
    machine = {"gpu": None, "processor": "one"}
    origin = {"code": "c", "data": "d", "seconds": 1.0, "threads": 1, "machine": machine}
    (folder / "provenance.json").write_text(json.dumps(origin))
