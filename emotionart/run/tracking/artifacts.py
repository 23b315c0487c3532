"""What of a run's files W&B keeps as artifacts, and which of them lead to which: split, model, predictions, table."""

from __future__ import annotations

from emotionart.files import read_yaml
from emotionart.run.checkpoint import BEST, LAST
from emotionart.run.folder import RunFolder
from emotionart.run.sharing.card import CARD
from emotionart.run.tracking.logger import Logger

_PREDICTIONS = "predictions"


def log_files(logger: Logger, folder: RunFolder) -> None:
    """Logs the files of a finished run that `logger.log_model` asks for.

    "best" are the tested weights with configuration, result and card, and the predictions; "all" is also the state from
    which the run goes on; "none" is nothing. They are made from the split, which runs of one data set share.
    """
    wanted = read_yaml(folder.config, "logger")["logger"].get("log_model", "none")
    if wanted == "none":
        return
    model = [folder.checkpoints / BEST, folder.config, folder.result, folder.path / CARD]
    model += [folder.checkpoints / LAST] if wanted == "all" else []
    logger.log_artifact("model", f"model-{logger.id}", [file for file in model if file.exists()])
    if folder.predictions.exists():
        logger.log_artifact(_PREDICTIONS, f"{_PREDICTIONS}-{logger.id}", [folder.predictions])
    if folder.split.exists():
        data = read_yaml(folder.overrides, "choices")["choices"]["data"]
        logger.use_artifact("split", f"split-{data.replace('/', '-')}", [folder.split])


def use_predictions(logger: Logger, folder: RunFolder) -> None:
    """Says that something is made from the predictions that a finished run has logged, where it has.

    Args:
        logger: of what is made.
        folder: of the run.
    """
    id = folder.status().get("wandb_id")
    if id and folder.predictions.exists():
        logger.use_artifact(_PREDICTIONS, f"{_PREDICTIONS}-{id}", [folder.predictions])
