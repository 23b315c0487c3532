"""Measures the quality of a GAN's pictures during training, to keep the best checkpoint."""

from __future__ import annotations

import pytorch_lightning as pl
import torch
from torch import Tensor

from emotionart.data.pictures.encode import png_files
from emotionart.figures.generated import VALIDATION_KID, as_pictures
from emotionart.gan.features import Features
from emotionart.gan.health.observe import RealPictures
from emotionart.gan.module import GAN
from emotionart.gan.noise import Purpose, noise_generator
from emotionart.statistics.image_quality import kid, scale_of

_COUNT = 256  # generated pictures


class QualityCallback(pl.Callback):
    """Logs at each report the KID of pictures from the same noise against held-out pictures.

    Args:
        features: features that KID is computed on.
        heldout: pictures of the validation split.
        subset: largest subset size of KID.
        seed: seed of the noise.

    Attributes:
        metric: name of the logged metric.
    """

    def __init__(self, features: Features, heldout: RealPictures, subset: int, seed: int) -> None:
        self.features = features
        self.heldout = heldout
        self.subset = min(subset, _COUNT, len(heldout.pixels))
        self.seed = seed
        self.metric = f"{VALIDATION_KID}{features.label}"
        self._real: Tensor | None = None

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Logs `gan/val_kid_<features>`; infinite if pictures are not finite."""
        value = self._measure(pl_module) if trainer.is_global_zero else 0.0
        pl_module.log(self.metric, trainer.strategy.broadcast(value))

    def _measure(self, gan: pl.LightningModule) -> float:
        assert isinstance(gan, GAN)
        pictures = gan.sample(gan.latents.draw(_COUNT, noise_generator(self.seed, Purpose.QUALITY))).cpu()
        return self._kid(pictures) if torch.isfinite(pictures).all() else float("inf")

    def _kid(self, pictures: Tensor) -> float:
        if self._real is None:
            self._real = self.features.of(png_files(self.heldout.pixels), "features of held-out pictures")
        fake = self.features.of(png_files(as_pictures(pictures.numpy())), "features of generated pictures")
        scale = scale_of(self._real)
        return kid(self._real / scale, fake / scale, self.subset)[0]
