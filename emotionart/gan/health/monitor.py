"""Whether a GAN's training is healthy, and if not, what is wrong and what to try.

A state is decided from numbers that are observed at each report; it is told once it has lasted for some reports.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from emotionart.ranges import Count

State = Literal["healthy", "discriminator winning", "generator winning", "collapsed", "memorising", "not finite"]
STATES: tuple[State, ...] = (
    "healthy",
    "discriminator winning",
    "generator winning",
    "collapsed",
    "memorising",
    "not finite",
)

ADVICE: Mapping[str, str] = {
    "discriminator winning": "model.adaptive=true, a lower optimizer.lr_discriminator, model.r1=1, or more pictures",
    "generator winning": "a higher optimizer.lr_discriminator, or a wider or deeper discriminator",
    "collapsed": "a lower optimizer.lr_generator, model.loss=relativistic with model.r2=0.1, or a larger batch_size",
    "memorising": "model.adaptive=true, a smaller generator, fewer images, or more pictures",
    "not finite": "lower optimizer.lr_generator and optimizer.lr_discriminator, or trainer.precision=32-true",
}
"""What to try, for each state that is not healthy."""

_ALIKE = 0.1  # of the diversity at which a generator has collapsed: its pictures are all but one
_COMPARED_SIDE = 16  # pixels: at this side pictures are compared


@dataclass(frozen=True)
class Observation:
    """What is seen at one report.

    Attributes:
        sign_real, sign_heldout, sign_fake: mean sign of the discriminator's logits on training, held-out and generated
            pictures, -1 to 1.
        accuracy: share of training and generated pictures that the discriminator tells right, 0 to 1.
        diversity: mean distance between two generated pictures, in parts of that between two real ones.
        nearness: median distance of a generated picture to the nearest training picture, in parts of that of a
            held-out picture.
        gradient: mean norm of the generator's gradient since the last report.
        finite: whether losses and pictures are numbers.

    Generated pictures are those of the training generator, which the discriminator plays against; not of its average.
    """

    sign_real: float
    sign_heldout: float
    sign_fake: float
    accuracy: float
    diversity: float
    nearness: float
    gradient: float
    finite: bool


@dataclass(frozen=True)
class Limits:
    """Where a state begins: the target of `model.monitor`.

    Args:
        patience: reports in a row for which a state must last before it is told; "not finite" is told at once.
        grace: images before which only "not finite" is told: every discriminator wins at first, and every generator's
            pictures look alike.
        winning: accuracy of the discriminator from which it wins.
        vanished: norm of the generator's gradient below which a winning discriminator teaches it nothing more.
        gap: sign on training pictures above that on held-out ones from which it wins too: it knows them by heart.
        losing: sign on generated pictures, if not below that on training pictures, from which the generator wins.
        diversity: below which the generator has collapsed.
        nearness: below which it memorises.
        action: what a state that lasts leads to: "warn" tells it; "skip" besides leaves out every second step of a
            winning discriminator; "stop" ends training.
    """

    patience: Count
    grace: Annotated[int, Field(ge=0, le=10**12)]
    winning: float
    vanished: float
    gap: float
    losing: float
    diversity: float
    nearness: float
    action: Literal["warn", "skip", "stop"]

    def judge(self, seen: Observation, images: int) -> State:
        """The state that one observation speaks of, the gravest first."""
        if not seen.finite:
            return "not finite"
        if images <= self.grace:
            return "healthy"
        # A discriminator that wins completely leaves pictures that are rather alike: that is its doing, not the
        # generator's, unless they are all but one although there is a gradient to learn from.
        alike = seen.diversity < _ALIKE * self.diversity
        if seen.accuracy >= self.winning and (seen.gradient < self.vanished or not alike):
            return "discriminator winning"
        if seen.diversity < self.diversity:
            return "collapsed"
        if seen.nearness < self.nearness:
            return "memorising"
        if seen.sign_real - seen.sign_heldout >= self.gap:
            return "discriminator winning"
        if seen.sign_fake >= self.losing and seen.sign_fake >= seen.sign_real:
            return "generator winning"
        return "healthy"


@dataclass
class Monitor:
    """Follows a run.

    Attributes:
        limits: where states begin.
        state: what has been told last.
        suspected: what the last reports speak of, and for how many of them.
        told: every state that has been told, with the images seen by then.
    """

    limits: Limits
    state: State = "healthy"
    suspected: State = "healthy"
    reports: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)

    def follow(self, seen: Observation, images: int) -> State | None:
        """Takes up an observation, and gives the state where it has changed for long enough to be told."""
        found = self.limits.judge(seen, images)
        self.reports = self.reports + 1 if found == self.suspected else 1
        self.suspected = found
        if found == self.state or (self.reports < self.limits.patience and found != "not finite"):
            return None
        self.state = found
        self.told.append({"images": images, "state": found})
        return found

    def state_dict(self) -> dict[str, Any]:
        """All but the limits, as plain values."""
        return {key: value for key, value in asdict(self).items() if key != "limits"}

    def load_state_dict(self, values: Mapping[str, Any]) -> None:
        """Takes up where another has stopped."""
        for key, value in values.items():
            setattr(self, key, value)


def thumbnails(pictures: Tensor) -> Tensor:
    """Pictures (n, 3, s, s) as vectors (n, 768) of 16 x 16 averages, in which they are compared."""
    return F.adaptive_avg_pool2d(pictures.float(), _COMPARED_SIDE).flatten(1)


def mean_distance(vectors: Tensor) -> float:
    """Mean distance between two different ones of some vectors (n, D), n at least 2; 0 where all are equal.

    By differences, not by products, whose rounding leaves equal vectors apart.
    """
    count = len(vectors)
    distances = torch.cdist(vectors, vectors, compute_mode="donot_use_mm_for_euclid_dist")
    return float(distances.sum() / (count * (count - 1)))


def nearest_distance(vectors: Tensor, others: Tensor) -> float:
    """Median over vectors (n, D) of the distance to the nearest of others (m, D)."""
    return float(torch.cdist(vectors, others).min(dim=1).values.median())


def ratio(numerator: float, denominator: float) -> float:
    """Quotient; infinite where pictures do not differ at all."""
    return numerator / denominator if denominator > 0 else math.inf
