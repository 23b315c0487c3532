"""Schemas of `result.json` and `provenance.json`: the keys that other commands need."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Generic, NotRequired, TypeVar

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict  # required by pydantic before Python 3.12, and installed with it

from emotionart.files import damaged, read_json
from emotionart.run.state import is_gan

T = TypeVar("T")


class _ByPart(TypedDict, Generic[T]):
    train: T
    validation: T
    test: T


class _Interval(TypedDict):
    """A number with an interval; both are missing if unknown, as for the recall of a class without artworks."""

    value: float | None
    low: NotRequired[float | None]
    high: NotRequired[float | None]


class _Estimate(TypedDict):
    value: float
    low: NotRequired[float | None]
    high: NotRequired[float | None]


class _Bounded(TypedDict):
    value: float
    low: float
    high: float


class _CalibrationError(TypedDict):
    value: float
    expected: float | None
    p: float


class _Part(TypedDict):
    n: int
    groups: int
    acc: _Bounded
    balanced_acc: _Estimate
    f1_macro: _Estimate
    nll: _Estimate
    ece: _CalibrationError
    recall: dict[str, _Interval]
    confusion: list[list[float]]


class _Weights(TypedDict):
    file: str
    epoch: int | None


class _Monitored(TypedDict):
    name: str
    value: float


class _Uncalibrated(TypedDict):
    nll: _Estimate
    ece: _CalibrationError


class _Calibration(TypedDict):
    temperature: float
    part: str
    before: _ByPart[_Uncalibrated]


_Baselines = TypedDict("_Baselines", {"majority": _ByPart[_Part], "logistic regression": NotRequired[_ByPart[_Part]]})
_Lead = TypedDict("_Lead", {"majority": _Bounded, "logistic regression": NotRequired[_Bounded]})


class _Split(TypedDict):
    source: str
    artists: int
    copies: int


class _HumanPart(TypedDict):
    acc: _Bounded
    label_noise: _Estimate
    sampled_acc: _Bounded


class _Level(TypedDict):
    n: int
    acc: _Estimate


class _Classifier(TypedDict):
    model: str
    data: str
    seed: int
    classes: list[str]
    representation: dict[str, Any]
    parameters: dict[str, int]
    epochs: int
    checkpoint: _Weights
    monitor: _Monitored
    calibration: _Calibration
    train: _Part
    validation: _Part
    test: _Part
    baselines: _Baselines
    lead: _Lead
    split: _Split | None
    ties: _ByPart[int]
    ceiling: _ByPart[float] | None
    oracle: _ByPart[float] | None
    human: _ByPart[_HumanPart] | None
    agreement: _ByPart[dict[str, _Level]] | None


class _Images(TypedDict):
    file: str
    images: int


class _Event(TypedDict):
    state: str
    images: int


class _Monitor(TypedDict):
    state: str
    told: list[_Event]
    grace: int


class _GAN(TypedDict):
    model: str
    generator: str
    discriminator: str
    data: str
    seed: int
    classes: list[str] | None
    representation: dict[str, Any]
    pictures: dict[str, int]
    parameters: dict[str, int]
    images: int
    checkpoint: _Images
    metrics: dict[str, float | None]
    monitor: _Monitor


class _Machine(TypedDict):
    python: str
    system: str
    processor: str
    cores: int | None
    gpu: str | None


class _Provenance(TypedDict):
    commit: str | None
    diff: str | None
    code: str
    data: str
    packages: dict[str, str | None]
    machine: _Machine
    threads: int
    started: str
    seconds: float


_GAN_RESULT, _CLASSIFIER_RESULT = TypeAdapter(_GAN), TypeAdapter(_Classifier)
_ORIGIN = TypeAdapter(_Provenance)


def read_result(path: Path) -> dict[str, Any]:
    """The checked contents of a `result.json`.

    Raises:
        UserError: for a damaged file.
    """
    content = read_json(path)
    generated = isinstance(content, dict) and is_gan(content)
    return _checked(content, _GAN_RESULT if generated else _CLASSIFIER_RESULT, path)


def read_provenance(path: Path) -> dict[str, Any]:
    """The checked contents of a `provenance.json`.

    Raises:
        UserError: for a damaged file.
    """
    return _checked(read_json(path), _ORIGIN, path)


def _checked(content: Any, adapter: TypeAdapter[Any], path: Path) -> dict[str, Any]:
    try:
        adapter.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise damaged(path, f"{where or 'it'}: {first['msg'].lower()}") from None
    checked: dict[str, Any] = content
    return checked
