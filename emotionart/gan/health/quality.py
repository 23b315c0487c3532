"""How good a GAN's pictures are while it is trained, so that its best moment can be kept."""

from __future__ import annotations

import pytorch_lightning as pl
import torch
from torch import Tensor

from emotionart.data.pictures.encode import png_files
from emotionart.figures.generated import as_pictures
from emotionart.gan.evaluate import Features
from emotionart.gan.health.observe import RealPictures, seeded
from emotionart.gan.module import GAN
from emotionart.statistics.image_quality import kid, scale_of

_COUNT = 256  # generated pictures
_NOISE = 4  # what noise is drawn for


class QualityCallback(pl.Callback):
    """Logs at each report the KID of pictures of the same noise, against pictures that are never trained on.

    Args:
        features: on which.
        heldout: pictures of the validation split.
        subset: of KID, at most.
        seed: of the noise.

    Attributes:
        metric: its name.
    """

    def __init__(self, features: Features, heldout: RealPictures, subset: int, seed: int) -> None:
        self.features = features
        self.heldout = heldout
        self.subset = min(subset, _COUNT, len(heldout.pixels))
        self.seed = seed
        self.metric = f"gan/val_kid_{features.name}"
        self._real: Tensor | None = None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs `gan/val_kid_<features>`; infinite where pictures are not numbers."""
        assert isinstance(pl_module, GAN)
        pictures = pl_module.sample(pl_module.latents.draw(_COUNT, seeded(self.seed, _NOISE))).cpu()
        value = self._kid(pictures) if torch.isfinite(pictures).all() else float("inf")
        pl_module.log(self.metric, value)

    def _kid(self, pictures: Tensor) -> float:
        if self._real is None:
            self._real = self.features.of(png_files(self.heldout.pixels), "features of held-out pictures")
        fake = self.features.of(png_files(as_pictures(pictures.numpy())), "features of generated pictures")
        scale = scale_of(self._real)
        return kid(self._real / scale, fake / scale, self.subset)[0]
