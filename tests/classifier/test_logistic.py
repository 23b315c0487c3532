"""Logistic regression as a head, against scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn import functional as F

from emotionart.classifier.logistic import PenalisedLBFGS, PenaltyPath
from emotionart.config.compose import compose
from emotionart.config.validate import check
from emotionart.errors import UserError


def test_each_penalty_is_fitted_to_the_end() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(300, 20)).astype(np.float32)
    label = (values @ generator.normal(size=(20, 3)) + generator.normal(size=(300, 3))).argmax(1)
    layer = torch.nn.Linear(20, 3)
    optimizer = PenalisedLBFGS(layer.parameters(), lr=1.0, max_iter=200, tolerance=1e-6)
    penalties = [1.0, 0.1, 0.001]
    path = PenaltyPath(optimizer, penalties)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(layer(torch.from_numpy(values)), torch.from_numpy(label))
        loss.backward()
        return loss

    for penalty in penalties:
        optimizer.step(closure)
        oracle = LogisticRegression(C=1 / (penalty * len(values)), max_iter=5000, tol=1e-8).fit(values, label)
        ours = torch.softmax(layer(torch.from_numpy(values)), 1).detach().numpy()
        np.testing.assert_allclose(ours, oracle.predict_proba(values), atol=2e-3)
        path.step()
    assert optimizer.param_groups[0]["penalty"] == pytest.approx(0.001), "the last one stays"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("batch_size=16", "fitted to all training artworks at once"),
        ("trainer.gradient_clip_val=1.0", "neither clipped nor scaled"),
        ("optimizer=adam", "use optimizer=penalised_lbfgs"),
        ("scheduler.penalties=[]", "penalties must have at least one value"),
    ],
)
def test_what_would_be_no_logistic_regression_is_told(override: str, message: str) -> None:
    asked = ["model=transfer", "model.backbone.name=resnet18", "model/head=logistic"]
    assert check(compose(asked)) == []
    assert message in "".join(map(str, check(compose([*asked, override]))))


def test_a_network_that_is_trained_along_is_no_logistic_regression() -> None:
    groups = [{"params": [torch.nn.Parameter(torch.zeros(2, 2))]} for _ in range(2)]
    with pytest.raises(UserError, match="fitted on frozen features"):
        PenalisedLBFGS(groups, lr=1.0, max_iter=10, tolerance=1e-6)
