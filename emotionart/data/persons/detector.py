"""Person detectors: a small interface, and a YOLO model of ultralytics behind it.

ultralytics is AGPL-3.0: it is imported only here, and only when a detector is loaded.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emotionart.data.tables.cells import nearest_files
from emotionart.errors import Failure, UserError, first_line, suggest

log = logging.getLogger(__name__)

MAX_PERSONS = 20
"""Maximum number of persons kept per picture, highest score first."""

FLOOR = 0.05
"""Minimum score of a stored person; low, so that the confidence can be chosen afterwards."""

_PERSON = "person"
_PATIENCE = 10  # seconds after which a server counts as unreachable
_HOST = "github.com"

# Read by ultralytics at import: no network check, no analytics, no automatic package installation, no code in weights.
_QUIET = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "ULTRALYTICS_SAFE_LOAD": "true", "YOLO_VERBOSE": "false"}


class PersonDetector(Protocol):
    """A detector of persons in pictures."""

    @property
    def name(self) -> str:
        """Human-readable name of the weights."""

    @property
    def digest(self) -> str:
        """Hash of the weights, which keeps stored results of different weights apart."""

    def detect(self, pictures: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """Persons in each picture: (k, 5) left, top, right, bottom in pixels, and score; highest score first.

        Args:
            pictures: (h, w, 3) uint8 sRGB, all of the same shape, sides multiples of 32.
        """


@dataclass(frozen=True)
class _Yolo:
    """A YOLO model of ultralytics."""

    name: str
    digest: str
    model: Any
    person: int

    def detect(self, pictures: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        import torch

        threads = torch.get_num_threads()
        results = self.model.predict(
            [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures],  # ultralytics expects BGR
            imgsz=max(pictures[0].shape[:2]),
            conf=FLOOR,
            classes=[self.person],
            max_det=MAX_PERSONS,
            verbose=False,
            save=False,
        )
        torch.set_num_threads(threads)  # ultralytics sets all cores but one, for good
        return [result.boxes.data[:, :5].cpu().numpy().astype(np.float32) for result in results]


def load_detector(weights: str, folder: Path) -> PersonDetector:
    """The detector of a weights file, or of weights published by ultralytics, whose download is logged.

    Args:
        weights: path of a file, or a name such as "yolov8n.pt".
        folder: folder of downloaded weights and of ultralytics settings separate from the user's own.

    Raises:
        UserError: if the weights do not exist or have no class "person".
        Failure: if they cannot be downloaded.
    """
    path = Path(weights)
    if path.is_dir() or (not path.exists() and (path.name != weights or path.suffix != ".pt")):
        raise UserError(
            "There is no such file of weights.", where=f"--weights {weights}", suggestions=nearest_files(path)
        )
    with _ultralytics(folder):
        if not path.exists():
            path = _download(weights, folder)
        return _load(path)


def _load(path: Path) -> PersonDetector:
    where, fix = f"--weights {path}", "--weights yolov8n.pt   or another YOLO detector that knows persons"
    if path.suffix != ".pt":
        raise UserError("Weights of a YOLO detector end in .pt.", where=where, fix=fix)
    from ultralytics.models import YOLO

    try:
        model = YOLO(str(path), verbose=False)
    except Exception as error:
        # ultralytics raises arbitrary exceptions for files that are not its models.
        raise UserError(
            f"These weights are not a YOLO model that can be read ({type(error).__name__}: {first_line(error)}).",
            where=where,
            fix=fix,
        ) from None
    if model.task != "detect":
        raise UserError(f"These weights are not a detector but a model to {model.task}.", where=where, fix=fix)
    person = next((number for number, name in model.names.items() if name.casefold() == _PERSON), None)
    if person is None:
        names = ", ".join(list(model.names.values())[:10])
        raise UserError(f"These weights know no class 'person'; they know {names}.", where=where, fix=fix)
    return _Yolo(path.name, hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest(), model, person)


def _download(name: str, folder: Path) -> Path:
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES, attempt_download_asset

    if name not in GITHUB_ASSETS_NAMES:
        raise UserError(
            "There is no such file, and ultralytics publishes no weights of this name.",
            where=f"--weights {name}",
            suggestions=suggest(name, sorted(GITHUB_ASSETS_NAMES)) or ["yolov8n.pt"],
        )
    path = folder / name
    if path.exists():
        return path
    unreachable = Failure(
        f"The weights {name} are not here, and {_HOST} cannot be reached to download them.",
        where=f"--weights {name}",
        fix=f"fetch {name} elsewhere, then: --weights PATH/{name}   or --weights none   to go by tags alone",
    )
    log.info("downloading %s from ultralytics at %s (AGPL-3.0) to %s", name, _HOST, path)
    try:
        socket.create_connection((_HOST, 443), timeout=_PATIENCE).close()
        attempt_download_asset(path, retry=1)
    except Exception as error:
        # ultralytics raises exceptions of many types, and removes partial downloads itself.
        raise unreachable from error
    if not path.exists():
        raise unreachable
    return path


@contextmanager
def _ultralytics(folder: Path) -> Iterator[None]:
    """Context that undoes ultralytics' side effects on the process and the user's settings.

    Imported before torch, it would set torch to one thread; it replaces `PIL.Image.open` by a function that installs
    packages, and `torch.save` by one that retries.
    """
    import torch  # before ultralytics
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    opened, saved = Image.open, torch.save
    before = {key: os.environ.get(key) for key in (*_QUIET, "YOLO_CONFIG_DIR", "OMP_NUM_THREADS")}
    os.environ.update(_QUIET, YOLO_CONFIG_DIR=str(folder.resolve()))
    try:
        from ultralytics.utils import SETTINGS

        if SETTINGS["sync"]:
            SETTINGS.update(sync=False)  # type: ignore[no-untyped-call]
        yield
    finally:
        Image.open, torch.save = opened, saved
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
