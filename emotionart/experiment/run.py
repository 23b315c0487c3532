"""One run: data, training, one look at the test set, and everything it leaves in its folder."""

from __future__ import annotations

import errno
import logging
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from omegaconf import DictConfig, OmegaConf

from emotionart.data.artworks import PARTS, Artworks
from emotionart.data.representation import PreparedInputs, Representation
from emotionart.errors import Failure, UserError
from emotionart.experiment.baselines import logistic_baseline, majority_baseline
from emotionart.experiment.build import (
    build_artworks,
    build_classifier,
    build_data,
    build_inputs,
    build_representation,
)
from emotionart.experiment.drawing import draw_figures, draw_views
from emotionart.experiment.folder import RunFolder, write_json, write_text
from emotionart.experiment.provenance import now, provenance
from emotionart.experiment.result import count_parameters, score_all, summary_lines, write_predictions
from emotionart.experiment.tracking import Tracker, track
from emotionart.experiment.training import fit, set_threads

log = logging.getLogger(__name__)

RANDOM_FEATURES = "random-features"
"""The tag of runs whose backbone has no trained weights."""

Result = dict[str, Any]


def run(config: DictConfig, choices: Mapping[str, str], overrides: Sequence[str], path: Path) -> Result:
    """Carries out one run in `path`, or goes on with the one that is there if `config.resume` is set.

    Args:
        config: composed and checked.
        choices: which option of each config group was taken.
        overrides: what was asked for on the command line.
        path: the run's folder.

    Returns:
        What `result.json` holds.

    Raises:
        UserError: for a mistake in the data or the configuration, or a folder that is taken.
        Failure: where the disk is full.
    """
    folder = RunFolder(path)
    with folder.claim(resume=config.resume is not None):
        resolved: dict[str, Any] = OmegaConf.to_container(config, resolve=True)  # type: ignore[assignment]
        before = folder.status()
        with _recorded(folder), _tracked(config, choices, resolved, folder, before.get("wandb_id")) as tracker:
            if not before:
                write_text(folder.config, yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True))
                write_text(folder.overrides, yaml.safe_dump({"overrides": list(overrides), "choices": dict(choices)}))
            folder.update({"status": "running", "wandb_id": tracker.id})
            return _execute(config, choices, resolved, folder, tracker)


def _execute(
    config: DictConfig, choices: Mapping[str, str], resolved: dict[str, Any], folder: RunFolder, tracker: Tracker
) -> Result:
    started, clock = now(), time.monotonic()
    threads = set_threads(config.trainer.threads)
    representation = build_representation(config)
    artworks = build_artworks(config, representation.size)
    artworks.write_split(folder.path / "split.csv")
    origin = provenance(artworks.digest(), threads)
    write_json(folder.path / "provenance.json", {**origin, "started": started})

    with build_inputs(config, representation, artworks) as inputs:
        result = _train_and_test(config, choices, resolved, folder, tracker, representation, artworks, inputs)
    _tell(tracker, result, folder)
    write_json(
        folder.path / "provenance.json",
        {**origin, "started": started, "finished": now(), "seconds": round(time.monotonic() - clock, 1)},
    )
    write_json(folder.result, result)
    folder.update({"status": "done"})
    for line in summary_lines(result, folder.path):
        log.info(line)
    return result


