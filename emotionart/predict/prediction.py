"""Predictions of an ensemble for pictures, one batch after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emotionart.classifier.ensemble import Ensemble
from emotionart.data.pictures.decode import PictureError, load_picture, read_file
from emotionart.data.pictures.unreadable import use_readable
from emotionart.data.survey.thumbnails import embedded_thumbnail
from emotionart.statistics.calibration.uncertainty import mutual_information

BATCH = 64
"""Number of pictures that are predicted at a time, and the most predictions that a killed process loses."""

_SIDE = 128  # longer side of a thumbnail in pixels


@dataclass(frozen=True)
class Prediction:
    """The prediction for one picture.

    Attributes:
        image: path of the picture.
        reason: why it cannot be read, "" if it can.
        probabilities: probabilities of the K classes; () for an unreadable picture.
        mutual_information: disagreement of the runs of an ensemble, in nats; None for a single run.
        thumbnail: small copy of the picture as a data URL; "" if not requested.
    """

    image: str
    reason: str = ""
    probabilities: tuple[float, ...] = ()
    mutual_information: float | None = None
    thumbnail: str = ""


def stream_predictions(ensemble: Ensemble, images: Sequence[str], *, thumbnails: bool) -> Iterator[list[Prediction]]:
    """Yields the predictions for pictures batch by batch, in order, unreadable ones included.

    Args:
        ensemble: ensemble of one or more runs.
        images: paths of the pictures.
        thumbnails: whether to make a thumbnail of each picture.
    """
    for start in range(0, len(images), BATCH):
        yield _predict_batch(ensemble, images[start : start + BATCH], thumbnails)


def _predict_batch(ensemble: Ensemble, images: Sequence[str], thumbnails: bool) -> list[Prediction]:
    contents, reasons = use_readable(images, read_file)
    predicted = {one.image: one for one in predict_contents(ensemble, contents, thumbnails=thumbnails)}
    return [predicted[image] if image in predicted else Prediction(image, reasons[image]) for image in images]


def predict_contents(ensemble: Ensemble, contents: Mapping[str, bytes], *, thumbnails: bool) -> list[Prediction]:
    """The predictions for pictures whose files have been read, in order; files that are no pictures have a reason.

    Args:
        ensemble: ensemble of one or more runs.
        contents: bytes of the files, by name.
        thumbnails: whether to make a thumbnail of each picture.
    """
    reasons: dict[str, str] = {}
    try:
        each = ensemble.predict_each(list(contents.values()))
    except PictureError:
        reasons = _undecodable(contents)
        each = ensemble.predict_each([content for image, content in contents.items() if image not in reasons])
    mean = each.mean(axis=0).tolist()
    spread = mutual_information(each).tolist() if len(each) > 1 else [None] * len(mean)
    numbers = zip(mean, spread, strict=True)
    predictions = []
    for image, content in contents.items():
        if image in reasons:
            predictions.append(Prediction(image, reasons[image]))
            continue
        probabilities, information = next(numbers)
        thumbnail = embedded_thumbnail(content, _SIDE) if thumbnails else ""
        predictions.append(Prediction(image, "", tuple(probabilities), information, thumbnail))
    return predictions


def _undecodable(files: Mapping[str, bytes]) -> dict[str, str]:
    """The names of the files that are not pictures, each with the reason."""
    reasons = {}
    for image, content in files.items():
        try:
            load_picture(content)
        except PictureError as error:
            reasons[image] = error.reason
    return reasons
