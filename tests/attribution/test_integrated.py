import torch

from emotionart.attribution.integrated import integrated_gradients
from emotionart.attribution.maps import data_mean
from tests.attribution.nets import MEAN, pictures, shallow


def test_contributions_add_up_to_the_difference_from_the_baseline() -> None:
    network, batch = shallow(pool=False, hidden=(6,)), pictures(3, 32)
    baseline = data_mean(network).expand(3, 32, 32)
    targets = torch.tensor([[0, 1], [2, 3], [4, 0]])
    found = integrated_gradients(network, batch, targets, baseline, steps=128)
    assert found.shape == (3, 2, 3, 32, 32)
    with torch.no_grad():
        gain = (network(batch) - network(baseline[None])).gather(1, targets)
    torch.testing.assert_close(found.sum((2, 3, 4)), gain, rtol=0.02, atol=0.002)


def test_the_baseline_is_what_normalisation_maps_to_zero() -> None:
    torch.testing.assert_close(data_mean(shallow()).flatten(), torch.tensor(MEAN))
