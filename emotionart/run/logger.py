"""Weights & Biases, from init to finish; nothing else in the project touches it."""

from __future__ import annotations

import base64
import logging
import netrc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.error import HTTPError
from urllib.parse import urlparse
from urllib.request import Request, urlopen

import numpy as np

from emotionart.errors import PrunedError, UserError
from emotionart.files import read_yaml
from emotionart.run.folder import RunFolder

if TYPE_CHECKING:
    import wandb

log = logging.getLogger(__name__)

Mode = Literal["auto", "online", "offline", "disabled"]

_FINISH_SECONDS = 30


class Logger:
    """What a run sends to W&B while it lasts; without a run of W&B it keeps nothing.

    A failure of W&B is a warning and never the run's: after the first one nothing more is sent.

    Args:
        run: of W&B; None for `logger.mode=disabled`.

    Attributes:
        id: of the run in W&B.
        failure: why nothing more is sent; None while all is well.
    """

    def __init__(self, run: wandb.Run | None = None) -> None:
        self._run = run
        self.id: str | None = run.id if run else None
        self.failure: str | None = None
        if run:
            # W&B's own step starts from 0 when an offline run is resumed; these two do not.
            run.define_metric("epoch")
            run.define_metric("*", step_metric="epoch")

    def tag(self, name: str) -> None:
        """Adds a word by which runs are found."""

        def add(run: wandb.Run) -> None:
            run.tags = (*(run.tags or ()), name)

        self._send(add)

    def log(self, row: Mapping[str, float]) -> None:
        """Adds the metrics of one epoch to the history; the row holds `epoch` and `trainer/global_step`."""
        self._send(lambda run: run.log(dict(row)))

    def update_summary(self, values: Mapping[str, Any]) -> None:
        """Sets final values, as the runs table shows them."""
        self._send(lambda run: run.summary.update(dict(values)))

    def log_image(self, name: str, figure: Path) -> None:
        """Logs a picture, or an animation."""

        def add(run: wandb.Run) -> None:
            import wandb

            moving = figure.suffix == ".gif"
            run.log({name: wandb.Video(str(figure), format="gif") if moving else wandb.Image(str(figure))})

        self._send(add)

    def log_table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Logs a table; cells that are arrays (h, w, 3) uint8 become pictures."""

        def add(run: wandb.Run) -> None:
            import wandb

            data: list[Any] = [
                [wandb.Image(cell) if isinstance(cell, np.ndarray) else cell for cell in row] for row in rows
            ]
            run.log({name: wandb.Table(columns=list(columns), data=data)})

        self._send(add)

    def finish(self, exit_code: int) -> None:
        """Ends the run in W&B, after half a minute whatever has not arrived."""
        self._send(lambda run: run.finish(exit_code=exit_code), always=True)

    def _send(self, action: Callable[[wandb.Run], object], always: bool = False) -> None:
        if self._run is None or (self.failure is not None and not always):
            return
        try:
            action(self._run)
        except Exception as error:  # W&B documents none, and no result may depend on them
            self.failure = f"{type(error).__name__}: {error}".partition("\n")[0]
            log.warning("W&B fails (%s): nothing more is sent to it; the run does without.", self.failure)


def _address() -> str:
    return os.environ.get("WANDB_BASE_URL", "https://api.wandb.ai")


def _key() -> str | None:
    """The key that W&B would find: in the environment, or in the user's netrc file."""
    if os.environ.get("WANDB_API_KEY"):
        return os.environ["WANDB_API_KEY"]
    try:
        login = netrc.netrc(os.environ.get("NETRC")).authenticators(urlparse(_address()).hostname or "")
    except (OSError, netrc.NetrcParseError):
        return None
    return login[2] if login else None


def _is_key_refused() -> bool:
    """Whether the server says that the key is wrong; W&B itself calls that a failed connection, without a reason."""
    login = base64.b64encode(f"api:{_key()}".encode()).decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    question = Request(f"{_address()}/graphql", b'{"query": "query Viewer { viewer { id } }"}', headers)
    try:
        with urlopen(question, timeout=10):
            return False
    except HTTPError as error:
        return error.code in (401, 403)
    except OSError:
        return False


def resolve_mode(mode: Mode) -> Literal["online", "offline", "disabled"]:
    """What `auto` means here: `WANDB_MODE` where it is set, else online with a key, else offline."""
    if mode != "auto":
        return mode
    wish = os.environ.get("WANDB_MODE")
    if wish in ("online", "offline", "disabled"):
        return wish  # type: ignore[return-value]
    return "online" if _key() else "offline"


@contextmanager
def open_logger(settings: Mapping[str, Any], folder: Path, **about: Any) -> Iterator[Logger]:
    """A logger that ends when the block does.

    If an exception leaves the block, W&B gets exit code 1 and the tag `failed`; `pruned` and 0 for a run that was ended
    early; `interrupted` and the exit code where the process was told to stop.

    Args:
        settings: the group `logger` of a configuration: mode (see `resolve_mode`), project, entity, tags.
        folder: the run folder, whose name becomes the run's and in which offline data is kept.
        about: further arguments of `wandb.init`: id, config, group, job_type.

    Raises:
        UserError: for names that W&B does not take.
    """
    mode = resolve_mode(settings["mode"])
    if mode == "disabled":
        yield Logger()
        return
    run = _init(mode, settings, folder, about)
    offline = bool(run.settings.mode == "offline")
    logger = Logger(run)
    tag, code = "failed", 1
    try:
        yield logger
        tag, code = "", 0
    except PrunedError:
        tag, code = "pruned", 0
        raise
    except (KeyboardInterrupt, SystemExit) as error:
        tag, code = "interrupted", error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1
        raise
    finally:
        if tag:
            logger.tag(tag)
        logger.finish(code)
    if offline:
        log.info("W&B was offline; to send this run later: wandb sync %s/wandb/offline-run-*", folder)


@contextmanager
def reopen_logger(folder: RunFolder) -> Iterator[Logger]:
    """The logger of a run that has ended, with the id that it had; one that keeps nothing where it had none."""
    id = folder.status().get("wandb_id")
    settings = read_yaml(folder.config, "logger")["logger"]
    with open_logger(settings if id else {"mode": "disabled"}, folder.path, id=id, job_type="train") as logger:
        yield logger


def _init(mode: str, settings: Mapping[str, Any], folder: Path, about: Mapping[str, Any]) -> wandb.Run:
    import wandb

    def start(mode: str) -> wandb.Run:
        return wandb.init(
            mode=mode,  # type: ignore[arg-type]
            project=settings["project"],
            entity=settings["entity"],
            tags=list(settings["tags"]),
            dir=folder,
            name=folder.name,
            resume="allow" if about.get("id") else None,
            reinit="create_new",
            settings=wandb.Settings(
                silent=True,
                console="off",
                init_timeout=30,
                finish_timeout=_FINISH_SECONDS,
                finish_timeout_raises=True,
            ),
            **about,
        )

    try:
        return start(mode)
    except (wandb.errors.UsageError, ValueError) as error:  # names that it does not take
        reason = str(error).strip().splitlines()
        raise UserError(f"W&B refuses: {' '.join(reason[:3])}", where="logger") from None
    except wandb.errors.CommError as error:
        if _is_key_refused():
            log.warning("W&B refuses the API key; the run goes on offline. To give another: wandb login --relogin")
        else:
            log.warning("W&B cannot be reached (%s); the run goes on offline.", str(error).partition("\n")[0])
    return start("offline")
