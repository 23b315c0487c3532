"""Self-training in rounds on the confident predictions of the round before (You et al. 2015, Sohn et al. 2020)."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from omegaconf import DictConfig

from emotionart.classifier.module import Classifier
from emotionart.classifier.training.fit import FitResult, fit
from emotionart.classifier.unlabelled.choice import choose_confident
from emotionart.classifier.unlabelled.pool import Pool
from emotionart.classifier.unlabelled.report import round_line
from emotionart.config.resolvers import best_is
from emotionart.data.artworks import Artworks
from emotionart.data.datamodule import PseudoLabels
from emotionart.data.tables.cells import spreadsheet_cell
from emotionart.files import atomic_write, write_text
from emotionart.inputs.representation import PreparedInputs, Representation
from emotionart.inputs.stored import JoinedInputs, StoredInputs
from emotionart.run.context import RunContext
from emotionart.run.data import build_data
from emotionart.run.devices.torch_devices import devices_of
from emotionart.run.folder import RunFolder
from emotionart.run.training.callbacks import Metrics
from emotionart.run.training.checkpoint import BEST, LAST
from emotionart.run.training.trainer import on_trained_device

log = logging.getLogger(__name__)

ROUNDS, PSEUDO_LABELS = "rounds", "pseudo-labels.csv"
"""The subfolder of a run with one folder per round, and the table of pseudo-labels in each of these."""

MIRROR = "flip"
"""The view whose prediction is averaged with that of the unchanged picture."""

_BATCH = 1024  # batch size of predictions from stored features


@dataclass(frozen=True)
class Unlabelled:
    """The pool of pictures without labels and its inputs.

    Attributes:
        pool: the pictures.
        inputs: training inputs of the labelled artworks, followed by those of the pool.
        views: names of the views of these inputs.
    """

    pool: Pool
    inputs: StoredInputs | JoinedInputs
    views: Sequence[str]


def views_of(config: DictConfig) -> list[str]:
    """The views that are needed of pictures without labels: those of training, and the mirror image."""
    return list(dict.fromkeys([*config.augment.views, MIRROR]))


def store_pool(config: DictConfig, representation: Representation, pool: Pool) -> None:
    """Computes missing features of the pool's pictures; must run before the features of a run are opened."""
    with representation.prepare(pool.artworks, views_of(config), None, Path(config.cache), devices_of(config.trainer)):
        pass


def with_pool_inputs(config: DictConfig, inputs: PreparedInputs, pool: Pool) -> Unlabelled:
    """The pool with its inputs appended to those of the labelled artworks."""
    assert isinstance(inputs.training, StoredInputs | JoinedInputs)
    views = views_of(config)
    return Unlabelled(pool, inputs.training.with_pictures(pool.artworks.picture, views), views)


@dataclass(frozen=True)
class Rounds:
    """The outcome of training in rounds.

    Attributes:
        classifier: classifier of the last kept round.
        fitted: outcome of its training.
        report: entry of `result.json` on all rounds.
    """

    classifier: Classifier
    fitted: FitResult
    report: Mapping[str, Any]


def fit_rounds(
    context: RunContext,
    artworks: Artworks,
    inputs: PreparedInputs,
    unlabelled: Unlabelled,
    build: Callable[[RunFolder], Classifier],
) -> Rounds:
    """Trains on labelled artworks alone, then in rounds with the pseudo-labels of the model before.

    Each round trains a new classifier, which is kept if the monitored validation metric improves; the first round
    without a gain is the last. Pseudo-labels do not depend on labels of the validation or test part. Each round has
    its own folder of checkpoints, from which an interrupted run resumes; those of the last kept round become the run's.

    Args:
        context: context of the run.
        artworks: labelled artworks.
        inputs: inputs of the labelled artworks.
        unlabelled: pool of pictures without labels.
        build: builds a new classifier for a folder.
    """
    config, pool, classes = context.config, unlabelled.pool, artworks.classes
    counts = np.bincount(artworks.label[artworks.indices("train")], minlength=len(classes))
    training = _Training(context, artworks, replace(inputs, training=unlabelled.inputs), build)
    kept, learnt = training.of(0, None), _Choice(np.empty(0, np.intp), np.empty((0, len(classes))))
    rounds: list[dict[str, Any]] = []
    for number in range(1, config.data.unlabelled_rounds + 1):
        probabilities = _predict(kept, unlabelled, len(artworks.id))
        rows = choose_confident(probabilities, counts, config.data.unlabelled_confidence, 2.0 ** (number - 1))
        choice = _Choice(rows, probabilities[rows])
        if choice.same_as(learnt):
            log.info("round %d would learn from nothing new", number)
            break
        choice.write(training.folder(number).path, pool.artworks, classes)
        later = training.of(number, choice.pseudo_labels(pool.artworks, len(artworks.id)))
        gains = (later.fitted.monitored - kept.fitted.monitored) * (1 if best_is(config.monitor) == "max" else -1) > 0
        per_class = np.bincount(choice.label, minlength=len(classes)).tolist()
        rounds.append(
            {
                "pictures": dict(zip(classes, per_class, strict=True)),
                "before": kept.validated,
                "after": later.validated,
                "kept": gains,
            }
        )
        log.info("%s", round_line(number, rounds[-1], config.monitor))
        if not gains:
            break
        kept, learnt = later, choice
    _copy_checkpoints(kept.folder, context.folder)
    report = {
        "source": config.data.unlabelled,
        "pictures": pool.pictures,
        "taken_out": pool.taken_out,
        "left": len(pool.artworks.id),
        "artists": pool.artists,
        "confidence": config.data.unlabelled_confidence,
        "rounds": rounds,
    }
    return Rounds(kept.classifier, kept.fitted, report)


