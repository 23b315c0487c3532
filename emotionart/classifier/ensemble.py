"""Ensembles: several finished runs as one predictor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotionart.classifier.predictor import Predictor, load_run, read_images
from emotionart.data.tables.noun import Noun
from emotionart.errors import UserError


@dataclass(frozen=True)
class Ensemble:
    """Classifiers with the same classes, whose probabilities are averaged.

    Attributes:
        members: R classifiers, at least one.
    """

    members: tuple[Predictor, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the K classes."""
        return self.members[0].classes

    @property
    def noun(self) -> Noun:
        """What a class is: an emotion if all members say so."""
        return "emotion" if all(member.noun == "emotion" for member in self.members) else "class"

    def predict(self, images: Sequence[str | Path | bytes]) -> NDArray[np.float64]:
        """Mean class probabilities (n, K) of pictures, given as paths or as the bytes of their files.

        Raises:
            emotionart.data.pictures.decode.PictureError: for a picture that cannot be read.
        """
        mean: NDArray[np.float64] = self.predict_each(images).mean(axis=0)
        return mean

    @torch.inference_mode()
    def predict_each(self, images: Sequence[str | Path | bytes]) -> NDArray[np.float64]:
        """Class probabilities (R, n, K) by each member; `calibration.uncertainty` measures their disagreement.

        Members with the same representation share the work: frozen features are computed once for all of them.

        Raises:
            emotionart.data.pictures.decode.PictureError: for a picture that cannot be read.
        """
        probabilities = [np.empty((len(self.members), 0, len(self.classes)))]
        for files in read_images(images):
            encoded: dict[str, Tensor] = {}
            for member in self.members:
                if member.input_key not in encoded:
                    encoded[member.input_key] = member.representation.encode(files)
            probabilities.append(
                np.stack([member.classifier.probabilities(encoded[member.input_key]) for member in self.members])
            )
        return np.concatenate(probabilities, axis=1)


def load_ensemble(folders: Sequence[str | Path], trust: bool = False) -> Ensemble:
    """The classifiers of several runs.

    Args:
        folders: run folders, at least one.
        trust: as for `load_run`.

    Raises:
        UserError: without runs, for a run named twice or that cannot be loaded, or for runs with different classes.
    """
    if not folders:
        raise UserError("An ensemble needs at least one run.", where="load_run([])")
    places = [Path(folder).resolve() for folder in folders]
    for number, folder in enumerate(folders):
        if places[number] in places[:number]:
            raise UserError("This run is given twice.", where=str(folder), fix="each run once")
    members = tuple(load_run(folder, trust) for folder in folders)
    for folder, member in zip(folders, members, strict=True):
        if member.classes != members[0].classes:
            raise UserError(
                f"This run has other classes ({', '.join(member.classes)}) than {folders[0]} "
                f"({', '.join(members[0].classes)}).",
                where=str(folder),
                fix="runs of the same labels",
            )
    return Ensemble(members)
