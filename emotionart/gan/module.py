"""The GAN as a Lightning module: a generator of pictures, and a discriminator of real and generated ones."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from emotionart.data.loader import Batch
from emotionart.data.share import ALONE, BatchShare
from emotionart.gan.step.adaptive import adapted, require_adaptable
from emotionart.gan.step.condition import Classes, features_of
from emotionart.gan.step.diffaugment import augment
from emotionart.gan.step.discriminator_input import DiscriminatorInput
from emotionart.gan.step.latents import Latents, sample
from emotionart.gan.step.losses import LOSSES, gradient_penalty, per_picture, require_penalisable
from emotionart.gan.step.means import average
from emotionart.gan.step.optimizers import GANOptimizers
from emotionart.gan.step.record import StepRecord
from emotionart.gan.step.schedule import CosineSchedule
from emotionart.networks.gan.ema import ema_decay, update_average
from emotionart.networks.gan.pyramid import Origin
from emotionart.ranges import Count, Images, Share, Weight
from emotionart.run.training.checkpoint import DescribedModule


class GAN(DescribedModule):
    """A generator and a discriminator.

    Args:
        generator: called with `latent`, and with `classes` if conditional; returns a module from noise (B, latent), or
            noise with one-hot classes (B, latent + classes), to pictures (B, 3, s, s) in -1..1.
        discriminator: maps pictures (B, 3, s, s) to logits (B,), or (B, P) for P positions, which are averaged.
            One with `calibrate` gets real pictures before training.
        input_transform: module from stored pictures (B, s, s, 3) uint8 to pictures (B, 3, s, s) in -1..1.
        optimizer: optimisers of both networks; None for a GAN that only generates.
        counts: training artworks of each class; None without a condition.
        condition: called with `features`, the discriminator's number of features, and `counts`; class conditioning of
            both networks. None for an unconditional GAN; else the discriminator needs `features` and a `head`.
        latent: dimension of the noise.
        images: total number of real pictures shown to the discriminator.
        report_every: images between two reports and checkpoints.
        loss: loss of both networks.
        r1, r2: weights of the gradient penalties on real and on generated pictures; 0 for none.
        penalty_every: steps between two computations of the penalties, whose weights are multiplied by it.
        diffaugment: augmentations of real and generated pictures before the discriminator.
        cutout: side of the square that is cut out, relative to the picture's.
        ema_halflife: half-life of the averaged generator (EMA) in images; None samples from the generator itself.
        ema_ramp: upper limit of the half-life relative to the images seen (Karras et al. 2021); None for no limit.
        schedule: schedule of learning rates, penalties and half-life; None keeps them constant.
        adaptive: whether to augment with a probability that follows the discriminator's overfitting (ADA: Karras et
            al. 2020), from 0 at the start, instead of always.
        adapt_target: mean sign of the discriminator's logits on augmented real pictures above which it overfits.
        adapt_images: images in which the probability can move from 0 to 1.

    Attributes:
        skipping: whether every second step of the discriminator is left out.
        latents: distribution of the generator's input.
        record: losses and gradients since the last report, of whole batches.
        share: this device's part of each training batch.

    Raises:
        ValueError: for a gradient penalty on a discriminator with batch norm; for adaptive augmentation without
            augmentations.
    """

    UNUSED_GROUPS: ClassVar[dict[str, str]] = {"scheduler": "constant", "callbacks": "none"}
    """Config groups that a GAN does not use, with the option that they must have."""

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
        if r1 or r2:
            require_penalisable(discriminator)
        if adaptive:
            require_adaptable(loss, diffaugment)
        self.automatic_optimization = False
        self.input = input_transform
        self.discriminator = discriminator
        self.condition = condition(features=features_of(discriminator), counts=counts) if condition else None
        conditioning = {"classes": len(self.condition)} if self.condition else {}
        self.generator = generator(latent=latent, **conditioning)
        self.latents = Latents(latent, self.condition.share.clone() if self.condition else None)
        self.average = copy.deepcopy(self.generator).requires_grad_(False) if ema_halflife else None
        self._optimizer_settings = optimizer
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
        # Probability of augmentation; sum of the signs of real logits, and steps, since its last update.
        self.register_buffer("adaptation", torch.tensor([0.0 if adaptive else 1.0, 0.0, 0.0]))
        self.skipping = False
        self.record = StepRecord()
        self.share = ALONE

    adaptation: Tensor

    @property
    def optimizer_settings(self) -> GANOptimizers:
        """How both networks are optimised."""
        assert self._optimizer_settings is not None, "a GAN that only generates does not learn"
        return self._optimizer_settings

    @property
    def sampled(self) -> nn.Module:
        """The network that pictures are sampled from: the averaged generator if there is one, else the generator."""
        return self.average or self.generator

    @property
    def seen_through(self) -> Origin | None:
        """Where the weights of the discriminator's frozen feature network come from, if it has one."""
        return getattr(self.discriminator, "origin", None)

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """The generator's optimiser, then the discriminator's."""
        settings = self.optimizer_settings
        return [
            settings.algorithm(self.generator.parameters(), lr=settings.lr_generator),
            settings.algorithm(self._discriminator_weights(), lr=settings.lr_discriminator),
        ]

    def on_train_start(self) -> None:
        """Sets the share of this device."""
        self.share = BatchShare(self.global_rank, self.trainer.world_size)

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Updates the discriminator on one batch, then the generator when it is its turn."""
        step = self.current_epoch * int(self.trainer.num_training_batches) + batch_idx
        generator, discriminator = self.optimizers()  # type: ignore[attr-defined]
        classes = self.share.of(batch.label) if self.condition else None
        real = DiscriminatorInput(self.input(batch.inputs), classes, self.share)
        images = step * len(batch.label)
        if self.schedule:
            self.schedule.steer((generator, discriminator), images)

        if not (self.skipping and step % 2):
            self._require_gradients(True)
            with torch.no_grad():
                fake = self.generate(len(real.pictures), self.share)
            penalised = step % self.penalty_every == 0
            loss, logits = self.discriminator_loss(real, fake, images, penalised=penalised)
            self._descend(discriminator, loss, "d")
            if self.adaptive:
                self._adapt(logits)

        if (step + 1) % self.optimizer_settings.discriminator_steps == 0:
            self._require_gradients(False)
            for _ in range(self.optimizer_settings.generator_steps):
                self._descend(generator, self.generator_loss(real, images), "g")
                self._update_average(len(batch.label), images)

    def discriminator_loss(
        self, real: DiscriminatorInput, fake: DiscriminatorInput, images: int, penalised: bool
    ) -> tuple[Tensor, Tensor]:
        """The discriminator's loss, with gradient penalties if they are due, and its logits of real pictures.

        Args:
            real, fake: pictures, with their classes if conditional.
            images: images seen so far.
            penalised: whether penalties are due at this step.
        """
        if not (penalised and (self.r1 or self.r2)):
            real_logits, real_loss = self.discriminate(real, images)
            fake_logits, fake_loss = self.discriminate(fake, images)
            return self.losses.discriminator(real_logits, fake_logits) + real_loss + fake_loss, real_logits
        with torch.autocast(self.device.type, enabled=False):  # squared gradients are too small for 16 bits
            real = real._replace(pictures=real.pictures.detach().float().requires_grad_(bool(self.r1)))
            fake = fake._replace(pictures=fake.pictures.detach().float().requires_grad_(bool(self.r2)))
            real_logits, real_loss = self.discriminate(real, images)
            fake_logits, fake_loss = self.discriminate(fake, images)
            loss = self.losses.discriminator(real_logits, fake_logits) + real_loss + fake_loss
            scale = self.penalty_every * (self.schedule.between(self.schedule.penalty, images) if self.schedule else 1)
            for weight, logits, inputs in ((self.r1, real_logits, real), (self.r2, fake_logits, fake)):
                if weight:
                    loss = loss + scale * weight * gradient_penalty(logits, inputs.pictures)
            return loss, real_logits

    def generator_loss(self, real: DiscriminatorInput, images: int) -> Tensor:
        """The generator's loss on as many new pictures as real ones, after `images` images of training."""
        fake_logits, class_loss = self.discriminate(self.generate(len(real.pictures), real.share), images)
        real_logits = self.discriminate(real, images)[0] if self.losses.paired else fake_logits
        return self.losses.generator(fake_logits, real_logits) + class_loss

    def discriminate(self, inputs: DiscriminatorInput, images: int = 0) -> tuple[Tensor, Tensor | float]:
        """Logits (B,) or (B, P) of pictures, augmented as in training, and the loss of their classes, 0 without any.

        The weight of the loss is that after `images` images of training.
        """
        probability = self.adaptation[0] if self.adaptive else None
        pictures = augment(inputs.pictures, self.changes, self.cutout, probability, inputs.share)
        if self.condition is None:
            return self.discriminator(pictures), 0.0
        discriminator: Any = self.discriminator
        features = discriminator.features(pictures)
        logits = discriminator.head(features).squeeze(-1) + self.condition.projected(features, inputs.classes)
        return logits, 0.0 if inputs.classes is None else self.condition.loss(features, inputs.classes, images)

    def generate(self, count: int, share: BatchShare = ALONE) -> DiscriminatorInput:
        """Generates pictures from noise of torch's random generator, which each step reseeds."""
        noise = share.of(torch.randn(share.whole(count), self.latents.size, device=self.device))
        if self.condition is None:
            return DiscriminatorInput(self.generator(noise), None, share)
        classes = share.of(self.condition.draw(share.whole(count)))
        return DiscriminatorInput(self.generator(self.latents.of_class(noise, classes)), classes, share)

    def _discriminator_weights(self) -> list[nn.Parameter]:
        return [*self.discriminator.parameters(), *(self.condition.parameters() if self.condition else ())]

    def _require_gradients(self, required: bool) -> None:
        """Switches the gradients of the discriminator on or off."""
        for weight in self._discriminator_weights():
            weight.requires_grad_(required)

    def _descend(self, optimizer: Any, loss: Tensor, player: str) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        mean = loss.detach().float()
        average([mean, *gradients], self.share.devices)
        norm = torch.nn.utils.get_total_norm(gradients)
        optimizer.step()
        self.record.add(player, mean, norm)

    @torch.no_grad()
    def _adapt(self, real_logits: Tensor) -> None:
        """Updates the probability of augmentation from the logits of the step's real pictures."""
        signs, count = per_picture(real_logits).sign().float().mean(), self.share.whole(len(real_logits))
        average([signs], self.share.devices)
        self.adaptation.copy_(adapted(self.adaptation, signs, count, self.adapt_target, self.adapt_images))

    def _update_average(self, batch: int, images: int) -> None:
        """Updates the averaged generator after `images` images of training."""
        if self.average is None or not self.ema_halflife:
            return
        halflife = self.ema_halflife
        if self.schedule is not None:
            halflife *= self.schedule.between(self.schedule.halflife, images)
        if self.ema_ramp is not None:
            halflife = min(halflife, self.ema_ramp * images)
        settings = self.optimizer_settings
        per_update = batch * settings.discriminator_steps / settings.generator_steps
        update_average(self.average, self.generator, ema_decay(per_update, halflife))

    def on_train_epoch_start(self) -> None:
        """Starts a new record."""
        self.record = StepRecord()

    def on_train_epoch_end(self) -> None:
        """Logs mean losses and gradient norms since the last report, and the probability of adaptive augmentation."""
        self.log_dict({f"gan/{name}": value for name, value in self.record.means().items()})
        if self.adaptive:
            self.log("gan/augmented", self.adaptation[0])

    def calibrate(self, stored: Tensor) -> None:
        """Passes real pictures (n, s, s, 3) uint8 to a discriminator that needs their statistics before training."""
        if hasattr(self.discriminator, "calibrate"):
            self.discriminator.calibrate(self.pictures(stored))  # type: ignore[operator]

    def pictures(self, stored: Tensor) -> Tensor:
        """Pictures (n, 3, s, s) in -1..1 from stored ones (n, s, s, 3) uint8, on the module's device."""
        pictures: Tensor = self.input(stored.to(self.device))
        return pictures

    @torch.inference_mode()
    def sample(self, latents: Tensor) -> Tensor:
        """Pictures (n, 3, s, s) in -1..1 from inputs (n, D), each independent of the others."""
        return sample(self.sampled, latents.to(self.device))
