import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam, LayerGradientXActivation
from pytorch_grad_cam import GradCAM, HiResCAM
from pytorch_grad_cam.utils.image import scale_cam_image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

from emotionart.attribution.gradient import at_layer, grad_cam, hires_cam, mapped_layers
from emotionart.attribution.maps import choose
from emotionart.attribution.network import PictureNetwork
from emotionart.errors import UserError
from emotionart.networks.normalise import NormalisePixels
from tests.attribution.nets import MEAN, STD, pictures, shallow, transfer, transformer


def every_class(count: int, classes: int = 5) -> torch.Tensor:
    return torch.arange(classes).expand(count, -1)


def as_theirs(maps: torch.Tensor, size: int) -> np.ndarray:
    """What pytorch-grad-cam does to every map: ReLU, stretched to 0..1, resized, stretched again."""
    return scale_cam_image(scale_cam_image(maps.clamp_min(0).numpy(), (size, size)))


@pytest.mark.parametrize("layer", ["trunk", "trunk.3"])
def test_grad_cam_is_captums(layer: str) -> None:
    network, batch = shallow(pool=False, hidden=(6,)), pictures(3, 32)
    at = at_layer(network, layer, batch, every_class(3))
    module = network.get_submodule(layer)
    for target in range(5):
        expected = LayerGradCam(network, module).attribute(batch, target, relu_attributions=False)[:, 0]
        torch.testing.assert_close(grad_cam(at)[:, target], expected.detach(), rtol=1e-5, atol=1e-7)
        expected = LayerGradientXActivation(network, module).attribute(batch, target).sum(1)
        torch.testing.assert_close(hires_cam(at)[:, target], expected.detach(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("build", [transfer, shallow])
def test_maps_are_pytorch_grad_cams_after_its_normalisation(build) -> None:  # type: ignore[no-untyped-def]
    network = build(pool=False, hidden=(6,))
    size = 64 if build is transfer else 32
    batch = pictures(3, size)
    at = at_layer(network, "trunk", batch, every_class(3))
    for theirs, ours in ((GradCAM, grad_cam), (HiResCAM, hires_cam)):
        with theirs(network, [network.trunk]) as oracle:
            for target in range(5):
                expected = oracle(batch, [ClassifierOutputTarget(target)] * 3)
                np.testing.assert_allclose(as_theirs(ours(at)[:, target], size), expected, atol=1e-5)


def test_of_a_flattened_grid_under_one_linear_layer_hirescam_adds_up_to_the_logit() -> None:
    network, batch = shallow(pool=False), pictures(3, 32)
    at = at_layer(network, "trunk", batch, every_class(3))
    found = hires_cam(at).sum((2, 3)) + network.head[1][1].bias
    torch.testing.assert_close(found.detach(), at.logits, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("source", ["timm", "torchvision"])
def test_a_transformer_is_shown_by_its_tokens(source: str) -> None:
    network, batch = transformer(source), pictures(2, 224)
    mapper = choose(network, batch[:1], "gradcam", None)
    assert mapper.layer is not None
    assert isinstance(network.get_submodule(mapper.layer), nn.LayerNorm)
    side = 14 if source == "timm" else 7
    maps = mapper.maps(batch, every_class(2))
    assert maps.shape == (2, 5, side, side)

    def without_class_token(tokens: torch.Tensor) -> torch.Tensor:
        return tokens[:, 1:].transpose(1, 2).reshape(len(tokens), -1, side, side)

    module = network.get_submodule(mapper.layer)
    with GradCAM(network, [module], reshape_transform=without_class_token) as oracle:
        expected = oracle(batch, [ClassifierOutputTarget(3)] * 2)
    np.testing.assert_allclose(as_theirs(maps[:, 3], 224), expected, atol=1e-4)


def test_layers_that_work_in_place_do_not_change_what_is_seen() -> None:
    torch.manual_seed(0)
    trunk = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    network = PictureNetwork(NormalisePixels(MEAN, STD), trunk, nn.Sequential(nn.Flatten(), nn.Linear(4 * 64, 5)))
    at = at_layer(network, "trunk.0", pictures(2, 16), every_class(2))
    trunk[1] = nn.ReLU()
    torch.testing.assert_close(at, at_layer(network, "trunk.0", pictures(2, 16), every_class(2)))
    assert (at.activation < 0).any()


def test_layers_with_places_are_listed_in_order() -> None:
    network = shallow()
    assert mapped_layers(network, pictures(1, 32)) == [
        "trunk.0", "trunk.1", "trunk.2", "trunk.3", "trunk.4", "trunk.5", "trunk",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "method", "message"),
    [
        ("trunk.9", None, "There is no layer 'trunk.9'.\n  where: --layer trunk.9\n  did you mean: trunk.5, trunk.4"),
        ("conv", None, "There is no layer 'conv'."),
        ("head.1", None, r"The layer 'head.1' has an output of shape (1, 5), which has no positions"),
        ("trunk", "integrated", "The method 'integrated' takes no layer."),
    ],
)
def test_a_wrong_layer_is_told(layer: str, method, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError) as caught:
        choose(shallow(), pictures(1, 32), method, layer)
    assert message in str(caught.value)
    assert "trunk" in str(caught.value)


def test_the_default_is_the_most_faithful_method() -> None:
    picture = pictures(1, 32)
    assert (choose(shallow(), picture, None, None).method, choose(shallow(), picture, None, None).layer) == (
        "cam",
        "trunk",
    )
    assert choose(shallow(pool=False), picture, None, None).method == "hirescam"
    flat = PictureNetwork(NormalisePixels(MEAN, STD), nn.Flatten(), nn.Linear(3 * 32 * 32, 5))
    assert choose(flat, picture, None, None).method == "integrated"
    with pytest.raises(UserError, match="No layer of this network has positions"):
        choose(flat, picture, "gradcam", None)
