"""Class model visualisation (activation maximisation), and an ablation of its regularisers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.activation_maximisation import ALL, ablations, class_model_visualisation, total_variation
from emotionart.attribution.maps import data_mean
from emotionart.attribution.network import PictureNetwork
from emotionart.progress import shown_progress


@dataclass(frozen=True)
class ClassPictures:
    """Pictures that maximise each class's logit.

    Attributes:
        pictures: (K, size, size, 3) in 0..1.
        measures: logit, probability and total variation of each class.
        ablation: means of these over classes for each choice of regularisers.
    """

    pictures: NDArray[np.float32]
    measures: list[dict[str, float]]
    ablation: dict[str, dict[str, float]]


def visualise_classes(network: PictureNetwork, classes: int, size: int, steps: int, ablate: bool) -> ClassPictures:
    """Class model visualisations with all regularisers, and the ablation of these as a table.

    Args:
        network: network from pictures to logits.
        classes: number K of classes.
        size: side in pixels.
        steps: optimisation steps per picture.
        ablate: whether to repeat them without regularisers and with each one alone.
    """
    every, mean = torch.arange(classes), data_mean(network)
    variants = ablations() if ablate else {"all": ALL}
    with shown_progress("optimising class models, in steps", len(variants) * steps) as advance:
        pictures = {
            name: class_model_visualisation(network, every, mean, size, one, steps, advance=advance)
            for name, one in variants.items()
        }
    measures = {name: _measure(network, images) for name, images in pictures.items()}
    ablation = {
        name: {key: float(np.mean([row[key] for row in rows])) for key in rows[0]} for name, rows in measures.items()
    }
    return ClassPictures(pictures["all"].permute(0, 2, 3, 1).numpy(), measures["all"], ablation if ablate else {})


@torch.inference_mode()
def _measure(network: PictureNetwork, pictures: Tensor) -> list[dict[str, float]]:
    logits = network(pictures)
    # The probability drops here for a pattern that works only at its exact position.
    moved = torch.softmax(network(pictures.roll((3, 3), (2, 3))), 1)
    shares = torch.softmax(logits, 1)
    return [
        {
            "logit": float(logits[k, k]),
            "probability": float(shares[k, k]),
            "probability_shifted": float(moved[k, k]),
            "total_variation": float(total_variation(pictures[[k]])),
        }
        for k in range(len(pictures))
    ]
