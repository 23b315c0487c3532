from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from emotionart.attribution.evaluation.sanity_checks import randomised, similarity, stability, stages
from emotionart.attribution.maps import choose
from tests.attribution.nets import pictures, shallow, transformer


def test_similarity_is_scipys() -> None:
    one, other = torch.rand(3, 5, 4), torch.rand(3, 5, 4)
    expected = [spearmanr(a.flatten(), b.flatten()).statistic for a, b in zip(one, other, strict=True)]
    np.testing.assert_allclose(similarity(one, other), expected)
    assert similarity(torch.zeros(1, 2, 2), torch.rand(1, 2, 2)).tolist() == [0.0]


def test_stability_is_one_without_noise_and_falls_with_it() -> None:
    network, batch = shallow(), pictures(3, 32)

    def maps(pictures: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return network.features(pictures)[:, 0]

    none, little, much = (stability(maps, batch, noise, 2, seed=0) for noise in (0, 0.01, 0.5))
    np.testing.assert_allclose(none, 1)
    assert (little > much).all()


def test_randomisation_goes_from_the_top_to_all_layers_and_leaves_the_network_alone() -> None:
    network = shallow()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    found, changed = [], []
    for name, other in randomised(network, seed=0):
        found.append(name)
        changed.append([key for key, tensor in other.state_dict().items() if not torch.equal(tensor, before[key])])
    assert found == ["head.1.1", "trunk.3", "trunk.0"]
    assert all(key.startswith("head") for key in changed[0])
    assert len(changed[-1]) == 6, "weights and biases of three layers"
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


@pytest.mark.parametrize("source", ["timm", "torchvision"])
def test_the_maps_of_a_transformer_with_random_weights_are_others(source: str) -> None:
    network, batch, targets = transformer(source), pictures(1, 224), torch.tensor([[0]])
    mapper = choose(network, batch, None, None)
    names, copies = zip(*randomised(network, seed=0), strict=True)
    assert len(names) == stages(network) <= 12
    changed = copies[-1]
    alike = similarity(mapper.maps(batch, targets)[:, 0], replace(mapper, network=changed).maps(batch, targets)[:, 0])
    assert abs(alike[0]) < 0.9
