"""Makes the README's pictures, `python docs/figures.py`: paints the gallery, trains the default run and a GAN."""

import shutil
import tempfile
from pathlib import Path

from PIL import Image

from emotionart.config.compose import compose
from emotionart.pipeline import run

FIGURES = Path(__file__).parent / "figures"


def train(folder: Path, name: str, *overrides: str) -> Path:
    """Trains a run and returns its folder."""
    asked = ["logger=none", f"cache={folder}/cache", *overrides]
    composed = compose(asked)
    (work := folder / name).mkdir()
    run(composed, work)
    return work


def draw_upper_half(sheet: Path, file: Path) -> None:
    """Writes the upper half of a sheet of generated pictures at twice its size."""
    with Image.open(sheet) as image:
        half = image.convert("RGB").crop((0, 0, image.width, image.height // 2))
    half.resize((2 * half.width, 2 * half.height), Image.Resampling.NEAREST).save(file, quality=85)


def main() -> None:
    """Writes gallery.jpg, curves.png, confusion.png and gan-quick.jpg."""
    FIGURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        classifier = train(folder, "classifier")
        (sheet,) = folder.glob("cache/gallery/*/sheet.png")
        with Image.open(sheet) as image:
            image.save(FIGURES / "gallery.jpg", quality=85)
        for figure in ("curves", "confusion"):
            shutil.copy(classifier / "figures" / f"{figure}.png", FIGURES)
        gan = train(folder, "gan", "experiment=quick_gan", "trainer.threads=1")
        draw_upper_half(max(gan.glob("samples/*.png")), FIGURES / "gan-quick.jpg")


if __name__ == "__main__":
    main()
