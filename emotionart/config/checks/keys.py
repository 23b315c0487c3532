"""Schema of keys that are not arguments of a target, or whose ranges a third-party signature does not define.

Everything else is checked against the signature of the `_target_` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from emotionart.ranges import Count, Seed, Weight

Node = Mapping[str, Any]
"""A node with a `_target_`."""


class Views(TypedDict):
    """Views and random augmentation of training pictures."""

    views: Sequence[str]
    random: Sequence[Node] | None


class Augment(Views, total=False):
    """The same, with the side of augmented pictures for transforms that need it."""

    size: Annotated[int, Field(ge=1)] | None


class Target(TypedDict):
    """A node with the class or function that it instantiates."""

    _target_: str


class Optimizer(Target, total=False):
    """Arguments of several torch optimisers, with their ranges."""

    lr: Weight
    weight_decay: Weight


class Trainer(Target):
    """Trainer settings that a run reads or that need a range, and the run's own `threads`."""

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
    representation: Node


class Model(_Model, total=False):
    """Keys of a model that the run reads, besides the arguments of the task."""

    start: str | None
    features: Any  # a part of a GAN, or a list of feature sets
    samples: Annotated[int, Field(ge=2, le=10**9)]
    kid_subset: Annotated[int, Field(ge=2, le=10**9)]
    monitor: Node


class Logger(TypedDict):
    """Settings of the logger."""

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
    data: Node
    labels: Node
    augment: Augment
    optimizer: Optimizer
    scheduler: Node
    trainer: Trainer
    callbacks: Mapping[str, Node]
    logger: Logger
    model: Model


class Run(_Classifier, total=False):
    """A whole configuration; `generator` and `discriminator` are a GAN's."""

    generator: Node
    discriminator: Node
