"""What other commands read of a run's `result.json` and `provenance.json`: the least that must be there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic, which brings it, wants this one before Python 3.12

from emotionart.errors import UserError
from emotionart.files import read_json


class _Estimate(TypedDict):
    value: float


class _Part(TypedDict):
    n: int
    acc: _Estimate
    balanced_acc: _Estimate
    f1_macro: _Estimate
    confusion: list[list[float]]


class _Epoch(TypedDict):
    epoch: int


class _Monitored(TypedDict):
    name: str
    value: float


class _Classifier(TypedDict):
    model: str
    classes: list[str]
    representation: dict[str, Any]
    parameters: dict[str, int]
    checkpoint: _Epoch
    monitor: _Monitored
    train: _Part
    validation: _Part
    test: _Part
    baselines: dict[str, dict[str, _Part]]
    ceiling: dict[str, float] | None


class _GAN(TypedDict):
    model: str
    images: int


class _Machine(TypedDict):
    gpu: str | None
    processor: str


class _Provenance(TypedDict):
    code: str
    data: str
    seconds: float
    threads: int
    machine: _Machine


_GAN_RESULT, _CLASSIFIER_RESULT = TypeAdapter(_GAN), TypeAdapter(_Classifier)
_ORIGIN = TypeAdapter(_Provenance)


def read_result(path: Path) -> dict[str, Any]:
    """What a `result.json` holds.

    Raises:
        UserError: for a damaged one.
    """
    content = read_json(path)
    generates = isinstance(content, dict) and content.get("kind") == "gan"
    return _checked(content, _GAN_RESULT if generates else _CLASSIFIER_RESULT, path)


def read_provenance(path: Path) -> dict[str, Any]:
    """What a `provenance.json` holds.

    Raises:
        UserError: for a damaged one.
    """
    return _checked(read_json(path), _ORIGIN, path)


def _checked(content: Any, adapter: TypeAdapter[Any], path: Path) -> dict[str, Any]:
    try:
        adapter.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UserError(f"This file is damaged: {where or 'it'}: {first['msg'].lower()}.", where=str(path)) from None
    found: dict[str, Any] = content
    return found
