from functools import partial

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from emotionart.classifier.module import Classifier, balanced_weights
from emotionart.data.loader import Batch
from emotionart.networks.input_transform import InputTransform
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.shallow import ShallowNet


def classifier(**settings: object) -> Classifier:
    def network(in_shape: tuple[int, int, int], num_classes: int) -> ShallowNet:
        return ShallowNet(in_shape, num_classes, channels=[4], kernel_size=3, hidden=[], dropout=0.5)

    defaults = {
        "first_rate": 0.1,
        "in_shape": (3, 8, 8),
        "input_transform": NormalisePixels([0.5] * 3, [0.25] * 3),
        "network": network,
        "class_weights": "none",
        "label_smoothing": 0.0,
        "classes": ["a", "b", "c"],
        "counts": [5, 10, 1],
        "voted": False,
        "optimizer": torch.optim.SGD,
        "scheduler": lambda optimizer: torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0),
        "monitor": "val/loss",
    }
    return Classifier(**{**defaults, **settings})


def test_balanced_weights_are_scikit_learns() -> None:
    labels = np.repeat([0, 1, 2], [5, 10, 1])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(balanced_weights([5, 10, 1]), expected)


def test_a_class_without_artworks_weighs_nothing_and_the_others_as_without_it() -> None:
    assert balanced_weights([5, 0, 10]) == [1.5, 0.0, 0.75]


def test_the_loss_is_the_cross_entropy_to_the_votes() -> None:
    logits, votes = torch.randn(6, 3), torch.rand(6, 3)
    votes /= votes.sum(1, keepdim=True)
    expected = -(votes * F.log_softmax(logits, 1)).sum(1).mean()
    torch.testing.assert_close(classifier().loss(logits, votes), expected)


def test_the_loss_of_one_hot_votes_is_that_of_the_labels_with_class_weights() -> None:
    logits, labels = torch.randn(6, 3), torch.tensor([0, 1, 2, 2, 0, 1])
    weight = torch.tensor(balanced_weights([5, 10, 1]))
    expected = F.cross_entropy(logits, labels, weight, reduction="sum") / 6
    found = classifier(class_weights="balanced").loss(logits, F.one_hot(labels, 3).float())
    torch.testing.assert_close(found, expected)


def test_prediction_is_a_distribution_without_dropout() -> None:
    model = classifier().eval()
    pictures = torch.randint(0, 256, (5, 8, 8, 3), dtype=torch.uint8)
    first, second = model.probabilities(pictures), model.probabilities(pictures)
    assert (first == second).all()
    np.testing.assert_allclose(first.sum(1), 1)


def test_a_batch_that_is_evaluated_often_counts_once_as_it_was_last() -> None:
    model, told = classifier().eval(), {}
    model.log_dict = told.update  # type: ignore[method-assign, assignment]
    first, second = (
        Batch(torch.randint(0, 256, (n, 8, 8, 3), dtype=torch.uint8), torch.eye(3)[[0] * n], torch.zeros(n).long())
        for n in (4, 2)
    )
    model.on_train_epoch_start()
    model.training_step(first, 0)
    with torch.no_grad():
        next(model.network.parameters()).zero_()
    losses = [model.training_step(batch, number).item() for batch, number in ((first, 0), (first, 0), (second, 1))]
    model.on_train_epoch_end()
    assert told["train/loss"] == pytest.approx((4 * losses[1] + 2 * losses[2]) / 6)


def test_a_backbone_learns_relative_to_the_rate_of_an_optimiser_that_none_was_given_for() -> None:
    class Backbone(InputTransform):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def trained_layers(self) -> list[list[torch.nn.Parameter]]:
            return [[self.weight]]

    model = classifier(input_transform=Backbone(), optimizer=partial(torch.optim.Adadelta, rho=0.8))
    rates = [group["lr"] for group in model.configure_optimizers()["optimizer"].param_groups]
    assert rates == [1.0, 0.1]  # Adadelta's own is 1
