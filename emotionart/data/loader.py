"""Batches of artworks; their order and views depend on the seed, the epoch and the artwork alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from emotionart.data.pictures.views import View
from emotionart.data.share import ALONE, BatchShare
from emotionart.draws import artwork_keys, draw


class Batch(NamedTuple):
    """A batch of artworks.

    Attributes:
        inputs: (B, size, size, 3) uint8 pictures, or (B, ...) float32 stored features. If several devices share the
            batch, only those of this one.
        target: (B, K) float32 training targets, distributions over classes.
        label: (B,) int64, the hard label.
    """

    inputs: Tensor
    target: Tensor
    label: Tensor


class BatchKey(NamedTuple):
    """The epoch of a batch and the positions of its artworks in the data set."""

    epoch: int
    rows: NDArray[np.intp]


class EpochOrder(Sampler[BatchKey]):
    """The batches of an epoch, in an order determined by (seed, epoch) or in the stored order.

    Lightning calls `set_epoch` at the start of each epoch, but workers may have prefetched the first epoch's batches by
    then. A resumed run therefore has to pass its first epoch.

    Args:
        count: number of artworks.
        batch_size: artworks per batch; the last batch holds the rest.
        seed: seed of the order; None keeps the stored order.
        epoch: first epoch.
    """

    def __init__(self, count: int, batch_size: int, seed: int | None, epoch: int = 0) -> None:
        self.count = count
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch

    def set_epoch(self, epoch: int) -> None:
        """Sets the epoch whose order comes next."""
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-self.count // self.batch_size)

    def __iter__(self) -> Iterator[BatchKey]:
        order = np.arange(self.count)
        if self.seed is not None:
            order = np.random.default_rng([self.seed, self.epoch]).permutation(self.count)
        for start in range(0, self.count, self.batch_size):
            yield BatchKey(self.epoch, order[start : start + self.batch_size])


class StepOrder(EpochOrder):
    """Full batches for a fixed number of steps, with as many passes through the artworks as needed.

    The order of a pass is determined by (seed, pass); artworks left over when no full batch remains are dropped. An
    "epoch" is `steps` batches, regardless of where passes begin and end.

    Args:
        count: number of artworks, at least `batch_size`.
        batch_size: artworks per batch.
        seed: seed of the order.
        steps: batches per epoch.
        epoch: first epoch.
    """

    def __init__(self, count: int, batch_size: int, seed: int, steps: int, epoch: int = 0) -> None:
        super().__init__(count, batch_size, seed, epoch)
        self.steps = steps

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[BatchKey]:
        batches, current, order = self.count // self.batch_size, -1, np.arange(0)
        for step in range(self.epoch * self.steps, (self.epoch + 1) * self.steps):
            number, index = divmod(step, batches)
            if number != current:
                current, order = number, np.random.default_rng([self.seed or 0, number]).permutation(self.count)
            yield BatchKey(number, order[index * self.batch_size : (index + 1) * self.batch_size])


class Inputs(Protocol):
    """A source of network inputs of artworks."""

    def read(self, rows: NDArray[np.intp], view: NDArray[np.intp], seed: NDArray[np.uint64]) -> NDArray[Any]:
        """(B, ...) inputs of the artworks at `rows` (B,), each in its `view` (B,), augmented by its `seed` (B,)."""


class PixelInputs:
    """Pictures whose views are computed as they are read.

    Args:
        pixels: (n, size, size, 3) uint8, usually memory-mapped.
        row: (n,) each artwork's position in `pixels`.
        views: views of a picture; the first is the identity.
        random: albumentations transform applied after the view, seeded for each picture; None for none.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        row: NDArray[np.intp],
        views: Sequence[View],
        random: Callable[..., Any] | None,
    ) -> None:
        self.pixels = pixels
        self.row = row
        self.views = views
        self.random = random

    def read(self, rows: NDArray[np.intp], view: NDArray[np.intp], seed: NDArray[np.uint64]) -> NDArray[Any]:
        """(B, size, size, 3) uint8 pictures."""
        pictures = self.pixels[self.row[rows]]
        for index in np.flatnonzero(view):
            pictures[index] = self.views[view[index]](pictures[index])
        if self.random is not None:
            for picture, number in zip(pictures, seed.tolist(), strict=True):
                self.random.set_random_seed(number)  # type: ignore[attr-defined]
                picture[:] = self.random(image=picture)["image"]
        return pictures


class ArtworkDataset(Dataset[Batch]):
    """Artworks, read a batch at a time.

    Args:
        inputs: inputs of the artworks of all parts.
        rows: (n,) positions of this data set's artworks in `inputs`.
        id: (n,) ids of those artworks.
        target: (n, K) float32 training targets.
        label: (n,) int64 hard labels.
        views: number of views; each epoch reads each artwork in one of them, drawn by (seed, epoch, id).
        seed: seed of the draws.
        share: the reading device's share of each batch.
    """

    def __init__(
        self,
        inputs: Inputs,
        rows: NDArray[np.intp],
        id: Iterable[str],
        target: NDArray[np.float32],
        label: NDArray[np.int64],
        views: int,
        seed: int,
        share: BatchShare = ALONE,
    ) -> None:
        self.inputs = inputs
        self.rows = rows
        self.keys = artwork_keys(id)
        self.target = torch.from_numpy(target)
        self.label = torch.from_numpy(label)
        self.views = views
        self.seed = seed
        self.share = share

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: BatchKey) -> Batch:
        """The batch of `key`."""
        read = key.rows[self.share.rows(len(key.rows))]
        keys = self.keys[read]
        view = (draw(keys, self.seed, key.epoch, 0) % np.uint64(self.views)).astype(np.intp)
        inputs = self.inputs.read(self.rows[read], view, draw(keys, self.seed, key.epoch, 1) >> np.uint64(32))
        rows = torch.from_numpy(key.rows)
        return Batch(torch.from_numpy(inputs), self.target[rows], self.label[rows])


def load_batches(
    dataset: ArtworkDataset, batch_size: int, seed: int | None, workers: int, epoch: int = 0
) -> DataLoader[Batch]:
    """A loader of batches from `epoch` on: shuffled by `seed`, or in the stored order if it is None."""
    return load_in_order(dataset, EpochOrder(len(dataset), batch_size, seed, epoch), workers)


def load_in_order(dataset: ArtworkDataset, order: EpochOrder, workers: int) -> DataLoader[Batch]:
    """A loader of batches in the given order."""
    return DataLoader(
        dataset,
        sampler=order,
        batch_size=None,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
    )
