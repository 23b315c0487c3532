import pytest

from emotionart.gan import frozen
from emotionart.inputs.pretrained import Pretrained
from emotionart.networks.pretrained.libraries import create_network


def test_pictures_are_normalised_as_for_the_named_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights of VGG-16's authors, half a gigabyte, are stood in for by another network."""
    weights = "IMAGENET1K_FEATURES"
    small = Pretrained(create_network("squeezenet1_1", "torchvision"), "vgg16", weights, "digest", "digest", None)
    monkeypatch.setattr(frozen, "load_pretrained", lambda *given: small)
    pyramid = frozen.load_pyramid([4] * 4, "vgg16", "torchvision", weights, None, 64, None, None, 255.0)
    assert pyramid.gain.flatten().tolist() == pytest.approx([127.5] * 3), "half of 1 / std, which is 1 / 255"
