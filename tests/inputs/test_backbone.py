from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from emotionart.config.compose import compose
from emotionart.config.validate import check
from emotionart.data.pictures.store import open_store
from emotionart.errors import UserError
from emotionart.inputs.backbone import BackboneRepresentation
from emotionart.networks.pretrained.libraries import Source, create_network, input_format, published_weights
from emotionart.networks.used_tensors import used_tensors
from tests.data.pictures.corpus import encoded


def backbone(**settings: object) -> BackboneRepresentation:
    given = {
        "name": "squeezenet1_0", "source": "torchvision", "weights": "random", "layer": None, "pool": True,
        "size": 64, "mean": None, "std": None, "scale": 255.0, "precision": "float32", "freeze": "all", "fit": "squash",
    }  # fmt: skip
    return BackboneRepresentation(**{**given, **settings})


def random_files(count: int) -> list[bytes]:
    pictures = np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    return [encoded(Image.fromarray(picture), "PNG") for picture in pictures]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "squeezenet1_2"}, "did you mean: squeezenet1_"),
        ({"name": "vit_tiny_patch16_224"}, "model.backbone.source=timm"),
        ({"weights": "nowhere.pth"}, "There is no such file of weights"),
        ({"layer": "features.99"}, "the network has no layer 'features.99'"),
    ],
)
def test_a_wrong_backbone_is_told(settings: dict, message: str) -> None:
    with pytest.raises(UserError) as caught:
        backbone(**settings)
    assert message in str(caught.value)


def test_a_mistyped_file_of_weights_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "squeezenet.pth").touch()
    with pytest.raises(UserError, match=r"did you mean: .*squeezenet\.pth"):
        backbone(weights=str(tmp_path / "squeezent.pth"))


def test_a_mistyped_name_of_weights_is_suggested_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("LICENSE", "README.md"):
        Path(name).touch()
    for typed, near in (("imagenett", "imagenet"), ("randm", "random"), ("IMAGENET1K_V2", "IMAGENET1K_V1")):
        with pytest.raises(UserError) as caught:
            backbone(weights=typed)
        assert caught.value.suggestions[0] == near


def test_a_file_needs_only_the_tensors_that_are_used_and_is_one_with_the_whole(tmp_path: Path) -> None:
    torch.manual_seed(3)
    whole = torchvision.models.squeezenet1_0().state_dict()
    whole["classifier.1.bias"].fill_(float("nan"))  # as in VGG16_Weights.IMAGENET1K_FEATURES
    torch.save(whole, tmp_path / "whole.pth")
    torch.save({name: value for name, value in whole.items() if "classifier" not in name}, tmp_path / "features.pth")
    made = [backbone(weights=str(tmp_path / f"{name}.pth")) for name in ("whole", "features")]
    assert made[0].extractors() == made[1].extractors()
    assert torch.equal(*(one.encode(random_files(2)) for one in made))
    del whole["features.0.bias"]
    torch.save(whole, tmp_path / "less.pth")
    with pytest.raises(UserError, match=r"features\.0\.bias is missing"):
        backbone(weights=str(tmp_path / "less.pth"))


def test_a_layers_features_are_stored_once_whatever_is_taken_beside_it() -> None:
    shallow, deep = (backbone(layer=layer).extractors() for layer in ("features.5", ["features.5", "features.12"]))
    assert shallow == deep[:1]
    assert deep[0] != deep[1]


@pytest.mark.parametrize(("name", "source"), [("resnet10t", "timm"), ("vit_b_16", "torchvision")])
def test_the_classifier_is_what_features_do_not_need(name: str, source: Source) -> None:
    unused = {tensor for tensor, used in used_tensors(name, source, None).items() if not used}
    head = "fc" if source == "timm" else "heads.head"
    assert unused == {f"{head}.weight", f"{head}.bias"}


