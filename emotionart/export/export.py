"""Export of a run: the file is compared with the run on real pictures, and kept only if they agree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from emotionart.classifier.predictor import Predictor, load_run
from emotionart.data.pictures.decode import PictureError, decode, read_file
from emotionart.data.pictures.fit import resize
from emotionart.errors import Failure, UserError
from emotionart.export.formats import Answer, Format, read, require_packages, trace, write
from emotionart.export.network import backbones, picture_classifier
from emotionart.files import atomic_write
from emotionart.run.folder import RunFolder
from emotionart.run.split import pictures_tested

TOLERANCE = 1e-4
"""Largest difference in a probability that counts as rounding, for pictures at the training size."""

BFLOAT16_TOLERANCE = 0.05
"""The same if the run computed its features in bfloat16, with 8 bits of precision, but the exported file in float32."""

RESIZED_TOLERANCE = 0.05
"""The same for pictures of any size, whose resizing may differ from the run's by two grey levels."""

_CHECKED = 8  # number of pictures for the check


@dataclass(frozen=True)
class Difference:
    """Difference between an exported file and the run.

    Attributes:
        largest: largest difference in a probability.
        tolerance: maximum allowed difference.
    """

    largest: float
    tolerance: float


@dataclass(frozen=True)
class Export:
    """Result of an export.

    Attributes:
        classes: names of the K classes.
        checked: number of pictures on which it was compared with the run.
        network: difference to the run on pictures resized by the run.
        whole: difference to the run on pictures resized by the exported file.
    """

    classes: tuple[str, ...]
    checked: int
    network: Difference
    whole: Difference


def export(folder: Path, kind: Format, file: Path, images: Sequence[Path] = (), trust: bool = False) -> Export:
    """Writes the classifier of a run as one file, from decoded pictures to probabilities.

    Args:
        folder: run folder.
        kind: format of the file.
        file: path of the file to write.
        images: pictures to check it on; empty for the run's test pictures.
        trust: whether to execute code that the run names and that is not known to be harmless.

    Raises:
        UserError: if the run cannot be loaded or exported, or there is no picture to check it on.
        Failure: if the file's probabilities differ from the run's.
    """
    require_packages(kind)
    predictor = load_run(folder, trust)
    network = picture_classifier(predictor)
    pictures = _readable(images or pictures_tested(RunFolder(folder)), folder)
    with atomic_write(file) as partial:
        write(trace(network), kind, describe(predictor), partial)
        exported = _compare(predictor, read(kind, partial), pictures)
        for difference in (exported.network, exported.whole):
            if difference.largest > difference.tolerance:
                raise Failure(
                    f"The exported network differs from the run by {difference.largest:.2g} in a probability, more "
                    f"than {difference.tolerance:g}; nothing was kept.",
                    where=str(folder),
                )
    return exported


def describe(predictor: Predictor) -> dict[str, str]:
    """Metadata for users of the file, as texts."""
    return {
        "classes": json.dumps(list(predictor.classes), ensure_ascii=False),
        "input": "uint8 pictures (B, H, W, 3), red green blue, sRGB, upright, transparency over white",
        "preprocessing": f"inside: Pillow's antialiased bicubic resize to {predictor.representation.size} pixels a "
        "side, then the normalisation of training",
        "representation": json.dumps(predictor.representation.describe(), ensure_ascii=False),
        "made by": f"emotionart {version('emotionart')}",
    }


def _readable(paths: Sequence[Path], folder: Path) -> list[bytes]:
    """The first readable pictures, as bytes of their files."""
    readable: list[bytes] = []
    for path in paths:
        try:
            content = read_file(path)
            decode(content)
        except PictureError:
            continue
        readable.append(content)
        if len(readable) == _CHECKED:
            break
    if not readable:
        raise UserError(
            "An exported network is checked on real pictures, and none of this run's test split is where it was.",
            where=str(folder),
            fix="--images FOLDER, of any pictures",
        )
    return readable


def _compare(predictor: Predictor, answer: Answer, pictures: Sequence[bytes]) -> Export:
    """Compares a written file with the run, on pictures decoded as by the run."""
    representation = predictor.representation
    own = predictor.predict(pictures)
    decoded = [decode(picture, representation.size) for picture in pictures]
    small = answer(np.stack([resize(picture, representation.size) for picture in decoded]))
    whole = np.concatenate([answer(np.array(picture)[None]) for picture in decoded])
    coarse = any(one.in_bfloat16 for one in backbones(representation))
    return Export(
        predictor.classes,
        len(pictures),
        Difference(float(np.abs(small - own).max()), BFLOAT16_TOLERANCE if coarse else TOLERANCE),
        Difference(float(np.abs(whole - own).max()), RESIZED_TOLERANCE),
    )
