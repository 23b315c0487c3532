"""What a network takes most for each class: class model visualisation, and what each of its regularisers does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.attribution.activation_maximisation import ALL, ablations, class_model_visualisation, total_variation
from emotionart.attribution.maps import data_mean
from emotionart.attribution.network import PictureNetwork


@dataclass(frozen=True)
class ClassPictures:
    """What a network takes most for each class.

    Attributes:
        pictures: (K, size, size, 3) in 0..1.
        measures: for each class its logit, probability and total variation.
        ablation: for each regulariser the means of the same, or empty where it was not asked for.
    """

    pictures: NDArray[np.float32]
    measures: list[dict[str, float]]
    ablation: dict[str, dict[str, float]]


def visualise_classes(network: PictureNetwork, classes: int, size: int, steps: int, ablate: bool) -> ClassPictures:
    """Class pictures with all regularisers, and the ablation of these as a table.

    Args:
        network: from pictures to logits.
        classes: number K.
        size: side in pixels.
        steps: of each optimisation.
        ablate: whether to draw them without regulariser and with each one alone, too.
    """
    every, mean = torch.arange(classes), data_mean(network)
    asked = ablations() if ablate else {"all": ALL}
    pictures = {name: class_model_visualisation(network, every, mean, size, one, steps) for name, one in asked.items()}
    measures = {name: _measure(network, found) for name, found in pictures.items()}
    ablation = {
        name: {key: float(np.mean([row[key] for row in rows])) for key in rows[0]} for name, rows in measures.items()
    }
    return ClassPictures(pictures["all"].permute(0, 2, 3, 1).numpy(), measures["all"], ablation if ablate else {})


@torch.inference_mode()
def _measure(network: PictureNetwork, pictures: Tensor) -> list[dict[str, float]]:
    logits = network(pictures)
    # A picture that only this very network at this very place takes for the class has a low probability here.
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
