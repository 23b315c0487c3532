"""What an ensemble says of a picture, and the stream of that for many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emotionart.classifier.ensemble import Ensemble
from emotionart.data.pictures.decode import PictureError, load_picture, read_file
from emotionart.data.pictures.unreadable import use_readable
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
    contents, reasons = use_readable(images, read_file)
    predicted = {one.image: one for one in predict_contents(ensemble, contents, thumbnails=thumbnails)}
    return [predicted[image] if image in predicted else Prediction(image, reasons[image]) for image in images]


def predict_contents(ensemble: Ensemble, contents: Mapping[str, bytes], *, thumbnails: bool) -> list[Prediction]:
    """Predicts pictures in their order; one that is none spoils no other.

    Args:
        ensemble: of one run or more.
        contents: of files, by name.
        thumbnails: whether each is to have one.
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
    """Those of the files that are not pictures, each with the reason."""
    reasons = {}
    for image, content in files.items():
        try:
            load_picture(content)
        except PictureError as error:
            reasons[image] = error.reason
    return reasons
