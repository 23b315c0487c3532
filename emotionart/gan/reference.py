"""The reference classifier (the judge): a trained classifier that labels generated pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from omegaconf import DictConfig
from torch import Tensor, nn

from emotionart.classifier.predictor import Predictor, load_run
from emotionart.errors import UserError
from emotionart.gan.features import Features, Files
from emotionart.run.folder import RunFolder
from emotionart.run.state import is_gan
from emotionart.run.stored import read_result
from emotionart.statistics.image_quality import classification_report


@dataclass(frozen=True)
class ReferenceClassifier:
    """A trained classifier that labels generated pictures.

    Attributes:
        name: name of its model.
        predictor: the classifier.
        recall: its recall of each class on its own test split, and its accuracy under "all".
        digests: digests of the weights of its pretrained networks, before any fine-tuning.
    """

    name: str
    predictor: Predictor
    recall: dict[str, float | None]
    digests: frozenset[str]

    def features(self) -> Features:
        """The inputs of its last layer; a flattened grid is averaged over space instead."""
        classifier = self.predictor.classifier
        last = [layer for layer in classifier.network.modules() if isinstance(layer, nn.Linear)][-1]

        @torch.inference_mode()
        def compute(files: Files) -> Tensor:
            features: list[Tensor] = []
            grid: list[Tensor] = []

            def keep_grid(layer: nn.Module, inputs: Any, output: Any) -> None:
                if isinstance(output, Tensor) and output.ndim == 4:
                    grid[:] = [output]

            def keep(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
                flattened = bool(grid) and grid[0][0].numel() == inputs[0].shape[1]
                features.append(grid[0].mean((2, 3)) if flattened else inputs[0])

            handles = [last.register_forward_pre_hook(keep)]
            handles += [layer.register_forward_hook(keep_grid) for layer in classifier.modules()]
            try:
                self.predictor.predict(files)
            finally:
                for handle in handles:
                    handle.remove()
            return torch.cat(features)

        return Features(self.name, compute, self.digests)


def load_reference_classifier(config: DictConfig) -> ReferenceClassifier | None:
    """The classifier that `judge` names; None if there is none.

    Raises:
        UserError: if the folder holds no finished run of a classifier.
    """
    if config.judge is None:
        return None
    where = f"judge={config.judge}"
    folder = RunFolder(Path(config.judge))
    if not folder.result.exists():
        raise UserError("There is no finished run in the judge's folder.", where=where)
    result = read_result(folder.result)
    if is_gan(result):
        raise UserError(
            f"The judge is not a classifier but a run of model={result['model']}.",
            where=where,
            fix="judge=FOLDER of a run of a classifier",
        )
    test = result["test"]
    recall = {name: test["recall"][name]["value"] for name in result["classes"]}
    used = result["representation"]
    digests = frozenset(part["weights_digest"] for part in used.get("backbones", [used]) if "weights_digest" in part)
    return ReferenceClassifier(result["model"], load_run(folder.path), {"all": test["acc"]["value"], **recall}, digests)


def require_classes(judge: ReferenceClassifier, classes: Sequence[str]) -> None:
    """Checks that the judge has the generator's classes.

    Raises:
        UserError: if it has other classes, or another order.
    """
    judge_classes = judge.predictor.classes
    if list(judge_classes) != list(classes):
        raise UserError(
            f"The judge has the classes {', '.join(judge_classes)}, but the generator has {', '.join(classes)}.",
            where="judge, labels",
            fix="a judge trained with the same labels=",
        )


def classify_generated(
    judge: ReferenceClassifier, fake: Files, targets: NDArray[np.int64] | None = None
) -> dict[str, Any]:
    """The judge's predictions for generated pictures, with its recall on real test pictures.

    Args:
        judge: reference classifier.
        fake: files of generated pictures.
        targets: (n,) target classes, for a conditional generator.
    """
    probabilities = judge.predictor.predict(fake)
    return {
        "judge": judge.name,
        **classification_report(probabilities, judge.predictor.classes, targets),
        "recall_on_real": judge.recall,
    }
