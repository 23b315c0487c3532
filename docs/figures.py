"""Makes the README's pictures: `python docs/figures.py` paints the default gallery and trains the default run on it."""

import shutil
import tempfile
from pathlib import Path

from PIL import Image

from emotionart.config.compose import compose
from emotionart.pipeline import run

FIGURES = Path(__file__).parent / "figures"


def main() -> None:
    """Writes gallery.jpg, curves.png, confusion.png and mistakes.png."""
    FIGURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        asked = ["logger=none", f"cache={folder}/cache"]
        composed = compose(asked)
        (work := Path(folder) / "run").mkdir()
        run(composed.config, composed.choices, asked, work)
        (sheet,) = Path(folder).glob("cache/gallery/*/sheet.png")
        with Image.open(sheet) as image:
            image.save(FIGURES / "gallery.jpg", quality=85)
        for name in ("curves", "confusion", "mistakes"):
            shutil.copy(work / "figures" / f"{name}.png", FIGURES)


if __name__ == "__main__":
    main()
