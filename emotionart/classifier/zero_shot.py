"""A zero-shot classifier: its classes are described by text prompts, and nothing is trained."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import ClassVar

import torch
from omegaconf import DictConfig
from torch import nn

from emotionart.classifier.module import Classifier
from emotionart.config.instantiate import instantiate
from emotionart.data.tables.labels import Grouping
from emotionart.data.tables.prompts import complete_prompts
from emotionart.inputs.representation import Representation
from emotionart.networks.input_transform import InputTransform

log = logging.getLogger(__name__)


class ZeroShotClassifier(Classifier):
    """Each class's logit is the inner product of the picture's embedding with that of the class's prompts.

    Attributes:
        prompts: prompts of each class, once they are read.

    Args:
        prefix: text before each raw label of a class without configured prompts.
        in_shape, input_transform, classes, counts, voted, optimizer, scheduler, monitor: as for `Classifier`; the
            optimiser and the scheduler are not used.
    """

    UNUSED_GROUPS: ClassVar[dict[str, str]] = {"optimizer": "adam", "scheduler": "constant", "callbacks": "none"}
    UNUSED_KEYS: ClassVar[tuple[str, ...]] = ("start",)

    prompts: dict[str, list[str]]
    network: nn.Linear

    def __init__(
        self,
        prefix: str,
        in_shape: tuple[int, ...],
        input_transform: InputTransform,
        classes: Sequence[str],
        counts: Sequence[int],
        voted: bool,
        optimizer: Callable[..., torch.optim.Optimizer] | None,
        scheduler: Callable[..., torch.optim.lr_scheduler.LRScheduler] | None,
        monitor: str,
    ) -> None:
        super().__init__(
            network=_frozen,
            class_weights="none",
            label_smoothing=0.0,
            first_rate=0.0,
            in_shape=in_shape,
            input_transform=input_transform,
            classes=classes,
            counts=counts,
            voted=voted,
            optimizer=optimizer,
            scheduler=scheduler,
            monitor=monitor,
        )
        self.prefix = prefix

    def read_prompts(self, representation: Representation, labels: DictConfig) -> None:
        """Sets the embeddings of the prompts as weights.

        Args:
            representation: an `ImageTextRepresentation`, which embeds the prompts.
            labels: configuration of the grouping, with prompts for some or all classes.
        """
        from emotionart.inputs.image_text import ImageTextRepresentation  # imports timm, which few runs need

        classes, grouping = self.description.classes, instantiate(labels)
        assert isinstance(grouping, Grouping) and isinstance(representation, ImageTextRepresentation)
        prompts, members = grouping.prompts or {}, grouping.classes or {}
        self.prompts = complete_prompts(prompts, {name: members.get(name, [name]) for name in classes}, self.prefix)
        for name in classes:
            log.info(
                "prompts of %s%s: %s",
                name,
                "" if name in prompts else " (none in labels.prompts, so model.prefix and its labels)",
                "; ".join(self.prompts[name]),
            )
        with torch.no_grad():
            self.network.weight.copy_(representation.embed_prompts(list(self.prompts.values())))


def _frozen(in_shape: tuple[int, ...], num_classes: int) -> nn.Linear:
    return nn.Linear(in_shape[0], num_classes, bias=False).requires_grad_(False)
