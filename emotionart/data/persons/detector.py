"""Persons in pictures, behind one small interface, by a YOLO model of ultralytics.

ultralytics is AGPL-3.0: it is imported here alone, and only when a detector is loaded.
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
from emotionart.errors import Failure, UserError, suggest

log = logging.getLogger(__name__)

MOST = 20
"""Persons that are kept of one picture, the surest first."""

FLOOR = 0.05
"""Persons less sure than this are not kept, so that a confidence can be chosen afterwards."""

_PERSON = "person"
_PATIENCE = 10  # seconds after which a server that does not answer is taken for out of reach
_HOST = "github.com"

# Read by ultralytics when it is imported: no question whether there is a network, no analytics, no packages installed
# behind the user's back, no code in weights files.
_QUIET = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "ULTRALYTICS_SAFE_LOAD": "true", "YOLO_VERBOSE": "false"}


class PersonDetector(Protocol):
    """Finds persons."""

    @property
    def name(self) -> str:
        """Of the weights, for people."""

    @property
    def digest(self) -> str:
        """Of the weights: what was found with others is not taken for this one's."""

    def detect(self, pictures: Sequence[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        """The persons of each picture, the surest first: (k, 5), left, top, right, bottom in pixels, and score.

        Args:
            pictures: all of one shape (h, w, 3), sRGB, their sides multiples of 32.
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
        found = self.model.predict(
            [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures],  # it wants BGR
            imgsz=max(pictures[0].shape[:2]),
            conf=FLOOR,
            classes=[self.person],
            max_det=MOST,
            verbose=False,
            save=False,
        )
        torch.set_num_threads(threads)  # it takes one core less than there are, and keeps to that
        return [result.boxes.data[:, :5].cpu().numpy().astype(np.float32) for result in found]


def load_detector(weights: str, folder: Path) -> PersonDetector:
    """The detector of a weights file, or of a name that ultralytics publishes, which is downloaded, and says so.

    Args:
        weights: path of a file, or a name such as "yolov8n.pt".
        folder: where downloaded weights are kept, and ultralytics' settings, apart from the user's.

    Raises:
        UserError: for weights that are not there, or that find no persons.
        Failure: where they cannot be downloaded.
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
        # Whatever a file that is not such a model makes of ultralytics' reading.
        reason = (str(error).splitlines() or [""])[0]
        raise UserError(
            f"These weights are not a YOLO model that can be read ({type(error).__name__}: {reason}).",
            where=where,
            fix=fix,
        ) from None
    if model.task != "detect":
        raise UserError(f"These weights are not a detector but a model to {model.task}.", where=where, fix=fix)
    person = next((number for number, name in model.names.items() if name.casefold() == _PERSON), None)
    if person is None:
        known = ", ".join(list(model.names.values())[:10])
        raise UserError(f"These weights know no class 'person'; they know {known}.", where=where, fix=fix)
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
        # ultralytics raises many kinds, and removes what it has written by half.
        raise unreachable from error
    if not path.exists():
        raise unreachable
    return path


@contextmanager
def _ultralytics(folder: Path) -> Iterator[None]:
    """Lets ultralytics be imported without what it does to its process and its user.

    Imported before torch it would set torch to one thread; it replaces `PIL.Image.open` by one that installs packages,
    and `torch.save` by one that tries again.
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
