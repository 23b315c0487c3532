"""Makes the figures of explain.md: `python docs/explain.py` trains on local cues only, and explains the run."""

import json
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from emotionart.config.compose import compose
from emotionart.explain.explain import Options, explain
from emotionart.pipeline import run

DOCS = Path(__file__).parent

RUN = (
    "data.count=2000",
    "data.global_cues=0",
    "model.network.pool=true",
    "model.network.channels=[16,32,64]",
    "model.network.kernel_size=3",
    "model.network.dropout=0",
    "optimizer.lr=3e-3",
    "batch_size=16",
    "augment=none",
    "trainer.max_epochs=15",
    "trainer.threads=1",
    "logger=none",
)


def main() -> None:
    """Writes explain-{maps.jpg, reliability.png, cues.png, classes.png} and results/explain.json."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [*RUN, f"cache={folder}/cache"]
        composed = compose(asked)
        (work := Path(folder) / "run").mkdir()
        result = run(composed, work)
        found = explain(work, Options())
        with Image.open(found / "maps.png") as sheet:
            sheet.convert("RGB").reduce(2).save(DOCS / "figures" / "explain-maps.jpg", quality=85)
        for name in ("reliability", "cues", "classes"):
            shutil.copy(found / f"{name}.png", DOCS / "figures" / f"explain-{name}.png")
        told = json.loads((found / "explain.json").read_text())
    told["test_acc"] = result["test"]["acc"]
    (DOCS / "results" / "explain.json").write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
