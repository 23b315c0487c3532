"""What of a run's files W&B keeps as artifacts."""

from __future__ import annotations

from emotionart.files import read_yaml
from emotionart.run.checkpoint import BEST, LAST
from emotionart.run.folder import RunFolder
from emotionart.run.sharing.card import CARD
from emotionart.run.tracking.logger import Logger


def log_files(logger: Logger, folder: RunFolder) -> None:
    """Logs the files of a finished run that `logger.log_model` asks for.

    "best" are the tested weights with configuration, result and card, and the predictions with their split; "all" is
    also the state from which the run goes on; "none" is nothing.
    """
    wanted = read_yaml(folder.config, "logger")["logger"].get("log_model", "none")
    if wanted == "none":
        return
    model = [folder.checkpoints / BEST, folder.config, folder.result, folder.path / CARD]
    model += [folder.checkpoints / LAST] if wanted == "all" else []
    predicted = [folder.predictions, folder.split]
    for kind, files in (("model", model), ("predictions", predicted)):
        logger.log_artifact(kind, [file for file in files if file.exists()])
