from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from skimage.filters import sobel
from torch import nn

from emotionart.attribution import faithfulness
from emotionart.attribution.maps import choose
from emotionart.attribution.pointing_game import pointing
from emotionart.attribution.reliability import reliability_summary
from tests.attribution.nets import pictures, shallow, transformer


class Corner(nn.Module):
    """Two classes, told apart by the light in the upper left eighth of the picture alone."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        light = 20 * batch[:, :, :4, :4].mean((1, 2, 3))
        return torch.stack([light, 10 - light], 1)


def bright_corner(count: int = 6) -> torch.Tensor:
    batch = 0.1 * pictures(count, 32)
    batch[:, :, :4, :4] = 1
    return batch


def test_a_map_that_knows_deletes_at_once_and_one_that_knows_nothing_does_not() -> None:
    batch = bright_corner()
    right = torch.zeros(6, 8, 8)
    right[:, 0, 0] = 1
    classes = torch.zeros(6, dtype=torch.long)
    known = faithfulness.curves(Corner(), batch, right, classes)
    deletion, insertion = known.areas()
    random_deletion, random_insertion = faithfulness.curves(
        Corner(), batch, faithfulness.random_maps((6, 8, 8), seed=0), classes
    ).areas()
    assert (deletion < random_deletion).all()
    assert (insertion > random_insertion).all()
    assert known.deletion[:, 0].min() > 0.99, "at first nothing is deleted"
    np.testing.assert_allclose(known.deletion[:, 0], known.insertion[:, -1])
    np.testing.assert_allclose(known.deletion[:, -1], known.insertion[:, 0])


def test_curves_are_those_of_a_plain_loop() -> None:
    network, batch = shallow(), pictures(2, 32)
    maps, classes = torch.rand(2, 4, 4), torch.tensor([1, 3])
    found = faithfulness.curves(network, batch, maps, classes, steps=4)
    poor = faithfulness.blurred(batch)
    for row in range(2):
        for step in range(5):
            picture = batch[row].clone()
            for cell in np.argsort(-maps[row].flatten().numpy())[: 4 * step]:
                y, x = 8 * (cell // 4), 8 * (cell % 4)
                picture[:, y : y + 8, x : x + 8] = poor[row, :, y : y + 8, x : x + 8]
            with torch.no_grad():
                expected = torch.softmax(network(picture[None]), 1)[0, classes[row]]
            assert found.deletion[row, step] == pytest.approx(float(expected), rel=1e-4)


def test_similarity_is_scipys() -> None:
    one, other = torch.rand(3, 5, 4), torch.rand(3, 5, 4)
    expected = [spearmanr(a.flatten(), b.flatten()).statistic for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(faithfulness.similarity(one, other), expected)
    assert faithfulness.similarity(torch.zeros(1, 2, 2), torch.rand(1, 2, 2)).tolist() == [0.0]


def test_edges_are_skimages() -> None:
    batch = pictures(1, 32)
    expected = sobel(batch[0].mean(0).numpy(), mode="nearest") * 4 * np.sqrt(2)
    np.testing.assert_allclose(faithfulness.edge_maps(batch, (32, 32))[0], expected, rtol=1e-4, atol=1e-5)


def test_stability_is_one_without_noise_and_falls_with_it() -> None:
    network, batch = shallow(), pictures(3, 32)

    def maps(pictures: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return network.features(pictures)[:, 0]

    none, little, much = (faithfulness.stability(maps, batch, noise, 2, seed=0) for noise in (0, 0.01, 0.5))
    np.testing.assert_allclose(none, 1)
    assert (little > much).all()


def test_randomisation_goes_from_the_top_to_all_layers_and_leaves_the_network_alone() -> None:
    network = shallow()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    stages, changed = [], []
    for name, other in faithfulness.randomised(network, seed=0):
        stages.append(name)
        changed.append([key for key, tensor in other.state_dict().items() if not torch.equal(tensor, before[key])])
    assert stages == ["head.1.1", "trunk.3", "trunk.0"]
    assert all(key.startswith("head") for key in changed[0])
    assert len(changed[-1]) == 6, "weights and biases of three layers"
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_pointing_counts_peaks_and_energy_inside_the_mask() -> None:
    maps = torch.full((2, 4, 4), -1.0)
    maps[0, 0, 0] = 2
    maps[1, 3, 3] = 1
    masks = np.zeros((2, 4, 4), bool)
    masks[:, :2, :2] = True
    found = pointing(maps, masks)
    assert found.hit.tolist() == [True, False]
    np.testing.assert_allclose(found.energy, [1, 0])
    np.testing.assert_allclose(found.chance, 0.25)
    summary = found.summary()
    assert summary["pointing"] == 0.5
    assert summary["p_value"] == pytest.approx(1 - 0.75**2)


def test_random_maps_point_as_often_as_chance() -> None:
    masks = np.zeros((2_000, 8, 8), bool)
    masks[:, :3, :4] = True
    found = pointing(torch.randn(2_000, 8, 8, generator=torch.Generator().manual_seed(0)), masks).summary()
    assert found["pointing_low"] < found["chance"] < found["pointing_high"]
    assert found["energy"] == pytest.approx(found["chance"], abs=0.01)


def numbers(gain: float, last: float = 0.1, stable: float = 0.9, hits: float | None = None) -> dict:
    interval = {"value": gain, "low": gain - 0.05, "high": gain + 0.05}
    place = None if hits is None else {"pointing": hits, "pointing_low": hits - 0.1, "chance": 0.06}
    if place:
        place |= {"random_weights": 0.4, "edges": 0.9}
    faithful = {curve: {"random": interval, "edges": interval} for curve in ("deletion", "insertion")}
    return {
        "faithful": faithful, "randomisation": [{"similarity": last}], "stability": stable, "pointing": place,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "start", "says"),
    [
        (numbers(0.2), "These maps deserve belief:", "depend on what was learnt"),
        (numbers(0.2, hits=0.6), "These maps deserve belief:", "60% of them peak on the local cue"),
        (numbers(0.2, hits=0.05), "These maps deserve belief with care:", "but 5% of them peak on the local cue"),
        (
            numbers(0.2, hits=0.45),
            "These maps deserve belief with care:",
            "against 6% by chance and 40% under random weights",
        ),
        (numbers(0.2, stable=0.2), "These maps deserve belief with care:", "noise that nobody sees changes them"),
        (numbers(0.01), "These maps do not deserve belief:", "no more to the network than random ones"),
        (numbers(0.2, last=0.8), "These maps do not deserve belief:", "random weights gives much the same maps"),
    ],
)
def test_the_verdict_is_one_sentence(given: dict, start: str, says: str) -> None:
    sentence = reliability_summary(given)
    assert sentence.startswith(start)
    assert says in sentence
    assert sentence.count(". ") == 0


@pytest.mark.parametrize("source", ["timm", "torchvision"])
def test_the_maps_of_a_transformer_with_random_weights_are_others(source: str) -> None:
    network, batch, targets = transformer(source), pictures(1, 224), torch.tensor([[0]])
    mapper = choose(network, batch, None, None)
    *_, (_, changed) = faithfulness.randomised(network, seed=0)
    alike = faithfulness.similarity(
        mapper.maps(batch, targets)[:, 0], replace(mapper, network=changed).maps(batch, targets)[:, 0]
    )
    assert abs(alike[0]) < 0.9
