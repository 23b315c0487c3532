"""Opens and closes a logger; the way in which a run ends sets its tag and exit code in W&B.

Only `connection` starts W&B.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from emotionart.errors import INTERRUPTED, Failure, PrunedError, UserError
from emotionart.files import read_yaml
from emotionart.run.folder import RunFolder
from emotionart.run.log import suppress_messages
from emotionart.run.tracking.connection import resolve_mode, start_run
from emotionart.run.tracking.logger import Logger
from emotionart.run.tracking.tensorboard import TensorBoard

log = logging.getLogger(__name__)

_KILLED = 255
"""W&B's exit code for a run stopped by hand."""


@contextmanager
def open_logger(
    settings: Mapping[str, Any],
    folder: Path,
    *,
    id: str | None = None,
    config: Mapping[str, Any] | None = None,
    **about: Any,
) -> Iterator[Logger]:
    """A context manager for a logger.

    After an exception, W&B gets exit code 1 and the tag `failed`; a pruned run gets 0 and `pruned`. An interrupted run
    gets `interrupted`, and W&B's own code after Ctrl-C, else the exit code and the mark by which W&B's agents restart a
    run. A mistake that is found before anything was sent leaves no W&B run.

    Args:
        settings: the group `logger` of a configuration.
        folder: run folder, whose name is the default name of the run.
        id: id of a W&B run to resume.
        config: configuration of a new run.
        about: group, job_type and name of the run, used if `settings` have none.

    Raises:
        UserError: for names that W&B refuses.
    """
    mode = resolve_mode(settings["mode"])
    open_run = partial(start_run, mode, settings, folder, id=id, config=config, about=about)
    open_board = partial(TensorBoard, folder, config or {})
    logger = Logger(None if mode == "disabled" else open_run, open_board if settings.get("tensorboard") else None)
    lines = _Lines(logger)
    tag, code = "failed", 1
    try:
        if mode != "disabled":
            logging.root.addHandler(lines)
        yield logger
        tag, code = "", 0
    except PrunedError:
        tag, code = "pruned", 0
        raise
    except (KeyboardInterrupt, SystemExit) as error:
        tag, code = (
            "interrupted",
            error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else INTERRUPTED,
        )
        raise
    except Exception as error:
        if not isinstance(error, UserError) or error.exit_code == Failure.exit_code:
            logger.start()
            logger.write(str(error) if isinstance(error, UserError) else traceback.format_exc())
        raise
    finally:
        logging.root.removeHandler(lines)
        logger.close_board()
        if logger.started:
            _end(logger, tag, code)


class _Lines(logging.Handler):
    """Forwards log records to W&B, formatted as in `run.log`.

    W&B could capture the console itself, but in a sweep that is the sweep's, and it is full of progress bars.
    """

    def __init__(self, logger: Logger) -> None:
        super().__init__(logging.INFO)
        self._logger = logger
        self._process = os.getpid()

    def emit(self, record: logging.LogRecord) -> None:
        """Adds a line, unless this process is a fork, which shares its parent's connection to W&B."""
        if os.getpid() == self._process:
            self._logger.write(self.format(record))


def _end(logger: Logger, tag: str, code: int) -> None:
    if tag:
        logger.tag(tag)
    if code == INTERRUPTED:
        logger.finish(_KILLED)
    else:
        logger.finish(code, preempted=tag == "interrupted")
    log.info("W&B: %s", logger.place)


@contextmanager
def reopen_logger(folder: RunFolder) -> Iterator[Logger]:
    """The logger of a finished run, with its id in W&B; a logger that does nothing if it had none."""
    id = folder.status().get("wandb_id")
    settings = read_yaml(folder.config, "logger")["logger"]
    # Not TensorBoard: events of a second logger would replace those of the run.
    again = {**settings, "tensorboard": False} if id else {"mode": "disabled"}
    # Its place is told at the end.
    with (
        suppress_messages("emotionart.run.tracking.logger", logging.INFO),
        open_logger(again, folder.path, id=id) as logger,
    ):
        yield logger
