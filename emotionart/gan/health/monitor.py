"""Decides whether a GAN's training is healthy, and if not, what is wrong and what to try.

The state follows from the observations at each report; it is reported once it has lasted for some reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from emotionart.ranges import Count

State = Literal["healthy", "discriminator winning", "generator winning", "collapsed", "memorising", "not finite"]
STATES: tuple[State, ...] = get_args(State)

ADVICE: Mapping[str, str] = {
    "discriminator winning": "a lower optimizer.lr_discriminator, every model.diffaugment (colour, translation, "
    "cutout), a higher model.r1 (not with discriminator=projected), or more pictures",
    "generator winning": "a higher optimizer.lr_discriminator, or a wider or deeper discriminator",
    "collapsed": "a lower optimizer.lr_generator, model.loss=relativistic with model.r2=0.1 (no r2 with "
    "discriminator=projected), or a larger batch_size",
    "memorising": "every model.diffaugment (colour, translation, cutout), a smaller generator, fewer images, or more "
    "pictures",
    "not finite": "lower optimizer.lr_generator and optimizer.lr_discriminator, or trainer.precision=32-true",
}
"""What to try in each unhealthy state. Not model.adaptive, which augments at most as often as without it."""

_ALIKE = 0.1  # fraction of `Limits.diversity` below which all pictures are practically the same


@dataclass(frozen=True)
class Observation:
    """The observations at one report.

    Attributes:
        sign_real, sign_heldout, sign_fake: mean sign of the discriminator's logits on training, held-out and generated
            pictures, -1 to 1.
        accuracy: the discriminator's accuracy on training and generated pictures, 0 to 1.
        diversity: mean distance between two generated pictures, relative to that between two real ones.
        nearness: nearest-neighbour ratio: median distance of a generated picture to the nearest training picture,
            relative to that of a held-out picture.
        gradient: mean norm of the generator's gradient since the last report.
        finite: whether losses and pictures are finite.

    Generated pictures come from the generator in training, not from its average.
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
    """The thresholds of the monitor's states: the target of `model.monitor`.

    Args:
        patience: consecutive reports for which a state must last before it is reported; "not finite" is at once.
        grace: images before which only "not finite" is reported: at first every discriminator wins, and every
            generator's pictures look alike.
        winning: accuracy of the discriminator from which it wins.
        vanished: norm of the generator's gradient below which it learns nothing from a winning discriminator.
        gap: difference of the signs on training and held-out pictures from which it wins too, by overfitting.
        losing: sign on generated pictures, if not below that on training pictures, from which the generator wins.
        diversity: diversity below which the generator has collapsed.
        nearness: nearest-neighbour ratio below which it memorises.
        action: response to a lasting state: "warn" reports it; "skip" also leaves out every second step of a winning
            discriminator; "stop" ends training.
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

    def classify(self, observation: Observation, images: int) -> State:
        """The state that an observation indicates, the gravest if there are several."""
        if not observation.finite:
            return "not finite"
        if images <= self.grace:
            return "healthy"
        # Pictures look alike under a discriminator that wins completely. That is not a collapse of the generator,
        # unless they are practically the same although it still has a gradient.
        alike = observation.diversity < _ALIKE * self.diversity
        if observation.accuracy >= self.winning and (observation.gradient < self.vanished or not alike):
            return "discriminator winning"
        if observation.diversity < self.diversity:
            return "collapsed"
        if observation.nearness < self.nearness:
            return "memorising"
        if observation.sign_real - observation.sign_heldout >= self.gap:
            return "discriminator winning"
        if observation.sign_fake >= self.losing and observation.sign_fake >= observation.sign_real:
            return "generator winning"
        return "healthy"


@dataclass
class Monitor:
    """Follows the state of a run.

    Attributes:
        limits: thresholds of the states.
        state: state that was reported last.
        suspected: state that the latest observations indicate.
        reports: number of consecutive reports that indicate it.
        told: every reported state, with the images seen by then.
    """

    limits: Limits
    state: State = "healthy"
    suspected: State = "healthy"
    reports: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)

    def follow(self, observation: Observation, images: int) -> State | None:
        """Adds an observation; returns the new state if it has lasted long enough to be reported, else None."""
        state = self.limits.classify(observation, images)
        self.reports = self.reports + 1 if state == self.suspected else 1
        self.suspected = state
        if state == self.state or (self.reports < self.limits.patience and state != "not finite"):
            return None
        self.state = state
        self.told.append({"images": images, "state": state})
        return state

    def state_dict(self) -> dict[str, Any]:
        """All attributes except the limits, as plain values."""
        return {key: value for key, value in asdict(self).items() if key != "limits"}

    def load_state_dict(self, values: Mapping[str, Any]) -> None:
        """Restores the attributes from `state_dict`."""
        for key, value in values.items():
            setattr(self, key, value)
