"""The artworks of a run as Lightning asks for them."""

from __future__ import annotations

import pytorch_lightning as pl
from torch.utils.data import DataLoader

from emotionart.data.artworks import Artworks
from emotionart.data.loader import ArtworkDataset, Batch, Inputs, load_batches

_EVALUATION_BATCH = 256


class ArtworkData(pl.LightningDataModule):
    """Training batches in drawn views, and the other parts as they are.

    Args:
        artworks: all parts.
        training: inputs of training, in views and with random changes.
        plain: inputs of everything else.
        views: number of views of a training artwork.
        batch_size: training artworks in a batch.
        seed: of order, views and augmentation.
        workers: processes that load training batches.
    """

    def __init__(
        self,
        artworks: Artworks,
        training: Inputs,
        plain: Inputs,
        views: int,
        batch_size: int,
        seed: int,
        workers: int,
    ) -> None:
        super().__init__()
        self.artworks = artworks
        self.training = training
        self.plain = plain
        self.views = views
        self.batch_size = batch_size
        self.seed = seed
        self.workers = workers

    def dataset(self, part: str, *, training: bool = False) -> ArtworkDataset:
        """The artworks of one part, as they are or in training views."""
        members = self.artworks.members(part)
        return ArtworkDataset(
            self.training if training else self.plain,
            members,
            self.artworks.id[members],
            self.artworks.target[members],
            self.artworks.label[members],
            views=self.views if training else 1,
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
