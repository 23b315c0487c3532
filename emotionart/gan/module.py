"""Two networks that learn from each other: a generator of pictures, and a discriminator that tells them from real."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from emotionart.data.loader import Batch
from emotionart.gan.condition import Classes
from emotionart.gan.diffaugment import augment
from emotionart.gan.losses import LOSSES, gradient_penalty
from emotionart.networks.ema import ema_decay, update_average
from emotionart.ranges import Count, Images, Weight
from emotionart.run.checkpoint import DescribedModule

_ADAPT_EVERY = 4  # steps


@dataclass(frozen=True)
class GANOptimizers:
    """How the two players learn: a target of the config group `optimizer`.

    Args:
        lr_generator, lr_discriminator: learning rates.
        discriminator_steps: batches the discriminator learns from before it is the generator's turn.
        generator_steps: steps of the generator in its turn.
        algorithm: called with the parameters and `lr`.
    """

    lr_generator: Weight
    lr_discriminator: Weight
    discriminator_steps: Count
    generator_steps: Count
    algorithm: Callable[..., torch.optim.Optimizer]


class DiscriminatorInput(NamedTuple):
    """What the discriminator is shown.

    Attributes:
        pictures: (B, 3, s, s) in -1..1.
        classes: (B,), None where they are not known or do not matter.
    """

    pictures: Tensor
    classes: Tensor | None


class GAN(DescribedModule):
    """A generator and a discriminator.

    Args:
        generator: called with `latent`; returns a module that maps noise (B, latent) to pictures (B, 3, s, s) in -1..1.
        discriminator: maps pictures (B, 3, s, s) to logits (B,).
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
        ema_halflife: images after which half of the averaged generator is new; None samples from the generator itself.
        adaptive: whether the changes are made with a probability that follows the discriminator's overfitting (ADA:
            Karras et al. 2020), from 0 at the start, instead of always.
        adapt_target: mean sign of the discriminator's logits on augmented real pictures above which it overfits.
        adapt_images: images in which the probability could move from 0 to 1.

    Attributes:
        skipping: whether every second step of the discriminator is left out.

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
        ema_halflife: Annotated[float, Field(ge=1, le=1e12)] | None,
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
        if adaptive and loss == "relativistic":
            raise ValueError(
                "model.adaptive=true steers by the sign of logits, which model.loss=relativistic leaves open"
            )
        if adaptive and not diffaugment:
            raise ValueError("model.adaptive=true needs changes to adapt: model.diffaugment is empty")
        self.automatic_optimization = False
        self.input = input_transform
        self.discriminator = discriminator
        self.condition = condition(features=_features_of(discriminator), counts=counts) if condition else None
        self.generator = generator(latent=latent + (len(self.condition) if self.condition else 0))
        self.average = copy.deepcopy(self.generator).requires_grad_(False) if ema_halflife else None
        self._players = optimizer
        self.latent = latent
        self.losses = LOSSES[loss]
        self.r1, self.r2 = r1, r2
        self.penalty_every = penalty_every
        self.changes = list(diffaugment)
        self.ema_halflife = ema_halflife
        self.adaptive = adaptive
        self.adapt_target = adapt_target
        self.adapt_images = adapt_images
        # The probability of a change, and the signs of real logits and the steps since it was moved last.
        self.register_buffer("adaptation", torch.tensor([0.0 if adaptive else 1.0, 0.0, 0.0]))
        self.skipping = False
        self._seen: dict[str, list[Tensor]] = {}

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

        if not (self.skipping and step % 2):
            self._require_gradients(True)
            with torch.no_grad():
                fake = self.generate(len(real.pictures))
            penalised = step % self.penalty_every == 0
            loss, logits = self.discriminator_loss(real, fake, images, penalised=penalised)
            self._descend(discriminator, loss, "d")
            self._adapt(logits)

        if (step + 1) % self.players.discriminator_steps == 0:
            self._require_gradients(False)
            for _ in range(self.players.generator_steps):
                self._descend(generator, self.generator_loss(real, images), "g")
                self._update_average(len(real.pictures))

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
            real_logits, real_loss = self.judge(real, images)
            fake_logits, fake_loss = self.judge(fake, images)
            return self.losses.discriminator(real_logits, fake_logits) + real_loss + fake_loss, real_logits
        with torch.autocast(self.device.type, enabled=False):  # squared gradients are too small for 16 bits
            real = DiscriminatorInput(real.pictures.detach().float().requires_grad_(bool(self.r1)), real.classes)
            fake = DiscriminatorInput(fake.pictures.detach().float().requires_grad_(bool(self.r2)), fake.classes)
            real_logits, real_loss = self.judge(real, images)
            fake_logits, fake_loss = self.judge(fake, images)
            loss = self.losses.discriminator(real_logits, fake_logits) + real_loss + fake_loss
            for weight, logits, shown in ((self.r1, real_logits, real), (self.r2, fake_logits, fake)):
                if weight:
                    loss = loss + weight * self.penalty_every * gradient_penalty(logits, shown.pictures)
            return loss, real_logits

    def generator_loss(self, real: DiscriminatorInput, images: int) -> Tensor:
        """What the generator minimises, on as many new pictures as there are real ones, `images` into the training."""
        fake_logits, class_loss = self.judge(self.generate(len(real.pictures)), images)
        real_logits = self.judge(real, images)[0] if self.losses.paired else fake_logits
        return self.losses.generator(fake_logits, real_logits) + class_loss

    def judge(self, shown: DiscriminatorInput, images: int = 0) -> tuple[Tensor, Tensor | float]:
        """Logits (B,) of pictures, augmented as in both players' steps, and the weighted loss of their classes."""
        probability = float(self.adaptation[0]) if self.adaptive else 1.0
        pictures = augment(shown.pictures, self.changes, probability)
        if self.condition is None:
            return self.discriminator(pictures), 0.0
        discriminator: Any = self.discriminator
        features = discriminator.features(pictures)
        logits = discriminator.head(features).squeeze(1) + self.condition.projected(features, shown.classes)
        return logits, 0.0 if shown.classes is None else self.condition.loss(features, shown.classes, images)

    def generate(self, count: int) -> DiscriminatorInput:
        """New pictures, from noise of torch's generator, which each step seeds anew."""
        noise = torch.randn(count, self.latent, device=self.device)
        if self.condition is None:
            return DiscriminatorInput(self.generator(noise), None)
        classes = self.condition.draw(count)
        return DiscriminatorInput(self.generator(torch.cat([noise, self.condition.one_hot(classes)], 1)), classes)

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """What the generator is given for some pictures (count, latent or more), from a random generator of the CPU."""
        noise = torch.randn(count, self.latent, generator=generator)
        if self.condition is None:
            return noise
        return torch.cat([noise, self.condition.one_hot(self.condition.draw(count, generator)).cpu()], 1)

    def draw_grid(self, columns: int, generator: torch.Generator) -> Tensor:
        """What it is given for a square of pictures; where it is told classes, a row for each, with the same noise."""
        if self.condition is None:
            return self.draw(columns**2, generator)
        noise = torch.randn(columns, self.latent, generator=generator)
        rows = torch.arange(len(self.condition)).repeat_interleave(columns)
        return torch.cat([noise.repeat(len(self.condition), 1), self.condition.one_hot(rows).cpu()], 1)

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
        self._seen[f"{player}_loss"].append(loss.detach())
        self._seen[f"{player}_gradient"].append(norm)

    @torch.no_grad()
    def _adapt(self, real_logits: Tensor) -> None:
        """Every few steps, moves the probability of changes towards where real logits have the wanted mean sign."""
        if not self.adaptive:
            return
        probability, signs, steps = self.adaptation.tolist()
        signs, steps = signs + float(real_logits.sign().mean()), steps + 1
        if steps == _ADAPT_EVERY:
            direction = 1 if signs / steps > self.adapt_target else -1
            moved = direction * steps * len(real_logits) / self.adapt_images
            probability, signs, steps = min(max(probability + moved, 0.0), 1.0), 0.0, 0
        self.adaptation.copy_(torch.tensor([probability, signs, steps]))

    def _update_average(self, batch: int) -> None:
        if self.average is not None and self.ema_halflife:
            images = batch * self.players.discriminator_steps / self.players.generator_steps
            update_average(self.average, self.generator, ema_decay(images, self.ema_halflife))

    def on_train_epoch_start(self) -> None:
        """Forgets what was seen before the last report."""
        self._seen = {f"{player}_{what}": [] for player in "dg" for what in ("loss", "gradient")}

    def on_train_epoch_end(self) -> None:
        """Logs mean losses and norms of gradients since the last report, and the probability of adaptive changes."""
        self.log_dict({f"gan/{name}": torch.stack(values).mean() for name, values in self._seen.items() if values})
        if self.adaptive:
            self.log("gan/augmented", self.adaptation[0])

    def is_finite(self) -> bool:
        """Whether all losses since the last report are numbers."""
        losses = [loss for name, values in self._seen.items() if name.endswith("loss") for loss in values]
        return not losses or bool(torch.isfinite(torch.stack(losses)).all())

    def pictures(self, stored: Tensor) -> Tensor:
        """Pictures (n, 3, s, s) in -1..1 of stored ones (n, s, s, 3) uint8, on whatever device the module is."""
        found: Tensor = self.input(stored.to(self.device))
        return found

    @torch.inference_mode()
    def logits(self, pictures: Tensor) -> Tensor:
        """The discriminator's logits (n,) of pictures (n, 3, s, s), augmented as in training: all it knows.

        Spectral norm's estimates do not move.
        """
        was_training = self.discriminator.training
        self.discriminator.eval()
        found = torch.cat(
            [self.judge(DiscriminatorInput(part, None))[0] for part in torch.split(pictures.to(self.device), 64)]
        )
        self.discriminator.train(was_training)
        return found.float()

    @torch.inference_mode()
    def sample(self, noise: Tensor) -> Tensor:
        """Pictures (n, 3, s, s) in -1..1 of what `draw` gives, a picture not depending on the others."""
        network = self.sampled
        was_training = network.training
        pictures = torch.cat([network.eval()(part) for part in torch.split(noise.to(self.device), 64)])
        network.train(was_training)
        return pictures.float()


def _features_of(discriminator: nn.Module) -> int:
    """The number of features that its last layer is given.

    Raises:
        ValueError: where it does not say.
    """
    head = getattr(discriminator, "head", None)
    if not (isinstance(head, nn.Linear) and hasattr(discriminator, "features")):
        raise ValueError("A condition on classes needs a discriminator with `features` and a linear `head`")
    return head.in_features
