"""The artworks of a run as Lightning asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytorch_lightning as pl
from torch.utils.data import DataLoader

from emotionart.data.artworks import Artworks
from emotionart.data.loader import ArtworkDataset, Batch, load_batches
from emotionart.data.views import View, parse_view

_EVALUATION_BATCH = 256


class ArtworkData(pl.LightningDataModule):
    """Training batches in drawn views, and the other parts as they are.

    Args:
        artworks: all parts.
        views: what a training artwork may look like.
        random: albumentations for training artworks, or None.
        batch_size: training artworks in a batch.
        seed: of order, views and augmentation.
        workers: processes that load training batches.
    """

    def __init__(
        self,
        artworks: Artworks,
        views: Sequence[View],
        random: Callable[..., Any] | None,
        batch_size: int,
        seed: int,
        workers: int,
    ) -> None:
        super().__init__()
        self.artworks = artworks
        self.views = views
        self.random = random
        self.batch_size = batch_size
        self.seed = seed
        self.workers = workers

    def dataset(self, part: str, *, training: bool = False) -> ArtworkDataset:
        """The artworks of one part, as they are or in training views."""
        members = self.artworks.members(part)
        return ArtworkDataset(
            self.artworks.pixels,
            self.artworks.row[members],
            self.artworks.id[members],
            self.artworks.target[members],
            self.artworks.label[members],
            views=self.views if training else (parse_view("identity"),),
            random=self.random if training else None,
            seed=self.seed,
        )

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled training batches in drawn views."""
        epoch = self.trainer.fit_loop.epoch_progress.current.processed if self.trainer else 0  # type: ignore[attr-defined]
        return load_batches(self.dataset("train", training=True), self.batch_size, self.seed, self.workers, epoch)

    def val_dataloader(self) -> DataLoader[Batch]:
        """The validation part, in order."""
        return self.ordered("validation")

    def ordered(self, part: str) -> DataLoader[Batch]:
        """One part as it is, in order."""
        return load_batches(self.dataset(part), _EVALUATION_BATCH, None, workers=0)
