import numpy as np
import torch
from skimage.filters import sobel

from emotionart.attribution.evaluation.rivals import another_of_the_class, edge_maps, rival_maps
from tests.attribution.nets import pictures


def test_edges_are_skimages() -> None:
    batch = pictures(1, 32)
    expected = sobel(batch[0].mean(0).numpy(), mode="nearest") * 4 * np.sqrt(2)
    np.testing.assert_allclose(edge_maps(batch, (32, 32))[0], expected, rtol=1e-4, atol=1e-5)


def test_another_of_the_class_is_another_and_of_the_class_where_there_is_one() -> None:
    assert another_of_the_class(torch.tensor([2, 0, 2, 1, 2])).tolist() == [2, 2, 4, 4, 0]


def test_the_mean_leaves_the_picture_itself_out_and_weighs_all_others_alike() -> None:
    maps = torch.stack([torch.eye(3), 100 * torch.ones(3, 3), -2 * torch.eye(3)])
    found = rival_maps(maps, torch.tensor([0, 0, 1]), seed=0)
    torch.testing.assert_close(found["mean"][1], torch.zeros(3, 3))
    torch.testing.assert_close(found["mean"][0], (torch.ones(3, 3) - torch.eye(3)) / 2)
    assert torch.equal(found["another's"], maps[[1, 0, 0]])


def test_rivals_have_the_shape_of_the_maps_and_noise_is_smooth_where_it_is_said_to_be() -> None:
    for shape in ((4, 7, 5), (2, 1, 1), (1, 16, 16)):
        assert {found.shape for found in rival_maps(torch.rand(shape), torch.zeros(shape[0]), 0).values()} == {shape}
    found = rival_maps(torch.rand(8, 16, 16), torch.zeros(8), seed=0)

    def neighbours(maps: torch.Tensor) -> float:
        return float(np.corrcoef(maps[:, :, 1:].flatten(), maps[:, :, :-1].flatten())[0, 1])

    assert abs(neighbours(found["random"])) < 0.1
    assert neighbours(found["smoothed noise"]) > 0.8
    assert found["centre"][0].argmax() in (7 * 16 + 7, 7 * 16 + 8, 8 * 16 + 7, 8 * 16 + 8)