@dataclass(frozen=True)
class _Trained:
    """A trained classifier and its folder."""

    classifier: Classifier
    fitted: FitResult
    folder: RunFolder

    @property
    def validated(self) -> Metrics:
        """The validation metrics of its best epoch."""
        assert self.fitted.epoch is not None
        return {
            name: value for name, value in self.fitted.history[self.fitted.epoch].items() if name.startswith("val/")
        }


@dataclass
class _Training:
    """The settings that rounds share; epochs are logged with consecutive numbers."""

    context: RunContext
    artworks: Artworks
    inputs: PreparedInputs
    build: Callable[[RunFolder], Classifier]
    before: Metrics = field(init=False, default_factory=lambda: {"epoch": 0, "trainer/global_step": 0})

    def folder(self, number: int) -> RunFolder:
        """The folder of a round; 0 is training on labelled artworks alone."""
        return RunFolder(self.context.folder.path / ROUNDS / str(number))

    def of(self, number: int, pseudo_labels: PseudoLabels | None) -> _Trained:
        """Trains a new classifier, or resumes the one in the round's folder."""
        folder, before = self.folder(number), dict(self.before)

        def report(row: Metrics) -> None:
            self.context.log_metrics({**row, **{name: row[name] + past for name, past in before.items()}})

        classifier = self.build(folder)
        data = build_data(self.context.config, self.artworks, self.inputs, pseudo_labels)
        fitted = fit(self.context.config, classifier, data, folder, report)
        self.before["epoch"] += len(fitted.history)
        self.before["trainer/global_step"] += fitted.history[-1]["trainer/global_step"]
        return _Trained(classifier, fitted, folder)


@dataclass(frozen=True)
class _Choice:
    """The pictures with pseudo-labels.

    Attributes:
        row: (m,) positions in the pool, in order.
        probabilities: (m, K) predicted probabilities.
    """

    row: NDArray[np.intp]
    probabilities: NDArray[np.float64]

    @property
    def label(self) -> NDArray[np.int64]:
        """(m,) pseudo-labels: the most probable classes."""
        label: NDArray[np.int64] = self.probabilities.argmax(axis=1).astype(np.int64)
        return label

    def same_as(self, other: _Choice) -> bool:
        """Whether the same pictures have the same labels."""
        return np.array_equal(self.row, other.row) and np.array_equal(self.label, other.label)

    def pseudo_labels(self, works: Artworks, start: int) -> PseudoLabels:
        """The pseudo-labels, for pictures whose training inputs begin at `start`."""
        return PseudoLabels(start + self.row, works.picture[self.row], self.label)

    def write(self, folder: Path, works: Artworks, classes: Sequence[str]) -> None:
        """Writes the pseudo-labels to a round's folder, which is emptied first if it was trained with others."""
        table = pd.DataFrame(
            {
                "image": [spreadsheet_cell(str(path)) for path in works.image[self.row]],
                "id": works.picture[self.row],
                "class": [spreadsheet_cell(classes[k]) for k in self.label],
                "probability": [f"{value:.6f}" for value in self.probabilities.max(axis=1)],
            }
        )
        text, file = table.to_csv(index=False, lineterminator="\n"), folder / PSEUDO_LABELS
        if file.exists() and file.read_text(encoding="utf-8") != text:
            shutil.rmtree(folder)
        write_text(file, text)


def _predict(trained: _Trained, unlabelled: Unlabelled, start: int) -> NDArray[np.float64]:
    """Class probabilities (n, K) of the pool, averaged over each picture and its mirror image.

    Args:
        trained: trained classifier.
        unlabelled: pool of pictures without labels.
        start: position of the pool's first input.
    """
    count, classifier = len(unlabelled.pool.artworks.id), trained.classifier.eval()
    views = [unlabelled.views.index(view) for view in ("identity", MIRROR)]
    probabilities = []
    with on_trained_device(trained.fitted.trainer, classifier):
        for first in range(0, count, _BATCH):
            rows = start + np.arange(first, min(first + _BATCH, count))
            seed = np.zeros(len(rows), np.uint64)
            inputs = [unlabelled.inputs.read(rows, np.full(len(rows), view), seed) for view in views]
            probabilities.append(np.mean([classifier.probabilities(torch.from_numpy(each)) for each in inputs], axis=0))
    return np.concatenate(probabilities)


def _copy_checkpoints(kept: RunFolder, run: RunFolder) -> None:
    """Copies the checkpoints and metrics of a round to the run's folder."""
    for file in (kept.checkpoints / BEST, kept.checkpoints / LAST, kept.metrics):
        if file.exists():  # metrics.csv may be disabled
            with atomic_write(run.path / file.relative_to(kept.path)) as partial:
                shutil.copy2(file, partial)
