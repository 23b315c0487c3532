import copy
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from emotionart.networks.backbone import Backbone, layer_names
from emotionart.networks.depth import weights_by_layer
from emotionart.networks.fine_tuning import TrainedBackbone, freeze_until
from emotionart.networks.heads import FullyConnectedHead, Standardise
from emotionart.networks.layers import choose_layers
from emotionart.networks.normalise import NormalisePixels
from emotionart.networks.pretrained.hub import WeightsUnavailableError
from emotionart.networks.pretrained.libraries import Source, create_network, input_format
from emotionart.networks.pretrained.weights import load_published, load_weights, weights_digest


@pytest.mark.parametrize(
    ("name", "source", "grid"),
    [
        ("squeezenet1_0", "torchvision", (512, 3, 3)),
        ("vgg11", "torchvision", (512, 2, 2)),
        ("resnet18", "torchvision", (512, 2, 2)),
        ("mobilenet_v3_small", "torchvision", (576, 2, 2)),
        ("resnet10t", "timm", (512, 2, 2)),
        ("convnext_atto", "timm", (320, 2, 2)),
    ],
)
def test_networks_give_their_last_grid_or_its_mean(name: str, source: str, grid: tuple[int, ...]) -> None:
    network = create_network(name, source)  # type: ignore[arg-type]
    assert Backbone(network, source, (), "grid").output_shape(64) == grid  # type: ignore[arg-type]
    assert Backbone(network, source, (), "mean").output_shape(64) == grid[:1]  # type: ignore[arg-type]


def test_a_transformer_gives_a_vector() -> None:
    network = create_network("vit_tiny_patch16_224", "timm")
    assert Backbone(network, "timm", (), "grid").output_shape(224) == (192,)


@pytest.mark.parametrize(
    ("name", "classifier"),
    [
        ("resnet18", "fc"),
        ("densenet121", "classifier"),
        ("swin_t", "head"),
        ("mobilenet_v3_small", "classifier"),
        ("shufflenet_v2_x0_5", "fc"),
        ("regnet_y_400mf", "fc"),
        ("mnasnet0_5", "classifier"),
        ("googlenet", "fc"),
    ],
)
def test_the_features_are_what_torchvisions_own_classifier_is_given(name: str, classifier: str) -> None:
    torch.manual_seed(0)
    network = create_network(name, "torchvision").eval()
    pictures = torch.randn(2, 3, 64, 64)
    pooled: list[torch.Tensor] = []
    network.get_submodule(classifier).register_forward_pre_hook(lambda module, given: pooled.append(given[0]))
    with torch.inference_mode():
        network(pictures)
        found = Backbone(network, "torchvision", (), "mean")(pictures)
    torch.testing.assert_close(found, pooled[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "source", "layer", "own", "dropped"),
    [
        ("vit_b_16", "torchvision", "encoder.layers.encoder_layer_11", "class_token", "encoder.dropout"),
        ("convnext_tiny", "torchvision", "features.7", "features.5.0.layer_scale", "features.5.8.stochastic_depth"),
        ("vit_tiny_patch16_224", "timm", "blocks.10", "cls_token", "patch_embed"),
    ],
)
def test_what_comes_before_a_layer_is_frozen_whole(
    name: str, source: Source, layer: str, own: str, dropped: str
) -> None:
    network = create_network(name, source)
    frozen = freeze_until(network, layer)
    weights = dict(network.named_parameters())
    behind = list(weights).index(next(key for key in weights if key.startswith(f"{layer}.")))
    assert not weights[own].requires_grad
    assert [key for key, weight in weights.items() if weight.requires_grad] == list(weights)[behind:]
    whole = TrainedBackbone(
        NormalisePixels([0.5] * 3, [0.5] * 3), Backbone(network, source, (), "mean"),
        Standardise(torch.zeros(1), torch.ones(1)), frozen, weights_by_layer(network),
    ).train()  # fmt: skip
    trained = {id(weight) for layer in whole.trained_layers() for weight in layer}
    assert trained == {id(weight) for weight in whole.parameters() if weight.requires_grad}
    assert not network.get_submodule(dropped).training
    assert not any(part.training for part in network.get_submodule(dropped).modules())
    assert all(part.training for part in network.get_submodule(layer).modules())
    assert not any(part.training for part in whole.eval().modules())


def test_a_layer_can_be_named_and_a_wrong_one_is_told() -> None:
    network = create_network("resnet18", "torchvision")
    assert Backbone(network, "torchvision", ["layer2"], "grid").output_shape(64) == (128, 8, 8)
    assert "layer4.1.conv2" in layer_names(network)
    with pytest.raises(ValueError, match="the network has no layer 'layer9', but layer4, layer3, layer2"):
        Backbone(network, "torchvision", ["layer9"], "grid")


@pytest.mark.parametrize(
    ("name", "source", "layers"),
    [
        ("resnet18", "torchvision", ["layer2", "layer4"]),
        ("tf_efficientnet_lite0", "timm", ["blocks.1", "blocks.4"]),  # which torch.fx cannot trace
    ],
)
def test_several_layers_come_from_one_pass(name: str, source: Source, layers: list[str]) -> None:
    network = create_network(name, source).eval()
    pictures = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        both = Backbone(network, source, layers, "mean").eval()
        single = [Backbone(network, source, [layer], "mean").eval()(pictures) for layer in layers]
        copied = copy.deepcopy(both).eval()  # torch.fx copies into training mode
        torch.testing.assert_close(both(pictures), torch.cat(single, 1))
        torch.testing.assert_close(copied(pictures), torch.cat(single, 1))
    assert both.output_shape(64) == (sum(part.shape[1] for part in single),)
    with pytest.raises(ValueError, match="different shapes"):
        Backbone(network, source, layers, "grid").output_shape(64)


