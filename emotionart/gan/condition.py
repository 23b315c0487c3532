"""Generated pictures of a class that is asked for: an auxiliary classifier in the discriminator, or a projection."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.ranges import Images, Weight


class Classes(nn.Module):
    """What the discriminator knows of classes, beside whether a picture is real.

    AC-GAN (Odena, Olah and Shlens 2017): from its features it names the class of real and of generated pictures, and
    the generator is to be named right. Projection (Miyato and Koyama 2018): the logit of a picture and a class has a
    term <v_class, features>.

    Args:
        weight: of the classes' cross-entropy in both losses; 0 leaves it out.
        ramp_images: images in which the weight grows from 0: early, the term drives a small class into one picture.
        projection: whether the logit has the term of its class.
        features: number of the discriminator's.
        counts: training artworks of each class; classes are asked for as often as they occur.
    """

    share: Tensor

    def __init__(
        self, weight: Weight, ramp_images: Images, projection: bool, features: int, counts: Sequence[int]
    ) -> None:
        super().__init__()
        self.weight = weight
        self.ramp_images = ramp_images
        self.register_buffer("share", torch.tensor(counts, dtype=torch.float32) / sum(counts), persistent=False)
        self.classifier = nn.Linear(features, len(counts))
        self.embedding = nn.Embedding(len(counts), features) if projection else None
        if self.embedding is not None:
            nn.init.zeros_(self.embedding.weight)

    def __len__(self) -> int:
        return len(self.share)

    def draw(self, count: int, generator: torch.Generator | None = None) -> Tensor:
        """Classes (count,) as often as they occur among the data."""
        share = self.share if generator is None else self.share.cpu()
        return torch.multinomial(share, count, replacement=True, generator=generator)

    def one_hot(self, classes: Tensor) -> Tensor:
        """What the generator is told, (n, K)."""
        return F.one_hot(classes, len(self)).float()

    def projected(self, features: Tensor, classes: Tensor | None) -> Tensor | float:
        """The logits' term of the classes (B,), averaged over all as they occur where they are not known."""
        if self.embedding is None:
            return 0.0
        vectors = self.share @ self.embedding.weight if classes is None else self.embedding(classes)
        return (vectors * features).sum(1)

    def loss(self, features: Tensor, classes: Tensor, images: int) -> Tensor | float:
        """The weighted cross-entropy of the classes (B,), `images` into the training."""
        weight = self.weight * min(1.0, images / self.ramp_images)
        return weight * F.cross_entropy(self.classifier(features), classes) if weight else 0.0
