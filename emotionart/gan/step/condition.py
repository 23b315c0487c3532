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

    def draw(self, count: int) -> Tensor:
        """Classes (count,) as often as they occur among the data."""
        return torch.multinomial(self.share, count, replacement=True)

    def projected(self, features: Tensor, classes: Tensor | None) -> Tensor | float:
        """The logits' term of the classes, averaged over all as they occur where they are not known.

        Args:
            features: (B, D), or (B, P, D) of a discriminator that answers for places.
            classes: (B,), or None.

        Returns:
            (B,) or (B, P).
        """
        if self.embedding is None:
            return 0.0
        if classes is None:
            return features @ (self.share @ self.embedding.weight)
        vectors: Tensor = self.embedding(classes)
        return (features * (vectors.unsqueeze(1) if features.ndim == 3 else vectors)).sum(-1)

    def loss(self, features: Tensor, classes: Tensor, images: int) -> Tensor | float:
        """The weighted cross-entropy of the classes (B,), `images` into the training; places are averaged."""
        weight = self.weight * min(1.0, images / self.ramp_images)
        if not weight:
            return 0.0
        whole = features.mean(1) if features.ndim == 3 else features
        return weight * F.cross_entropy(self.classifier(whole), classes)


def features_of(discriminator: nn.Module) -> int:
    """The number of features that its last layer is given.

    Raises:
        ValueError: where it does not say.
    """
    head = getattr(discriminator, "head", None)
    if not (isinstance(head, nn.Linear) and hasattr(discriminator, "features")):
        raise ValueError("A condition on classes needs a discriminator with `features` and a linear `head`")
    return head.in_features