def test_a_pyramid_is_the_last_grid_of_each_stride() -> None:
    resnet = create_network("resnet18", "torchvision")
    assert choose_layers(resnet, "pyramid", 64) == ("layer1", "layer2", "layer3", "layer4")
    assert choose_layers(resnet, "layer2", 64) == ("layer2",)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "levit_128"])
def test_a_transformer_has_no_pyramid_though_convolutions_may_come_first(name: str) -> None:
    with torch.device("meta"):
        assert choose_layers(create_network(name, "timm"), "pyramid", 224) == ()


def test_a_network_that_the_library_does_not_have_is_told() -> None:
    with pytest.raises(ValueError, match="timm has no network 'resnet17'"):
        create_network("resnet17", "timm")


def test_the_input_format_is_the_librarys() -> None:
    vgg = input_format("vgg16", "torchvision", create_network("squeezenet1_0", "torchvision"))
    assert (vgg.size, vgg.mean) == (224, (0.485, 0.456, 0.406))
    vit = create_network("vit_tiny_patch16_224", "timm")
    assert input_format("vit_tiny_patch16_224", "timm", vit).mean == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
def test_weights_are_loaded_from_a_file(tmp_path: Path, ending: str) -> None:
    torch.manual_seed(1)
    trained, fresh = (create_network("squeezenet1_0", "torchvision") for _ in range(2))
    path = tmp_path / f"weights{ending}"
    torch.save(trained.state_dict(), path) if ending == ".pth" else save_file(trained.state_dict(), path)
    assert weights_digest(trained) != weights_digest(fresh)
    load_weights(fresh, path)
    assert weights_digest(trained) == weights_digest(fresh)


def test_tensors_that_do_not_fit_are_named(tmp_path: Path) -> None:
    state = create_network("squeezenet1_0", "torchvision").state_dict()
    state["classifier.1.bias"] = torch.zeros(7)
    state["extra"] = torch.zeros(1)
    del state["features.0.weight"]
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="do not fit") as caught:
        load_weights(create_network("squeezenet1_0", "torchvision"), tmp_path / "w.pth")
    text = str(caught.value)
    assert "features.0.weight is missing" in text
    assert "extra is unknown" in text
    assert "classifier.1.bias has shape (7,) instead of (1000,)" in text


def test_no_code_of_a_weights_file_is_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"weights": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(ValueError, match="cannot be read as weights"):
        load_weights(create_network("squeezenet1_0", "torchvision"), tmp_path / "trap.pth")
    assert not (tmp_path / "sprung").exists()


def test_an_empty_file_of_weights_is_told(tmp_path: Path) -> None:
    for ending in (".pth", ".safetensors"):
        (tmp_path / f"empty{ending}").touch()
        with pytest.raises(ValueError, match="cannot be read as weights"):
            load_weights(create_network("squeezenet1_0", "torchvision"), tmp_path / f"empty{ending}")


def test_heads_that_only_helped_training_are_no_misfit(tmp_path: Path) -> None:
    whole = torchvision.models.googlenet(aux_logits=True, init_weights=False)
    torch.save(whole.state_dict(), tmp_path / "googlenet.pth")
    network = create_network("googlenet", "torchvision")
    load_weights(network, tmp_path / "googlenet.pth")
    assert torch.equal(network.get_parameter("fc.weight"), whole.fc.weight)


def test_published_weights_out_of_reach_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def refuse(*arguments: object, **settings: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", refuse)
    with pytest.raises(WeightsUnavailableError, match="cannot be reached"):
        load_published(create_network("squeezenet1_0", "torchvision"), "squeezenet1_0", "torchvision")
    with pytest.raises(WeightsUnavailableError, match="cannot be reached"):
        load_published(create_network("resnet18", "timm"), "resnet18", "timm")


def test_standardise_is_the_formula_on_vectors_and_grids() -> None:
    mean, std = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    grid = torch.randn(5, 2, 3, 3)
    layer = Standardise(mean, std)
    torch.testing.assert_close(layer(grid)[:, 1], (grid[:, 1] - 2) / 4)
    torch.testing.assert_close(layer(grid[..., 0, 0])[:, 0], (grid[:, 0, 0, 0] - 1) / 3)


def test_a_feature_that_does_not_vary_is_not_blown_up() -> None:
    layer = Standardise(torch.tensor([0.0, 5000.0, 1.0]), torch.tensor([0.0, 1e-4, 0.5]))
    found = layer(torch.tensor([[1e-7, 5000.0005, 2.0]]))
    torch.testing.assert_close(found, torch.tensor([[1e-7, 0.0005, 2.0]]), atol=1e-4, rtol=0)


@pytest.mark.parametrize("shape", [(6,), (2, 3, 3)])
def test_a_head_takes_vectors_and_grids(shape: tuple[int, ...]) -> None:
    head = FullyConnectedHead(shape, 4, hidden=[5], dropout=0.1)
    assert head(torch.zeros(3, *shape)).shape == (3, 4)


@pytest.mark.parametrize(("name", "size"), [("resnet10t", 64), ("vit_tiny_patch16_224", 224)])
def test_a_copy_of_a_backbone_has_weights_of_its_own(name: str, size: int) -> None:
    backbone = Backbone(create_network(name, "timm"), "timm", (), "mean").eval()
    changed = copy.deepcopy(backbone)
    with torch.no_grad():
        for weight in changed.parameters():
            weight.zero_()
        picture = torch.rand(1, 3, size, size)
        assert backbone(picture).abs().sum() > 0
        assert changed(picture).abs().sum() == 0
