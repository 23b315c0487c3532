"""The keys of a run that are no arguments of its targets, or whose ranges a third party's signature does not say.

Everything else is checked against the signature of the `_target_` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from emotionart.ranges import Count, Seed, Weight

Part = Mapping[str, Any]
"""A node with a `_target_`."""


class Augment(TypedDict):
    """Views and random changes of a training picture."""

    views: Sequence[str]
    random: Sequence[Part] | None


class Optimizer(TypedDict, total=False):
    """What several of torch's optimizers have, without saying its range."""

    lr: Weight
    weight_decay: Weight


class Trainer(TypedDict):
    """Lightning's Trainer, and the threads that a run sets itself."""

    threads: Annotated[int, Field(ge=1, le=4096)] | None
    max_epochs: Count | None


class Model(TypedDict, total=False):
    """What a run reads of its model beside the arguments of the task."""

    representation: Part
    start: str | None
    features: Any  # a part of a GAN, or names of feature sets
    samples: Annotated[int, Field(ge=2, le=10**9)]
    kid_subset: Annotated[int, Field(ge=2, le=10**9)]
    monitor: Part


class Logger(TypedDict):
    """Where metrics go."""

    metrics_csv: bool
    mode: Literal["auto", "online", "offline", "disabled"]
    project: str
    entity: str | None
    group: str | None
    job_type: str | None
    name: str | None
    notes: str | None
    id: str | None
    tags: Sequence[str]
    log_model: Literal["none", "best", "all"]


class Run(TypedDict, total=False):
    """A whole configuration; `generator` and `discriminator` are a GAN's."""

    seed: Seed
    monitor: str
    batch_size: Count
    workers: Annotated[int, Field(ge=0, le=1024)]
    cache: str
    judge: str | None
    start: str | None
    explain: bool
    resume: str | None
    data: Part
    labels: Part
    augment: Augment
    optimizer: Optimizer
    scheduler: Part
    trainer: Trainer
    callbacks: Mapping[str, Part]
    logger: Logger
    model: Model
    generator: Part
    discriminator: Part