def test_weights_have_their_librarys_names() -> None:
    assert "IMAGENET1K_FEATURES" in published_weights("vgg16", "torchvision")
    assert "c3_in1k" in published_weights("resnet10t", "timm")
    network = create_network("squeezenet1_0", "torchvision")
    assert input_format("vgg16", "torchvision", network, "IMAGENET1K_FEATURES").std == pytest.approx((1 / 255,) * 3)
    with pytest.raises(UserError, match="There is no such file") as caught:
        backbone(name="vgg16", weights="IMAGENET1K_FEATURE")
    assert caught.value.suggestions[0] == "IMAGENET1K_FEATURES"


def test_a_file_of_weights_that_does_not_fit_is_refused_before_a_run_begins(tmp_path: Path) -> None:
    torch.save({"features.0.bias": torch.zeros(3)}, tmp_path / "wrong.pth")
    given = ["model=transfer", "model.backbone.name=squeezenet1_0", f"model.backbone.weights={tmp_path}/wrong.pth"]
    (mistake,) = check(compose(given))
    assert mistake.where == "model.backbone.weights"
    assert "features.0.weight is missing" in str(mistake)


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        ("name=vit_tiny_patch16_224.augreg_in21", "name", "did you mean: vit_tiny_patch16_224.augreg_in21k"),
        ("name=vit_tiny_patch16_224 layer=blocks.33", "layer", "the network has no layer 'blocks.33', but blocks.3"),
        ("name=vit_tiny_patch16_224 layer=blocks.3.attn.softmax", "layer", "the network has no layer"),
        ("name=mvitv2_tiny layer=stages.0", "layer", "the output is not one tensor for each picture"),
        ("name=vit_tiny_patch16_224 size=8", "size", "takes no pictures of 8 pixels"),
        ("name=resnet10t size=8", None, ""),
        ("name=vit_tiny_patch16_224.augreg_in21k size=160 layer=[blocks.3,blocks.11]", None, ""),
    ],
)
def test_names_layers_and_sizes_are_tried_before_a_run_begins(given: str, where: str | None, message: str) -> None:
    settings = [f"model.backbone.{one}" for one in ["source=timm", "weights=random", *given.split()]]
    mistakes = check(compose(["model=transfer", *settings]))
    assert [(mistake.where or "").partition("=")[0] for mistake in mistakes] == [f"model.backbone.{where}"] * bool(
        where
    )
    assert message in "".join(str(mistake) for mistake in mistakes)


def test_features_are_torchvisions_own_on_the_same_tensor() -> None:
    own = backbone()
    pictures = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    tensor = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(0)
        network = torchvision.models.squeezenet1_0().eval()
        expected = network.features((tensor - mean.view(3, 1, 1)) / std.view(3, 1, 1)).mean((2, 3))
    files = random_files(3)
    torch.testing.assert_close(own.encode(files), expected, rtol=1e-4, atol=1e-5)
    half = backbone(precision="bfloat16").encode(files)
    assert (half - expected).norm() / expected.norm() < 0.02
    assert backbone(precision="bfloat16").extractors() != own.extractors()


def test_features_computed_in_bfloat16_come_back_from_the_store_as_they_were(tmp_path: Path) -> None:
    own = backbone(precision="bfloat16")
    found = own.encode(random_files(3)).numpy()
    keys = [(str(index), "identity") for index in range(3)]
    with open_store(tmp_path, own.name, own.extractors()[0], own.shape, own.precision) as store:
        store.write(keys, found)
        assert (store.read(keys) == found).all()


def test_the_features_of_a_picture_do_not_depend_on_its_batch() -> None:
    files = random_files(40)
    whole = backbone().encode(files)
    assert (backbone().encode(files[35:36])[0] == whole[35]).all()


def test_whole_grids_of_a_pyramid_are_refused_with_two_ways_out() -> None:
    with pytest.raises(UserError, match="cannot be put side by side") as caught:
        _ = backbone(layer="pyramid", pool="grid").shape
    assert "model.backbone.layer=null " in str(caught.value)
    assert "model.backbone.pool=mean" in str(caught.value)
    assert backbone(layer="pyramid", pool="mean+std").shape == (2560,)
    assert backbone(layer=None, pool="grid").shape == (512, 3, 3)
