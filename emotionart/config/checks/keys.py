"""The keys of a run that are not arguments of its targets, or whose ranges a third party's signature does not say.

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


class Target(TypedDict):
    """A node that names what is created of it."""

    _target_: str


class Optimizer(Target, total=False):
    """What several of torch's optimizers have, without saying its range."""

    lr: Weight
    weight_decay: Weight


class Trainer(Target):
    """Lightning's Trainer as far as a run reads it or it knows no range, and the threads that a run sets itself."""

    threads: Annotated[int, Field(ge=1, le=4096)] | None
    max_epochs: Count | None
    max_steps: int
    max_time: Any
    accelerator: str
    devices: int | str | Sequence[int]
    num_nodes: int
    accumulate_grad_batches: Count
    limit_train_batches: Annotated[float, Field(gt=0)] | None
    limit_val_batches: Annotated[float, Field(gt=0)] | None
    overfit_batches: float
    check_val_every_n_epoch: Count | None
    enable_progress_bar: bool


class _Model(Target):
    representation: Part


class Model(_Model, total=False):
    """What a run reads of its model beside the arguments of the task."""

    start: str | None
    features: Any  # a part of a GAN, or names of feature sets
    samples: Annotated[int, Field(ge=2, le=10**9)]
    kid_subset: Annotated[int, Field(ge=2, le=10**9)]
    monitor: Part


class Logger(TypedDict):
    """Where metrics go."""

    metrics_csv: bool
    mode: Literal["auto", "online", "offline", "disabled"]
    tensorboard: bool
    project: str
    entity: str | None
    group: str | None
    job_type: str | None
    name: str | None
    notes: str | None
    id: str | None
    tags: Sequence[str]
    log_model: Literal["none", "best", "all"]


class _Classifier(TypedDict):
    seed: Seed
    monitor: str
    batch_size: Count
    workers: Annotated[int, Field(ge=0, le=1024)]
    cache: str
    judge: str | None
    start: str | None
    explain: bool
    figures: Literal["auto", "now", "later"]
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


class Run(_Classifier, total=False):
    """A whole configuration; `generator` and `discriminator` are a GAN's."""

    generator: Part
    discriminator: Part
