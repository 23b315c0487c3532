import pytest
import torch

from emotionart.errors import UserError
from emotionart.inputs.joined import JoinedBackbones
from tests.inputs.test_backbone import backbone, random_files

EACH = {
    "source": "torchvision", "weights": "random", "layer": None, "pool": "mean", "mean": None, "std": None,
    "scale": 255.0,
}  # fmt: skip


def joined(*backbones: dict) -> JoinedBackbones:
    return JoinedBackbones(backbones, EACH, 64, "float32", "squash")


def test_features_of_several_networks_are_those_of_each_side_by_side() -> None:
    own = joined({"name": "squeezenet1_0", "pool": "mean+std"}, {"name": "test_resnet", "source": "timm"})
    files = random_files(3)
    parts = [backbone(pool="mean+std"), backbone(name="test_resnet", source="timm")]
    assert torch.equal(own.encode(files), torch.cat([part.encode(files) for part in parts], 1))
    assert own.shape == (sum(part.shape[0] for part in parts),)
    assert own.describe()["weights"] == "random"


@pytest.mark.parametrize(
    ("given", "message", "where"),
    [
        ({"name": "resnet18", "layr": "layer1"}, "no setting 'layr'", "model.backbones[0]"),
        ({"source": "timm"}, "A network needs a name", "model.backbones[0]"),
        ({"name": "squeezenet1_2"}, "no network 'squeezenet1_2'", "model.backbones[0].name"),
        ({"name": "squeezenet1_0", "pool": "grid"}, "Only vectors", "model.backbones[0].pool"),
        ({"name": "squeezenet1_0", "pool": "grid", "layer": "pyramid"}, "Only vectors", "model.backbones[0].pool"),
    ],
)
def test_a_wrong_setting_is_told_with_the_network_it_belongs_to(given: dict, message: str, where: str) -> None:
    with pytest.raises(UserError) as caught:
        joined(given)
    assert message in caught.value.what
    assert caught.value.where == where
