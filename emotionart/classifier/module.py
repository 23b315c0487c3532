"""The classifier of the emotion of artworks as a Lightning module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from emotionart.data.loader import Batch
from emotionart.networks.input_transform import InputTransform
from emotionart.ranges import Decay, Share, Weight
from emotionart.run.training.checkpoint import DescribedModule
from emotionart.statistics.metrics import point_metrics


def balanced_weights(counts: Sequence[int]) -> list[float]:
    """Weights that balance the classes: n / (K n_k), and 0 for a class without artworks."""
    total, classes = sum(counts), sum(count > 0 for count in counts)
    return [total / (classes * count) if count else 0.0 for count in counts]


class Classifier(DescribedModule):
    """A network trained by cross-entropy against a distribution over classes.

    Attributes:
        temperature: divisor of the logits in predictions; 1 until the classifier is calibrated.

    Args:
        network: called with `in_shape` and `num_classes`; returns a module that maps (B, *in_shape) to logits (B, K).
        class_weights: "none", or "balanced" to weigh each class by the inverse of its training count.
        label_smoothing: share of the target that is spread over all classes, 0 to 1.
        in_shape: shape of the network's input for one artwork.
        input_transform: module from a batch of inputs to the network's input.
        first_rate: learning rate of a trainable backbone's last layer, relative to the head's.
        classes: names of the K classes.
        counts: training artworks of each class.
        voted: whether artworks have several votes; if so, the divergence from them is logged.
        optimizer: called with the parameters to train; None for a classifier that only predicts.
        scheduler: called with the optimiser; None likewise.
        monitor: validation metric for a scheduler that needs one.
        layer_decay: learning rate of each layer of a trainable backbone, relative to the layer after it: layer-wise
            rates after Howard and Ruder (2018), in the form of BEiT (Bao et al. 2022).

    Raises:
        ValueError: for a monitor that needs votes, if there are none.
    """

    VALIDATION_METRICS = ("loss", "acc", "balanced_acc", "f1_macro", "nll", "ece", "kl")

    class_weight: Tensor | None

    def __init__(
        self,
        network: Callable[..., nn.Module],
        class_weights: Literal["none", "balanced"],
        label_smoothing: Share,
        first_rate: Weight,
        in_shape: tuple[int, ...],
        input_transform: InputTransform,
        classes: Sequence[str],
        counts: Sequence[int],
        voted: bool,
        optimizer: Callable[..., torch.optim.Optimizer] | None,
        scheduler: Callable[..., torch.optim.lr_scheduler.LRScheduler] | None,
        monitor: str,
        layer_decay: Decay = 1.0,
    ) -> None:
        super().__init__()
        if monitor == "val/kl" and not voted:
            raise ValueError(
                "val/kl compares with votes, and this run learns from none, as no artwork has several or "
                "labels.target=majority; choose another monitor"
            )
        self.input = input_transform
        self.network = network(in_shape=in_shape, num_classes=len(classes))
        weight = torch.tensor(balanced_weights(counts)) if class_weights == "balanced" else None
        self.register_buffer("class_weight", weight, persistent=False)
        self.label_smoothing = label_smoothing
        self.first_rate = first_rate
        self.layer_decay = layer_decay
        self.voted = voted
        self.optimizer = optimizer
        self.scheduler = scheduler
        self.monitor = monitor
        self.temperature = 1.0
        self._sums = self._earlier = torch.zeros(3)
        self._batch = 0
        self._validated: list[tuple[Tensor, Batch]] = []

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (B, K) of a batch of inputs: pictures (B, size, size, 3) uint8, or stored features (B, ...)."""
        logits: Tensor = self.network(self.input(inputs))
        return logits

    def _batch_logits(self, batch: Batch) -> Tensor:
        """Logits (B, K) of a whole batch, gathered from all devices."""
        logits: Tensor = self(batch.inputs)
        if len(logits) == len(batch.label):
            return logits
        # Rank r of n has every n-th artwork, starting at r. Gradients flow through the gathered logits.
        gathered = self.all_gather(logits, sync_grads=True)
        assert isinstance(gathered, Tensor)
        return gathered.transpose(0, 1).flatten(0, 1)[: len(batch.label)]

    def loss(self, logits: Tensor, target: Tensor) -> Tensor:
        """Mean cross-entropy of logits (B, K) against distributions (B, K)."""
        return F.cross_entropy(logits, target, self.class_weight, label_smoothing=self.label_smoothing)

    def on_train_epoch_start(self) -> None:
        """Resets the sums of loss, hits and artworks."""
        self._sums = self._earlier = torch.zeros(3, device=self.device)
        self._batch = 0

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one batch."""
        logits = self._batch_logits(batch)
        loss = self.loss(logits, batch.target)
        with torch.no_grad():
            hits = (logits.argmax(1) == batch.label).sum()
            count = hits.new_tensor(len(batch.label))
            if batch_idx != self._batch:
                self._batch, self._earlier = batch_idx, self._sums
            # L-BFGS evaluates a batch many times; only the last one counts.
            self._sums = self._earlier + torch.stack([loss.detach() * count, hits, count])
        return loss

    def on_train_epoch_end(self) -> None:
        """Logs the mean loss and the accuracy of the epoch's training batches."""
        loss, hits, count = self._sums.tolist()
        self.log_dict({"train/loss": loss / count, "train/acc": hits / count})

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Keeps the logits of one batch."""
        self._validated.append((self._batch_logits(batch), batch))

    def on_validation_epoch_end(self) -> None:
        """Logs the metrics of the whole validation split."""
        logits = torch.cat([logits for logits, _ in self._validated])
        target = torch.cat([batch.target for _, batch in self._validated])
        label = torch.cat([batch.label for _, batch in self._validated])
        self._validated.clear()
        metrics = point_metrics(
            _softmax(logits), label.cpu().numpy(), target.cpu().double().numpy() if self.voted else None
        )
        metrics["loss"] = self.loss(logits, target).item()
        self.log_dict({f"val/{name}": value for name, value in metrics.items()})

    def _parameter_groups(self) -> list[dict[str, Any]]:
        """Parameter groups of the trainable weights: the head's, and one for each learning rate of a backbone."""
        head = [weight for weight in self.network.parameters() if weight.requires_grad]
        by_rate: dict[float, list[nn.Parameter]] = {}
        assert self.optimizer is not None
        usual = self.optimizer([nn.Parameter(torch.zeros(1))]).defaults["lr"]  # that of the class, unless it is given
        for depth, layer in enumerate(reversed(self.input.trained_layers())):
            rate = usual * self.first_rate * self.layer_decay**depth
            by_rate[rate] = [*layer, *by_rate.get(rate, [])]
        return [{"params": head}, *({"params": weights, "lr": rate} for rate, weights in by_rate.items())]

    @torch.inference_mode()
    def probabilities(self, inputs: Tensor) -> NDArray[np.float64]:
        """Calibrated class probabilities (B, K) of a batch of inputs, computed on the module's device."""
        return _softmax(self(inputs.to(self.device)) / self.temperature)

    def predict(self, batches: Iterable[Batch]) -> NDArray[np.float64]:
        """Class probabilities (n, K) of the artworks of all batches, in evaluation mode."""
        self.eval()
        return np.concatenate([self.probabilities(batch.inputs) for batch in batches])

    def configure_optimizers(self) -> Any:
        """The optimiser of the trainable parameters and its scheduler, stepped once an epoch."""
        assert self.optimizer is not None and self.scheduler is not None
        optimizer = self.optimizer(self._parameter_groups())
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": self.scheduler(optimizer), "interval": "epoch", "monitor": self.monitor},
        }


def _softmax(logits: Tensor) -> NDArray[np.float64]:
    return torch.softmax(logits.detach().cpu().double(), dim=1).numpy()
