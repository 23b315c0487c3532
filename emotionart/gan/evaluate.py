"""Evaluates generated art by trained networks: its distance from real art, and its predicted emotions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from omegaconf import DictConfig
from torch import Tensor, nn

from emotionart.classifier.predictor import Predictor, load_run
from emotionart.config.instantiate import instantiate
from emotionart.errors import UserError
from emotionart.progress import progress_bar
from emotionart.run.folder import RunFolder
from emotionart.run.state import is_gan
from emotionart.run.stored import read_result
from emotionart.statistics.image_quality import classification_report, distances, scale_of

_BATCH = 32

Files = Sequence[bytes]


@dataclass(frozen=True)
class Features:
    """Features on which pictures are compared.

    Attributes:
        name: name used in the names of metrics.
        compute: function from picture files to features (n, D).
        digests: digests of the pretrained weights of the networks that compute them, before any fine-tuning.
    """

    name: str
    compute: Callable[[Files], Tensor]
    digests: frozenset[str]

    def of(self, files: Files, what: str) -> Tensor:
        """Features (n, D) of many files, computed in batches under the progress text `what`."""
        starts = range(0, len(files), _BATCH)
        parts = [
            self.compute(files[start : start + _BATCH]) for start in progress_bar(starts, what, len(files), _BATCH)
        ]
        return torch.cat(parts).float()


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


def build_features(config: DictConfig, judge: ReferenceClassifier | None) -> Features | None:
    """The features of `model.features`, else those of the judge; None without either."""
    if not config.model.features:
        return judge.features() if judge else None
    representation = instantiate(config.model.features)
    random = "random_" if representation.describe()["weights"] == "random" else ""

    def compute(files: Files) -> Tensor:
        features: Tensor = representation.encode(files)
        return features.float().flatten(2).mean(2) if features.ndim == 4 else features

    return Features(f"{random}{representation.name}", compute, frozenset({representation.digest}))


def mark_leaks(features: Features, seen_through: str | None, chosen: bool) -> Features:
    """Marks or refuses features of the discriminator's own frozen network, which bias KID and FID.

    Args:
        features: features to measure on.
        seen_through: digest of the discriminator's frozen network, if it has one.
        chosen: whether the features come from `model.features`, not from the judge.

    Returns:
        The features; their name ends in `_leaks` if the judge shares the discriminator's network.

    Raises:
        UserError: if `chosen` features share it.
    """
    if seen_through not in features.digests:
        return features
    if chosen:
        raise UserError(
            f"The discriminator learns through the same network, {features.name}, on which KID and FID are to be "
            "computed: they would look better than the pictures.",
            where="model.features",
            fix="another network for model.features or for discriminator.backbone",
        )
    return replace(features, name=f"{features.name}_leaks")


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


def require_enough(config: DictConfig, reals: Sequence[int]) -> None:
    """Checks the sizes of the samples before anything is trained.

    Raises:
        UserError: if a KID subset is larger than a sample.
    """
    least = min(config.model.samples, *reals)
    if config.model.kid_subset > least:
        raise UserError(
            f"A subset of {config.model.kid_subset} pictures cannot be drawn from a sample of {least} "
            f"({config.model.samples} generated, {' and '.join(map(str, reals))} real test and training pictures).",
            where="model.kid_subset",
            fix=f"model.kid_subset={least}",
        )


def compare(
    features: Features, fake: Files, real: Files, others: Files, subset: int
) -> tuple[dict[str, Any], dict[str, float]]:
    """Distances of generated pictures and of other real pictures from real ones, on features of unit scale.

    Args:
        features: features to compare on.
        fake: generated pictures.
        real: real pictures of the test split.
        others: real pictures of the training split, at most as many as generated ones.
        subset: subset size of KID.

    Returns:
        The entry of `result.json`, and the metrics by name.
    """
    by_kind = {
        name: features.of(files, f"features of {name} pictures")
        for name, files in (("real", real), ("generated", fake), ("other real", others))
    }
    real_features, generated, other = (part / scale_of(by_kind["real"]) for part in by_kind.values())
    measured, floor = distances(real_features, generated, subset), distances(real_features, other, subset)
    metrics = {
        **{f"gan/{name}_{features.name}": value for name, value in measured.items()},
        f"gan/kid_{features.name}_floor": floor["kid"],
        f"gan/fid_{features.name}_floor": floor["fid"],
    }
    counts = {"generated": len(fake), "real": len(real), "other_real": len(others)}
    leaks = features.name.endswith("_leaks")
    return {"features": features.name, "leaks": leaks, "counts": counts, **measured, "floor": floor}, metrics


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
