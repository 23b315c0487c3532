"""What the commands of these tests work on: runs of tiny networks, and some pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.integration.test_gan import TINY as TINY_GAN
from tests.processes import Command


@dataclass(frozen=True)
class World:
    """Folders.

    Attributes:
        cache: in which a gallery is painted and decoded.
        classifier, gan: done runs.
        pictures: with `labels.csv`, and `kinds/`, which has a folder for each of two classes.
    """

    cache: Path
    classifier: Path
    gan: Path
    pictures: Path


def build(cache: Path, classifier: Path, folder: Path) -> World:
    """Trains a GAN and paints forty pictures of noise."""
    gan, pictures = folder / "gan", folder / "pictures"
    trained = Command("train", *TINY_GAN, f"cache={cache}", "logger=none", f"hydra.run.dir={gan}").finish()
    assert trained.returncode == 0, trained.stderr
    rows = ["image,label,tags"]
    for number in range(40):
        file = pictures / "kinds" / ("joy", "awe")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.effect_noise((96, 96), 50 + number).convert("RGB").save(file)
        rows.append(
            f"{file.relative_to(pictures)},{('joy', 'awe')[number % 2]},{('oil;Portrait', 'oil')[number % 3 > 0]}"
        )
    (pictures / "labels.csv").write_text("\n".join(rows))
    return World(cache, classifier, gan, pictures)
