"""A run's files as W&B artifacts with their lineage: split, model, predictions, table."""

from __future__ import annotations

from emotionart.files import read_yaml
from emotionart.run.folder import RunFolder
from emotionart.run.sharing.card import CARD
from emotionart.run.tracking.logger import Logger
from emotionart.run.training.checkpoint import BEST, LAST

_PREDICTIONS = "predictions"


def log_files(logger: Logger, folder: RunFolder) -> None:
    """Logs the files of a finished run according to `logger.log_model`.

    "best" logs the predictions and the tested weights with configuration, result and card; "all" also logs the state to
    resume from; "none" logs nothing. Their input artifact is the split, which runs of one data set share.
    """
    log_model = read_yaml(folder.config, "logger")["logger"].get("log_model", "none")
    if log_model == "none":
        return
    model = [folder.checkpoints / BEST, folder.config, folder.result, folder.path / CARD]
    model += [folder.checkpoints / LAST] if log_model == "all" else []
    logger.log_artifact("model", f"model-{logger.id}", [file for file in model if file.exists()])
    if folder.predictions.exists():
        logger.log_artifact(_PREDICTIONS, f"{_PREDICTIONS}-{logger.id}", [folder.predictions])
    if folder.split.exists():
        data = read_yaml(folder.overrides, "choices")["choices"]["data"]
        logger.use_artifact("split", f"split-{data.replace('/', '-')}", [folder.split])


def use_predictions(logger: Logger, folder: RunFolder) -> None:
    """Records that the logger's run uses the logged predictions of a finished run, if there are any.

    Args:
        logger: logger of the run that uses them.
        folder: folder of the run that made them.
    """
    id = folder.status().get("wandb_id")
    if id and folder.predictions.exists():
        logger.use_artifact(_PREDICTIONS, f"{_PREDICTIONS}-{id}", [folder.predictions])
