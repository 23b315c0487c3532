"""The training pictures nearest to generated ones, which show memorisation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.config.trust import read_config
from emotionart.data.artworks import Artworks
from emotionart.figures.generated import save_sheet
from emotionart.gan.generation.sampler import read_gan
from emotionart.gan.health.distances import nearest_distance, ratio, thumbnails
from emotionart.run.data import build_generated, build_representation
from emotionart.run.log import suppress_messages

_COUNT = 4  # neighbours


@dataclass(frozen=True)
class Neighbours:
    """The nearest neighbours of n pictures among the training pictures, compared at 16 x 16 pixels.

    Attributes:
        pictures: (n, 4, s, s, 3) uint8, the nearest first.
        id: (n,) id of the nearest artwork.
        nearness: (n,) distance to it, relative to the usual distance of a held-out picture to its nearest training
            picture; a copy below 0.4, where the monitor warns. Infinite if held-out pictures are copies themselves.
    """

    pictures: NDArray[np.uint8]
    id: NDArray[np.object_]
    nearness: NDArray[np.float64]


def read_artworks(folder: Path, trust: bool = False) -> Artworks:
    """The artworks of a GAN's run, which must still be in place.

    Args:
        folder: run folder of the GAN.
        trust: as in `load_run`.

    Raises:
        UserError: if the artworks cannot be read.
    """
    description = read_gan(folder).description
    keys = ("model", "data", "labels", "cache")
    config = read_config(description.config, keys, folder=folder, sources=description.sources, trust=trust)
    with suppress_messages("emotionart.data"):
        return build_generated(config, build_representation(config).size)


def nearest_training_pictures(artworks: Artworks, pictures: NDArray[np.uint8]) -> Neighbours:
    """Finds the training pictures nearest to generated ones (n, s, s, 3)."""
    training = artworks.indices("train")
    vectors = _vectors(artworks.pixels[artworks.row[training]])
    heldout = _vectors(artworks.pixels[artworks.row[artworks.indices("validation")]])
    distances, places = torch.cdist(_vectors(pictures), vectors).topk(min(_COUNT, len(training)), largest=False)
    nearest = training[places.numpy()]
    usual = nearest_distance(heldout, vectors)
    nearness = np.array([ratio(distance, usual) for distance in distances[:, 0].tolist()])
    return Neighbours(artworks.pixels[artworks.row[nearest]], artworks.id[nearest[:, 0]], nearness)


def save_neighbours(pictures: NDArray[np.uint8], near: Neighbours, path: Path) -> None:
    """Writes each of n pictures (n, s, s, 3) beside its nearest training pictures, with its nearness at the left."""
    rows = np.concatenate([pictures[:, None], near.pictures[: len(pictures)]], axis=1)
    names = [f"{value:.2f}" for value in near.nearness[: len(pictures)]]
    save_sheet(rows.reshape(-1, *pictures.shape[1:]), rows.shape[1], path, rows=names)


def _vectors(pictures: NDArray[np.uint8]) -> Tensor:
    parts = torch.split(torch.from_numpy(pictures), 256)
    return torch.cat([thumbnails(part.permute(0, 3, 1, 2) / 255) for part in parts])
