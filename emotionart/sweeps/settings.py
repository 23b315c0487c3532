"""Schemas of the settings of a sweep and of a search, which are not those of a run."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from emotionart.config.checks.values import check_value
from emotionart.errors import UserError
from emotionart.ranges import Count, Seed


class _Launch(TypedDict):
    name: str | None
    folder: str
    dry_run: bool


class SweepSettings(_Launch):
    """The keys of `conf/sweep.yaml` and of the group `sweep`."""

    rerun: Literal["none", "failed", "stale", "all"]
    fail_fast: bool
    summary: bool
    common: Sequence[str]
    rows: Mapping[str, Any]
    grid: Mapping[str, Any]
    seeds: Any
    folds: Any
    repeats: Any


class SearchSettings(_Launch):
    """The keys of `conf/search.yaml`."""

    search: Mapping[str, Any]


class OptunaSettings(TypedDict):
    """The keys of the group `search`; `folds` is checked as `data.validation_folds`."""

    trials: Count
    seed: Seed
    startup: Annotated[int, Field(ge=0)]
    folds: Any
    storage: str | None
    prune: bool
    space: Mapping[str, Any]


def check_settings(settings: Mapping[str, Any], schema: Any, prefix: str = "") -> Iterator[UserError]:
    """Errors in settings: missing keys, and values of another type or out of range.

    Args:
        settings: plain values by key.
        schema: one of the classes above.
        prefix: prefix of the keys in messages.
    """
    for key, hint in typing.get_type_hints(schema, include_extras=True).items():
        if key not in settings:
            yield UserError(f"The key '{prefix}{key}' is needed, and is not there.", where=f"{prefix}{key}")
        else:
            yield from check_value(f"{prefix}{key}", settings[key], hint)
