"""Lightning data modules of a run's artworks."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import pytorch_lightning as pl
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from emotionart.data.artworks import Artworks
from emotionart.data.loader import ArtworkDataset, Batch, Inputs, StepOrder, load_batches, load_in_order
from emotionart.data.share import ALONE, BatchShare

_EVALUATION_BATCH = 256


@dataclass(frozen=True)
class PseudoLabels:
    """Unlabelled pictures that training treats as labelled.

    Attributes:
        row: (m,) positions in the training inputs.
        id: (m,) digests of the pictures' bytes.
        label: (m,) classes, 0 to K - 1.
    """

    row: NDArray[np.intp]
    id: NDArray[np.object_]
    label: NDArray[np.int64]


class ArtworkData(pl.LightningDataModule):
    """Training batches in randomly drawn views, and the other parts unchanged.

    Args:
        artworks: artworks of all parts.
        training: training inputs, with views and random augmentation.
        plain: evaluation inputs, unchanged.
        views: number of views of each training artwork.
        batch_size: training artworks per batch.
        seed: seed of order, views and augmentation.
        workers: processes that load training batches.
        pseudo_labels: pseudo-labelled pictures to train on as well; None for none.
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
        pseudo_labels: PseudoLabels | None = None,
    ) -> None:
        super().__init__()
        self.artworks = artworks
        self.training = training
        self.evaluation = plain
        self.views = views
        self.batch_size = batch_size
        self.seed = seed
        self.workers = workers
        self.pseudo_labels = pseudo_labels

    def dataset(self, part: str, *, training: bool = False, shared: bool = False) -> ArtworkDataset:
        """The artworks of one part, unchanged or in training views.

        Args:
            part: "train", "validation" or "test".
            training: whether to read training views.
            shared: whether each batch is shared among the training devices.
        """
        members = self.artworks.indices(part)
        id, target, label = (getattr(self.artworks, name)[members] for name in ("id", "target", "label"))
        if training and (added := self.pseudo_labels):
            members, id, label = np.r_[members, added.row], np.r_[id, added.id], np.r_[label, added.label]
            target = np.r_[target, np.eye(target.shape[1], dtype=np.float32)[added.label]]
        return ArtworkDataset(
            self.training if training else self.evaluation,
            members,
            id,
            target,
            label,
            views=self.views if training else 1,
            seed=self.seed,
            share=_share(self) if shared else ALONE,
        )

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled training batches in randomly drawn views."""
        dataset = self.dataset("train", training=True, shared=True)
        return load_batches(dataset, self.batch_size, self.seed, self.workers, _next_epoch(self))

    def val_dataloader(self) -> DataLoader[Batch]:
        """The validation split, in order."""
        return _in_order(self.dataset("validation", shared=True))

    def ordered(self, part: str) -> DataLoader[Batch]:
        """One part unchanged, in order, on one device."""
        return _in_order(self.dataset(part))


def _in_order(dataset: ArtworkDataset) -> DataLoader[Batch]:
    return load_batches(dataset, _EVALUATION_BATCH, None, workers=0)


class EndlessBatches(pl.LightningDataModule):
    """Endless full training batches, shared among the devices, in epochs of a fixed number of steps; no validation.

    Args:
        dataset: training artworks.
        batch_size: artworks per batch.
        seed: seed of the order.
        workers: processes that load batches.
        steps: batches per epoch.
    """

    def __init__(self, dataset: ArtworkDataset, batch_size: int, seed: int, workers: int, steps: int) -> None:
        super().__init__()
        self.dataset = dataset
        self.batch_size = batch_size
        self.seed = seed
        self.workers = workers
        self.steps = steps

    def train_dataloader(self) -> DataLoader[Batch]:
        """The batches from the next epoch on."""
        dataset = copy.copy(self.dataset)
        dataset.share = _share(self)
        order = StepOrder(len(dataset), self.batch_size, self.seed, self.steps, _next_epoch(self))
        return load_in_order(dataset, order, self.workers)


def _share(data: pl.LightningDataModule) -> BatchShare:
    """This device's share of each batch."""
    return BatchShare(data.trainer.global_rank, data.trainer.world_size) if data.trainer else ALONE


def _next_epoch(data: pl.LightningDataModule) -> int:
    """Number of the next epoch, also in a resumed run."""
    return data.trainer.fit_loop.epoch_progress.current.processed if data.trainer else 0  # type: ignore[attr-defined]
