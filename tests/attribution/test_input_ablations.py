import numpy as np
import torch

from emotionart.attribution.input_ablations import global_cues, local_cues
from emotionart.attribution.removal import blurred
from tests.attribution.nets import pictures


def spectrum(batch: torch.Tensor) -> torch.Tensor:
    return torch.fft.rfft2(batch).abs()


def test_global_cues_keep_colour_light_and_spectrum_and_lose_the_phases() -> None:
    batch = 0.4 + 0.2 * pictures(2, 32)  # far from black and white, so that nothing is clipped
    found = global_cues(batch)
    areas = blurred(batch)
    torch.testing.assert_close(found.mean((2, 3)), batch.mean((2, 3)), atol=0.01, rtol=0)
    torch.testing.assert_close(spectrum(found - areas), spectrum(batch - areas), atol=0.02, rtol=1e-3)
    before, after = ((part - areas).flatten() for part in (batch, found))
    assert abs(np.corrcoef(before, after)[0, 1]) < 0.1


def test_local_cues_keep_the_shapes_on_the_colours_and_contrast_of_another() -> None:
    batch = torch.full((2, 3, 64, 64), 0.5)
    batch[0, 0], batch[1, 2] = 0.7, 0.7  # a reddish and a bluish picture
    batch[0, :, 20:24, 20:24] += 0.2
    batch[1, :, 40:44, 40:44] -= 0.05
    found = local_cues(batch)
    torch.testing.assert_close(found.mean((2, 3)), batch[[1, 0]].mean((2, 3)), atol=0.01, rtol=0)
    assert int(found[0].sum(0).argmax()) in [64 * y + x for y in range(20, 24) for x in range(20, 24)]
    assert int(found[1].sum(0).argmin()) in [64 * y + x for y in range(40, 44) for x in range(40, 44)]
    detail = (found - blurred(found)).mean(1).std((1, 2))
    own = (batch - blurred(batch)).mean(1).std((1, 2))
    torch.testing.assert_close(detail, own[[1, 0]], atol=0.002, rtol=0.2)


def test_nobody_keeps_their_own_colours() -> None:
    batch = torch.linspace(0.1, 0.9, 9)[:, None, None, None].expand(9, 3, 16, 16).contiguous()
    for seed in range(5):
        found = local_cues(batch, seed).mean((1, 2, 3))
        assert (found - batch[:, 0, 0, 0]).abs().min() > 0.05
        torch.testing.assert_close(found.sort().values, batch[:, 0, 0, 0])
