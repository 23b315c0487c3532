"""Batches of artworks, whose order and views are functions of the seed, the epoch and the artwork."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from emotionart.data.pictures.views import View
from emotionart.draws import artwork_keys, draw


class Batch(NamedTuple):
    """Some artworks.

    Attributes:
        inputs: (B, size, size, 3) uint8 pictures, or (B, ...) float32 stored features. Where several devices share a
            batch, those that `share_of` gives to this one.
        target: (B, K) float32, what is learnt: a distribution over classes.
        label: (B,) int64, the hard label.
    """

    inputs: Tensor
    target: Tensor
    label: Tensor


class BatchKey(NamedTuple):
    """The epoch in which a batch is read, and the positions of its artworks in the data set."""

    epoch: int
    rows: NDArray[np.intp]


def share_of(count: int, rank: int, devices: int) -> NDArray[np.intp]:
    """Which artworks of a batch a device reads: every n-th, and at the end again some of the first, so that all read
    equally many.

    Args:
        count: artworks in the batch, at least 1.
        rank: number of the device, from 0.
        devices: how many share the batch.
    """
    whole = -(-count // devices) * devices
    return np.arange(rank, whole, devices) % count


class EpochOrder(Sampler[BatchKey]):
    """The batches of an epoch, in an order that is a function of (seed, epoch), or in the stored order.

    Lightning calls `set_epoch` at the start of each epoch; but where workers prefetch, the first epoch's batches are
    already on their way by then, so that a resumed run has to say where it starts.

    Args:
        count: number of artworks.
        batch_size: artworks in a batch; the last batch holds the rest.
        seed: of the order; None keeps the stored order.
        epoch: the first one.
    """

    def __init__(self, count: int, batch_size: int, seed: int | None, epoch: int = 0) -> None:
        self.count = count
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch

    def set_epoch(self, epoch: int) -> None:
        """Makes `epoch` the one whose order comes next."""
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
    """Full batches for a fixed number of steps, passing through the artworks as often as that takes.

    The order of a pass is a function of (seed, pass); what of it is left when no full batch remains comes in no batch.
    An "epoch" is so many steps, wherever in a pass they begin and end.

    Args:
        count: number of artworks, at least `batch_size`.
        batch_size: artworks in every batch.
        seed: of the order.
        steps: batches in an epoch.
        epoch: the first one.
    """

    def __init__(self, count: int, batch_size: int, seed: int, steps: int, epoch: int = 0) -> None:
        super().__init__(count, batch_size, seed, epoch)
        self.steps = steps

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[BatchKey]:
        batches, known, order = self.count // self.batch_size, -1, np.arange(0)
        for step in range(self.epoch * self.steps, (self.epoch + 1) * self.steps):
            number, place = divmod(step, batches)
            if number != known:
                known, order = number, np.random.default_rng([self.seed or 0, number]).permutation(self.count)
            yield BatchKey(number, order[place * self.batch_size : (place + 1) * self.batch_size])


class Inputs(Protocol):
    """Where the network inputs of artworks are read from."""

    def read(self, rows: NDArray[np.intp], view: NDArray[np.intp], seed: NDArray[np.uint64]) -> NDArray[Any]:
        """Inputs (B, ...) of some artworks, each in one of the views; random changes follow from `seed` (B,)."""


class PixelInputs:
    """Pictures, in views that are made as they are read.

    Args:
        pixels: (n, size, size, 3) uint8, usually memory-mapped.
        row: (n,) each artwork's position in `pixels`.
        views: of a picture; the first is the identity.
        random: albumentations applied after the view, seeded for each picture; None for none.
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
        """Pictures (B, size, size, 3) uint8."""
        pictures = self.pixels[self.row[rows]]
        for place in np.flatnonzero(view):
            pictures[place] = self.views[view[place]](pictures[place])
        if self.random is not None:
            for picture, number in zip(pictures, seed.tolist(), strict=True):
                self.random.set_random_seed(number)  # type: ignore[attr-defined]
                picture[:] = self.random(image=picture)["image"]
        return pictures


class ArtworkDataset(Dataset[Batch]):
    """Artworks that are read a batch at a time.

    Args:
        inputs: of the artworks of all parts.
        rows: (n,) positions in `inputs` of the artworks of this data set.
        id: ids of those artworks, (n,).
        target: (n, K) float32.
        label: (n,) int64.
        views: number of views; each artwork is seen in one of them in each epoch, drawn from (seed, epoch, id).
        seed: of the draws.
        rank: number of the device that reads them.
        devices: how many share each batch.
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
        rank: int = 0,
        devices: int = 1,
    ) -> None:
        self.inputs = inputs
        self.rows = rows
        self.keys = artwork_keys(id)
        self.target = torch.from_numpy(target)
        self.label = torch.from_numpy(label)
        self.views = views
        self.seed = seed
        self.rank = rank
        self.devices = devices

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: BatchKey) -> Batch:
        """The batch of `key`."""
        read = key.rows[share_of(len(key.rows), self.rank, self.devices)]
        keys = self.keys[read]
        view = (draw(keys, self.seed, key.epoch, 0) % np.uint64(self.views)).astype(np.intp)
        found = self.inputs.read(self.rows[read], view, draw(keys, self.seed, key.epoch, 1) >> np.uint64(32))
        rows = torch.from_numpy(key.rows)
        return Batch(torch.from_numpy(found), self.target[rows], self.label[rows])


def load_batches(
    dataset: ArtworkDataset, batch_size: int, seed: int | None, workers: int, epoch: int = 0
) -> DataLoader[Batch]:
    """A loader of whole batches: shuffled by `seed`, or in the stored order for None; from `epoch` on."""
    return load_in_order(dataset, EpochOrder(len(dataset), batch_size, seed, epoch), workers)


def load_in_order(dataset: ArtworkDataset, order: EpochOrder, workers: int) -> DataLoader[Batch]:
    """A loader of the batches that `order` gives."""
    return DataLoader(
        dataset,
        sampler=order,
        batch_size=None,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
    )
