"""Class conditioning of a GAN: an auxiliary classifier in the discriminator, or a projection."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.ranges import Images, Weight


class Classes(nn.Module):
    """Class terms of the discriminator's logits and of both losses.

    AC-GAN (Odena, Olah and Shlens 2017): a linear layer on its features classifies real and generated pictures, and
    the generator learns to be classified correctly. Projection (Miyato and Koyama 2018): the logit of a picture and a
    class has a term <v_class, features>.

    Args:
        weight: weight of the classes' cross-entropy in both losses; 0 for none.
        ramp_images: images over which the weight grows from 0; early, the term collapses a small class to one picture.
        projection: whether the logit has the projection term.
        features: number of the discriminator's features.
        counts: training artworks of each class; classes are drawn with these frequencies.
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

    def draw(self, count: int) -> Tensor:
        """Random classes (count,) with their frequencies in the data."""
        return torch.multinomial(self.share, count, replacement=True)

    def projected(self, features: Tensor, classes: Tensor | None) -> Tensor | float:
        """The projection term of the logits; for unknown classes, its mean under their frequencies.

        Args:
            features: (B, D), or (B, P, D) for a discriminator with P positions.
            classes: (B,), or None if unknown.

        Returns:
            (B,) or (B, P); 0 without projection.
        """
        if self.embedding is None:
            return 0.0
        if classes is None:
            return features @ (self.share @ self.embedding.weight)
        vectors: Tensor = self.embedding(classes)
        return (features * (vectors.unsqueeze(1) if features.ndim == 3 else vectors)).sum(-1)

    def loss(self, features: Tensor, classes: Tensor, images: int) -> Tensor | float:
        """The weighted cross-entropy of the classes (B,) after `images` images of training; positions are averaged."""
        weight = self.weight * min(1.0, images / self.ramp_images)
        if not weight:
            return 0.0
        whole = features.mean(1) if features.ndim == 3 else features
        return weight * F.cross_entropy(self.classifier(whole), classes)


def features_of(discriminator: nn.Module) -> int:
    """The input size of a discriminator's last layer.

    Raises:
        ValueError: if it has no `features` or no linear `head`.
    """
    head = getattr(discriminator, "head", None)
    if not (isinstance(head, nn.Linear) and hasattr(discriminator, "features")):
        raise ValueError("A condition on classes needs a discriminator with `features` and a linear `head`")
    return head.in_features
