"""Two networks that learn from each other: a generator of pictures, and a discriminator that tells them from real."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.data.loader import Batch
from emotionart.gan.step.adaptive import adapted, require_adaptable
from emotionart.gan.step.condition import Classes, features_of
from emotionart.gan.step.diffaugment import augment
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.gan.step.latents import Latents, sample
from emotionart.gan.step.losses import LOSSES, gradient_penalty, per_picture
from emotionart.gan.step.optimizers import GANOptimizers
from emotionart.gan.step.record import StepRecord
from emotionart.gan.step.schedule import CosineSchedule
from emotionart.networks.gan.ema import ema_decay, update_average
from emotionart.ranges import Count, Images, Share, Weight
from emotionart.run.checkpoint import DescribedModule


class GAN(DescribedModule):
    """A generator and a discriminator.

    Args:
        generator: called with `latent`, and with `classes` where there is a condition; returns a module that maps noise
            (B, latent), or with classes one-hot (B, latent + classes), to pictures (B, 3, s, s) in -1..1.
        discriminator: maps pictures (B, 3, s, s) to logits (B,), or (B, P) for places, which are averaged. One with
            `calibrate` is given real pictures before training.
        input_transform: from stored pictures (B, s, s, 3) uint8 to pictures (B, 3, s, s) in -1..1.
        optimizer: how both learn; None for a GAN that only generates.
        counts: training artworks of each class; None where `condition` is.
        condition: called with `features`, the number of the discriminator's, and `counts`; what both players are told
            of classes. None tells nothing; otherwise the discriminator must have `features` and a `head`.
        latent: numbers of noise for a picture.
        images: real pictures shown to the discriminator, in all.
        report_every: of them between two reports and checkpoints.
        loss: what they minimise.
        r1, r2: weights of the gradient penalties on real and on generated pictures; 0 leaves them out.
        penalty_every: steps from one computation of the penalties to the next, at which they weigh so much more.
        diffaugment: changes to real and generated pictures before the discriminator sees them.
        cutout: side of the square that is cut out, in parts of the picture's.
        ema_halflife: images after which half of the averaged generator is new; None samples from the generator itself.
        ema_ramp: the half-life is at most this part of the images seen (Karras et al. 2021); None: no such limit.
        schedule: of learning rates, penalties and half-life; None leaves them as they are.
        adaptive: whether the changes are made with a probability that follows the discriminator's overfitting (ADA:
            Karras et al. 2020), from 0 at the start, instead of always.
        adapt_target: mean sign of the discriminator's logits on augmented real pictures above which it overfits.
        adapt_images: images in which the probability could move from 0 to 1.

    Attributes:
        skipping: whether every second step of the discriminator is left out.
        latents: what the generator is given.
        record: of the steps since the last report.

    Raises:
        ValueError: for a discriminator with batch norm under a gradient penalty, which makes no sense: the penalty
            asks how a logit changes with its own picture; for adaptive changes where there are none.
    """

    UNUSED_GROUPS: ClassVar[dict[str, str]] = {"scheduler": "constant", "callbacks": "none"}
    """Config groups that a GAN does not use, with the option that they must be left at."""

    def __init__(
        self,
        generator: Callable[..., nn.Module],
        discriminator: nn.Module,
        input_transform: nn.Module,
        optimizer: GANOptimizers | None,
        counts: Sequence[int] | None,
        condition: Callable[..., Classes] | None,
        latent: Annotated[int, Field(ge=1, le=65_536)],
        images: Images,
        report_every: Images,
        loss: Literal["nonsaturating", "hinge", "relativistic"],
        r1: Weight,
        r2: Weight,
        penalty_every: Count,
        diffaugment: Sequence[Literal["colour", "translation", "cutout"]],
        cutout: Share,
        ema_halflife: Annotated[float, Field(ge=1, le=1e12)] | None,
        ema_ramp: Weight | None,
        schedule: CosineSchedule | None,
        adaptive: bool,
        adapt_target: Annotated[float, Field(ge=-1, le=1)],
        adapt_images: Annotated[float, Field(ge=1, le=1e12)],
    ) -> None:
        super().__init__()
        if (r1 or r2) and any(isinstance(part, _BatchNorm) for part in discriminator.modules()):
            raise ValueError(
                "A discriminator with batch norm cannot have a gradient penalty, since each logit depends on the whole "
                "batch: use spectral norm instead, or model.r1=0 model.r2=0"
            )
        if adaptive:
            require_adaptable(loss, diffaugment)
        self.automatic_optimization = False
        self.input = input_transform
        self.discriminator = discriminator
        self.condition = condition(features=features_of(discriminator), counts=counts) if condition else None
        told = {"classes": len(self.condition)} if self.condition else {}
        self.generator = generator(latent=latent, **told)
        self.latents = Latents(latent, self.condition.share.clone() if self.condition else None)
        self.average = copy.deepcopy(self.generator).requires_grad_(False) if ema_halflife else None
        self._players = optimizer
        self.losses = LOSSES[loss]
        self.r1, self.r2 = r1, r2
        self.penalty_every = penalty_every
        self.changes = list(diffaugment)
        self.cutout = cutout
        self.ema_halflife, self.ema_ramp = ema_halflife, ema_ramp
        self.schedule = schedule
        self.adaptive = adaptive
        self.adapt_target = adapt_target
        self.adapt_images = adapt_images
        # The probability of a change, and the signs of real logits and the steps since it was moved last.
        self.register_buffer("adaptation", torch.tensor([0.0 if adaptive else 1.0, 0.0, 0.0]))
        self.skipping = False
        self.record = StepRecord()

    adaptation: Tensor

    @property
    def players(self) -> GANOptimizers:
        """How both networks learn."""
        assert self._players is not None, "a GAN that only generates does not learn"
        return self._players

    @property
    def sampled(self) -> nn.Module:
        """The network that pictures are sampled from: the averaged generator, if there is one."""
        return self.average or self.generator

    @property
    def seen_through(self) -> str | None:
        """The digest of the frozen network that the discriminator looks through, if it does."""
        return getattr(self.discriminator, "digest", None)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """The generator's optimiser, then the discriminator's."""
        players = self.players
        return [
            players.algorithm(self.generator.parameters(), lr=players.lr_generator),
            players.algorithm(self._discriminating(), lr=players.lr_discriminator),
        ]

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """The discriminator learns from one batch; then, when it is its turn, the generator."""
        step = self.current_epoch * int(self.trainer.num_training_batches) + batch_idx
        generator, discriminator = self.optimizers()  # type: ignore[attr-defined]
        real = DiscriminatorInput(self.input(batch.inputs), batch.label if self.condition else None)
        images = step * len(real.pictures)
        if self.schedule:
            self.schedule.steer((generator, discriminator), images)

        if not (self.skipping and step % 2):
            self._require_gradients(True)
            with torch.no_grad():
                fake = self.generate(len(real.pictures))
            penalised = step % self.penalty_every == 0
            loss, logits = self.discriminator_loss(real, fake, images, penalised=penalised)
            self._descend(discriminator, loss, "d")
            if self.adaptive:
                self._adapt(logits)

        if (step + 1) % self.players.discriminator_steps == 0:
            self._require_gradients(False)
            for _ in range(self.players.generator_steps):
                self._descend(generator, self.generator_loss(real, images), "g")
                self._update_average(len(real.pictures), images)

    def discriminator_loss(
        self, real: DiscriminatorInput, fake: DiscriminatorInput, images: int, penalised: bool
    ) -> tuple[Tensor, Tensor]:
        """What the discriminator minimises, with the gradient penalties or without; and its logits of real pictures.

        Args:
            real, fake: pictures, with their classes where there is a condition.
            images: seen before.
            penalised: whether penalties are due at this step.
        """
        if not (penalised and (self.r1 or self.r2)):
            real_logits, real_loss = self.discriminate(real, images)
            fake_logits, fake_loss = self.discriminate(fake, images)
            return self.losses.discriminator(real_logits, fake_logits) + real_loss + fake_loss, real_logits
        with torch.autocast(self.device.type, enabled=False):  # squared gradients are too small for 16 bits
            real = DiscriminatorInput(real.pictures.detach().float().requires_grad_(bool(self.r1)), real.classes)
            fake = DiscriminatorInput(fake.pictures.detach().float().requires_grad_(bool(self.r2)), fake.classes)
            real_logits, real_loss = self.discriminate(real, images)
            fake_logits, fake_loss = self.discriminate(fake, images)
            loss = self.losses.discriminator(real_logits, fake_logits) + real_loss + fake_loss
            scale = self.penalty_every * (self.schedule.between(self.schedule.penalty, images) if self.schedule else 1)
            for weight, logits, shown in ((self.r1, real_logits, real), (self.r2, fake_logits, fake)):
                if weight:
                    loss = loss + scale * weight * gradient_penalty(logits, shown.pictures)
            return loss, real_logits

    def generator_loss(self, real: DiscriminatorInput, images: int) -> Tensor:
        """What the generator minimises, on as many new pictures as there are real ones, `images` into the training."""
        fake_logits, class_loss = self.discriminate(self.generate(len(real.pictures)), images)
        real_logits = self.discriminate(real, images)[0] if self.losses.paired else fake_logits
        return self.losses.generator(fake_logits, real_logits) + class_loss

    def discriminate(self, shown: DiscriminatorInput, images: int = 0) -> tuple[Tensor, Tensor | float]:
        """Logits of pictures, augmented as in both players' steps, and the weighted loss of their classes.

        Returns:
            (B,), or (B, P) of a discriminator that answers for places.
        """
        pictures = augment(shown.pictures, self.changes, self.cutout, self.adaptation[0] if self.adaptive else None)
        if self.condition is None:
            return self.discriminator(pictures), 0.0
        discriminator: Any = self.discriminator
        features = discriminator.features(pictures)
        logits = discriminator.head(features).squeeze(-1) + self.condition.projected(features, shown.classes)
        return logits, 0.0 if shown.classes is None else self.condition.loss(features, shown.classes, images)

    def generate(self, count: int) -> DiscriminatorInput:
        """New pictures, from noise of torch's generator, which each step seeds anew."""
        noise = torch.randn(count, self.latents.size, device=self.device)
        if self.condition is None:
            return DiscriminatorInput(self.generator(noise), None)
        classes = self.condition.draw(count)
        return DiscriminatorInput(self.generator(self.latents.of_class(noise, classes)), classes)

    def _discriminating(self) -> list[nn.Parameter]:
        return [*self.discriminator.parameters(), *(self.condition.parameters() if self.condition else ())]

    def _require_gradients(self, required: bool) -> None:
        """Whether the discriminator is to learn."""
        for weight in self._discriminating():
            weight.requires_grad_(required)

    def _descend(self, optimizer: Any, loss: Tensor, player: str) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        gradients = [weight.grad for group in optimizer.param_groups for weight in group["params"]]
        norm = torch.nn.utils.get_total_norm([gradient for gradient in gradients if gradient is not None])
        optimizer.step()
        self.record.add(player, loss, norm)

    @torch.no_grad()
    def _adapt(self, real_logits: Tensor) -> None:
        """Moves the probability of changes, given the logits of the step's real pictures."""
        signs = per_picture(real_logits).sign().float().mean()
        self.adaptation.copy_(adapted(self.adaptation, signs, len(real_logits), self.adapt_target, self.adapt_images))

    def _update_average(self, batch: int, images: int) -> None:
        """Moves the averaged generator, `images` into the training."""
        if self.average is None or not self.ema_halflife:
            return
        halflife = self.ema_halflife
        if self.schedule is not None:
            halflife *= self.schedule.between(self.schedule.halflife, images)
        if self.ema_ramp is not None:
            halflife = min(halflife, self.ema_ramp * images)
        shown = batch * self.players.discriminator_steps / self.players.generator_steps
        update_average(self.average, self.generator, ema_decay(shown, halflife))

    def on_train_epoch_start(self) -> None:
        """Begins a new record."""
        self.record = StepRecord()

    def on_train_epoch_end(self) -> None:
        """Logs mean losses and norms of gradients since the last report, and the probability of adaptive changes."""
        self.log_dict({f"gan/{name}": value for name, value in self.record.means().items()})
        if self.adaptive:
            self.log("gan/augmented", self.adaptation[0])

    def calibrate(self, stored: Tensor) -> None:
        """Shows real pictures (n, s, s, 3) uint8 to a discriminator that takes statistics of them before training."""
        if hasattr(self.discriminator, "calibrate"):
            self.discriminator.calibrate(self.pictures(stored))  # type: ignore[operator]

    def pictures(self, stored: Tensor) -> Tensor:
        """Pictures (n, 3, s, s) in -1..1 of stored ones (n, s, s, 3) uint8, on whatever device the module is."""
        found: Tensor = self.input(stored.to(self.device))
        return found

    @torch.inference_mode()
    def sample(self, latents: Tensor) -> Tensor:
        """Pictures (n, 3, s, s) in -1..1 of what `latents` draws, a picture not depending on the others."""
        return sample(self.sampled, latents.to(self.device))
