"""What an ensemble says of a picture, and the stream of that for many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emotionart.classifier.ensemble import Ensemble
from emotionart.data.pictures.decode import PictureError, load_picture, read_file
from emotionart.data.survey.thumbnails import embedded_thumbnail
from emotionart.statistics.calibration.uncertainty import mutual_information

BATCH = 64
"""Pictures that are predicted at a time, and that a killed process may have predicted in vain."""

_SIDE = 128  # of a thumbnail: longer side in pixels


@dataclass(frozen=True)
class Prediction:
    """What is said of one picture.

    Attributes:
        image: its path.
        reason: why it cannot be read, "" where it can.
        probabilities: of the K classes; none for a picture that cannot be read.
        mutual_information: how far the runs of an ensemble disagree, in nats; None for a single run.
        thumbnail: the picture, small, as an address within a page; "" where none was asked for.
    """

    image: str
    reason: str = ""
    probabilities: tuple[float, ...] = ()
    mutual_information: float | None = None
    thumbnail: str = ""


def stream_predictions(ensemble: Ensemble, images: Sequence[str], *, thumbnails: bool) -> Iterator[list[Prediction]]:
    """Predicts pictures batch by batch, in their order; one that cannot be read spoils no other.

    Args:
        ensemble: of one run or more.
        images: paths.
        thumbnails: whether each is to have one.
    """
    for start in range(0, len(images), BATCH):
        yield _predict_batch(ensemble, images[start : start + BATCH], thumbnails)


def _predict_batch(ensemble: Ensemble, images: Sequence[str], thumbnails: bool) -> list[Prediction]:
    files: dict[str, bytes] = {}
    reasons: dict[str, str] = {}
    for image in images:
        try:
            files[image] = read_file(Path(image))
        except PictureError as error:
            reasons[image] = error.reason
    try:
        each = ensemble.predict_each(list(files.values()))
    except PictureError:
        reasons |= _undecodable(files)
        files = {image: content for image, content in files.items() if image not in reasons}
        each = ensemble.predict_each(list(files.values()))
    mean = each.mean(axis=0)
    spread = mutual_information(each).tolist() if len(each) > 1 else [None] * len(files)
    predicted = {
        image: Prediction(
            image,
            probabilities=tuple(mean[row].tolist()),
            mutual_information=spread[row],
            thumbnail=embedded_thumbnail(content, _SIDE) if thumbnails else "",
        )
        for row, (image, content) in enumerate(files.items())
    }
    return [predicted[image] if image in predicted else Prediction(image, reasons[image]) for image in images]


def _undecodable(files: dict[str, bytes]) -> dict[str, str]:
    """Those of the files that are not pictures, each with the reason."""
    reasons = {}
    for image, content in files.items():
        try:
            load_picture(content)
        except PictureError as error:
            reasons[image] = error.reason
    return reasons
