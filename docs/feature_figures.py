"""Makes the pictures of docs/features.md: `python docs/feature_figures.py` runs CV-FC on the default gallery."""

import shutil
import tempfile
from pathlib import Path

from emotionart.config.compose import compose
from emotionart.data.pictures.decode import load_picture
from emotionart.figures.picture import explain
from emotionart.figures.plots import save
from emotionart.pipeline import run

FIGURES = Path(__file__).parent / "figures"


def main() -> None:
    """Writes explanation.png, importance.png, distributions.png and coefficients.png."""
    with tempfile.TemporaryDirectory() as folder:
        asked = ["model=cv_fc", "augment=none", "optimizer.lr=3e-3", "trainer.max_epochs=60", "logger=none"]
        asked.append(f"cache={folder}/cache")
        composed = compose(asked)
        (work := Path(folder) / "run").mkdir()
        for sentence in run(composed, work)["features"]["sentences"]:
            print(sentence)
        for name in ("importance", "distributions", "coefficients"):
            shutil.copy(work / "figures" / f"{name}.png", FIGURES)
        (images,) = Path(folder).glob("cache/gallery/*/images")
        save(explain(load_picture(images / "000003.png"), "a painting of the gallery"), FIGURES / "explanation.png")


if __name__ == "__main__":
    main()
