"""One run: data, training, one look at the test set, and everything it leaves in its folder."""

from __future__ import annotations

import errno
import logging
import os
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
import yaml
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import RichProgressBar

from emotionart.data.artworks import PARTS
from emotionart.errors import Failure, UserError
from emotionart.experiment.build import build_artworks, build_classifier, build_data
from emotionart.experiment.callbacks import (
    EpochLines,
    History,
    SelfDescription,
    StepwiseSeed,
    best_checkpoint,
    last_checkpoint,
)
from emotionart.experiment.compose import best_is
from emotionart.experiment.drawing import draw_figures, draw_views
from emotionart.experiment.folder import RunFolder, write_json, write_text
from emotionart.experiment.provenance import now, provenance
from emotionart.experiment.result import count_parameters, score_all, summary_lines, write_predictions
from emotionart.experiment.tracking import Tracker, track
from emotionart.tasks.classification import Classifier

log = logging.getLogger(__name__)

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
    artworks = build_artworks(config)
    artworks.write_split(folder.path / "split.csv")
    origin = provenance(artworks.digest(), threads)
    write_json(folder.path / "provenance.json", {**origin, "started": started})

    data = build_data(config, artworks)
    counts = np.bincount(artworks.label[artworks.members("train")], minlength=len(artworks.classes)).tolist()
    voted = artworks.voted and config.labels.target == "votes"
    classifier = build_classifier(config, artworks.classes, counts, voted)
    parameters = count_parameters(classifier)
    log.info("%s: %s trainable parameters, %s frozen", choices["model"], *(f"{n:,}" for n in parameters.values()))
    draw_views(data, folder.figures)

    history = History(folder.path / "metrics.csv" if config.logger.metrics_csv else None, tracker.log)
    best = best_checkpoint(folder.checkpoints, config.monitor, best_is(config.monitor))
    description = {"classes": list(artworks.classes), "counts": counts, "voted": voted, "config": resolved}
    trainer = _trainer(config, history, best, folder, description)
    last = folder.checkpoints / "last.ckpt"
    trainer.fit(classifier, data, ckpt_path=last if last.exists() else None, weights_only=True)

    chosen = _load_best(best, classifier)
    probabilities = {part: classifier.predict(data.ordered(part)) for part in PARTS}
    write_predictions(folder.path / "predictions.csv", artworks, probabilities)
    result: Result = {
        "model": choices["model"],
        "data": choices["data"],
        "seed": config.seed,
        "classes": list(artworks.classes),
        "parameters": parameters,
        "epochs": len(history.rows),
        "checkpoint": {"file": "checkpoints/best.ckpt", "epoch": chosen["epoch"]},
        "monitor": {"name": config.monitor, "value": history.rows[chosen["epoch"]][config.monitor]},
        **score_all(artworks, probabilities, config.seed),
    }
    draw_figures(result, history.rows, artworks, probabilities["test"], folder.figures)
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


def set_threads(wanted: int | None) -> int:
    """Sets the CPU threads of torch, by default one for each core, and returns their number."""
    threads = wanted or os.cpu_count() or 1
    torch.set_num_threads(threads)
    return threads


def _trainer(
    config: DictConfig, history: History, best: pl.Callback, folder: RunFolder, description: Mapping[str, Any]
) -> pl.Trainer:
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    terminal = sys.stderr.isatty()
    settings = OmegaConf.to_container(config.trainer, resolve=True)
    assert isinstance(settings, dict)
    del settings["threads"]
    bar = settings.pop("enable_progress_bar")
    return instantiate(  # type: ignore[no-any-return]
        settings,
        logger=False,
        enable_checkpointing=True,
        enable_model_summary=False,
        enable_progress_bar=bar and terminal,
        default_root_dir=str(folder.path),
        callbacks=[
            StepwiseSeed(config.seed),
            *(instantiate(callback) for callback in config.callbacks.values()),
            *([RichProgressBar(leave=False)] if bar and terminal else [EpochLines()]),
            SelfDescription(description),
            history,
            best,
            last_checkpoint(folder.checkpoints),
        ],
    )


def _load_best(best: Any, classifier: Classifier) -> dict[str, Any]:
    """Loads the weights of the best epoch.

    Raises:
        Failure: where there is none; the last weights are never tested in its place.
    """
    # Lightning keeps the first epoch even if its metric is not a number, and then calls it infinite.
    if best.best_model_score is None or not torch.isfinite(best.best_model_score):
        raise Failure(
            f"No epoch gave a finite {best.monitor}, so there are no best weights to test.",
            where="checkpoints/best.ckpt",
            fix="a lower optimizer.lr, or another monitor",
        )
    checkpoint: dict[str, Any] = torch.load(best.best_model_path, map_location="cpu", weights_only=True)
    classifier.load_state_dict(checkpoint["state_dict"])
    return checkpoint


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
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
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
        if not isinstance(error, UserError):
            log.exception("The run failed; its folder keeps what was done: %s", folder.path)
        raise