def _train_and_test(
    config: DictConfig,
    choices: Mapping[str, str],
    resolved: dict[str, Any],
    folder: RunFolder,
    tracker: Tracker,
    representation: Representation,
    artworks: Artworks,
    inputs: PreparedInputs,
) -> Result:
    data = build_data(config, artworks, inputs)
    counts = np.bincount(artworks.label[artworks.members("train")], minlength=len(artworks.classes)).tolist()
    learnt = {
        "classes": list(artworks.classes),
        "counts": counts,
        "voted": artworks.voted and config.labels.target == "votes",
    }
    classifier = build_classifier(config, representation.shape, inputs.first_layer, **learnt)
    used = representation.describe()
    parameters = count_parameters(classifier)
    parameters["frozen"] += used.get("frozen_parameters", 0)
    log.info("%s: %s trainable parameters, %s frozen", choices["model"], *(f"{n:,}" for n in parameters.values()))
    draw_views(artworks, config.augment.views, folder.figures)
    if used.get("weights") == "random":
        tracker.tag(RANDOM_FEATURES)

    description = {**learnt, "config": resolved, "representation": used}
    fitted = fit(config, classifier, data, folder, tracker, description)
    probabilities = {part: classifier.predict(data.ordered(part)) for part in PARTS}
    write_predictions(folder.path / "predictions.csv", artworks, probabilities)
    baselines = {"majority": majority_baseline(artworks)}
    if used["kind"] in ("frozen backbone", "features"):
        baselines["logistic regression"] = logistic_baseline(artworks, inputs.plain)
    result: Result = {
        "model": choices["model"],
        "data": choices["data"],
        "seed": config.seed,
        "classes": list(artworks.classes),
        "representation": used,
        "parameters": parameters,
        "epochs": len(fitted.history),
        "checkpoint": {"file": "checkpoints/best.ckpt", "epoch": fitted.epoch},
        "monitor": {"name": config.monitor, "value": fitted.monitored},
        **score_all(artworks, probabilities, baselines, config.seed),
    }
    draw_figures(result, fitted.history, artworks, probabilities["test"], folder.figures)
    return result


def _tell(tracker: Tracker, result: Result, folder: RunFolder) -> None:
    """Gives the tracker what the folder holds."""
    test = result["test"]
    summary = {f"test/{name}": test[name]["value"] for name in ("acc", "balanced_acc", "f1_macro", "nll", "ece")}
    if "kl" in test:
        summary["test/kl"] = test["kl"]["value"]
    summary["test/majority_acc"] = result["baselines"]["majority"]["test"]["acc"]["value"]
    if result["ceiling"]:
        summary["test/ceiling_acc"] = result["ceiling"]["test"]
    tracker.summarise(summary)
    classes = result["classes"]
    rows = [[name, *counts] for name, counts in zip(classes, test["confusion"], strict=True)]
    tracker.tabulate("test/confusion", ["truth \\ prediction", *classes], rows)
    for figure in sorted(folder.figures.glob("*.png")):
        tracker.show(f"figures/{figure.stem}", figure)


@contextmanager
def _tracked(
    config: DictConfig, choices: Mapping[str, str], resolved: dict[str, Any], folder: RunFolder, wandb_id: str | None
) -> Iterator[Tracker]:
    headline = {
        "model": choices["model"],
        "head": choices.get("model/head"),
        "data": choices["data"],
        "seed": config.seed,
        "sweep": None,
    }
    settings = {key: resolved["logger"][key] for key in ("mode", "project", "entity", "tags")}
    with track(
        **settings,
        folder=folder.path,
        config={**headline, "config": resolved},
        group=headline["sweep"],
        resume_id=wandb_id,
    ) as tracker:
        yield tracker


@contextmanager
def _recorded(folder: RunFolder) -> Iterator[None]:
    """Leaves the cause of a failure in the folder, as `error.txt` and as the status."""
    (folder.path / "error.txt").unlink(missing_ok=True)
    try:
        yield
    except BaseException as error:
        # Lightning turns the first Ctrl-C into an exit.
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        status = "interrupted" if interrupted else "failed"
        try:
            write_text(folder.path / "error.txt", f"{error}\n\n{traceback.format_exc()}")
            folder.update({"status": status})
        except OSError:
            log.warning("The cause of the failure could not be written to %s", folder.path)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Failure(
                f"The disk is full: {error.strerror}.",
                where=str(error.filename or folder.path),
                fix=f"free some space, then: python train.py resume={folder.path}",
            ) from error
        if interrupted:
            log.warning("Interrupted; to go on: python train.py resume=%s", folder.path)
        elif not isinstance(error, UserError):
            log.exception("The run failed; its folder keeps what was done: %s", folder.path)
        raise
