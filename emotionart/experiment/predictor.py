"""A finished run, used on new pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from omegaconf import OmegaConf

from emotionart.data.images import read_file
from emotionart.data.representation import Representation
from emotionart.errors import UserError
from emotionart.experiment.build import build_classifier, build_representation
from emotionart.experiment.compose import difference
from emotionart.tasks.classification import Classifier

_BATCH = 64


@dataclass(frozen=True)
class Predictor:
    """A trained classifier with all it needs to read pictures.

    Attributes:
        classifier: in evaluation mode.
        classes: names of the K classes.
        representation: how pictures become inputs.
    """

    classifier: Classifier
    classes: tuple[str, ...]
    representation: Representation

    @torch.inference_mode()
    def predict(self, images: Sequence[str | Path | bytes]) -> NDArray[np.float64]:
        """Class probabilities (n, K) of pictures, given as paths or as the bytes of their files.

        Raises:
            emotionart.data.images.PictureError: for a picture that cannot be read.
        """
        found = [np.empty((0, len(self.classes)))]
        for start in range(0, len(images), _BATCH):
            files = [
                image if isinstance(image, bytes) else read_file(Path(image))
                for image in images[start : start + _BATCH]
            ]
            found.append(self.classifier.probabilities(self.representation.encode(files)))
        return np.concatenate(found)


def load_run(folder: str | Path) -> Predictor:
    """The classifier that a run has trained, with the weights that were tested.

    The checkpoint is opened without running code from it; the classes that its configuration names are created,
    so load only runs whose configuration you trust.

    Raises:
        UserError: if the folder holds no best checkpoint.
    """
    file = Path(folder) / "checkpoints" / "best.ckpt"
    if not file.exists():
        raise UserError("There is no trained classifier in this folder.", where=str(file))
    checkpoint = torch.load(file, map_location="cpu", weights_only=True)
    description = checkpoint["emotionart"]
    config = OmegaConf.create(description["config"])
    representation = build_representation(config)
    if representation.describe() != description["representation"]:
        raise UserError(
            "The backbone is not the one that this run was trained on: "
            + "; ".join(difference(description["representation"], representation.describe())),
            where=str(file),
            fix="the same weights, precision and library versions",
        )
    classifier = build_classifier(
        config,
        representation.shape,
        representation.first_layer(),
        description["classes"],
        description["counts"],
        description["voted"],
    )
    classifier.load_state_dict(checkpoint["state_dict"])
    return Predictor(classifier.eval(), tuple(description["classes"]), representation)
