"""What a device draws for its share of a batch is what one device draws for those pictures."""

from collections.abc import Iterator

import pytest
import torch

from emotionart.data.share import BatchShare
from emotionart.gan.step.diffaugment import augment
from emotionart.gan.step.means import average
from tests.gan.test_module import gan
from tests.gan.test_waits import Waits

CHANGES = ("colour", "translation", "cutout")


@pytest.fixture
def one_process() -> Iterator[None]:
    """A group of one process, in which the sum over all devices is that of one."""
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("devices", [1, 2, 4])
def test_a_share_is_what_the_loader_reads(devices: int) -> None:
    batch = torch.arange(16).reshape(8, 2)
    for rank in range(devices):
        share = BatchShare(rank, devices)
        rows = share.rows(8)
        assert torch.equal(share.of(batch), batch[rows])
        assert torch.equal(share.of(batch.T, 1), batch.T[:, rows])
        assert share.whole(len(rows)) == 8


def test_a_tensor_that_the_devices_do_not_divide_is_refused() -> None:
    with pytest.raises(AssertionError, match="7 artworks, 2 devices"):
        BatchShare(1, 2).of(torch.arange(7))


@pytest.mark.parametrize("probability", [None, torch.tensor(0.5)])
def test_pictures_are_augmented_as_in_the_whole_batch(probability: torch.Tensor | None) -> None:
    pictures = torch.rand(8, 3, 16, 16)
    torch.manual_seed(0)
    expected = augment(pictures, CHANGES, 0.5, probability)
    for rank in range(2):
        share = BatchShare(rank, 2)
        torch.manual_seed(0)
        found = augment(share.of(pictures), CHANGES, 0.5, probability, share)
        torch.testing.assert_close(found, share.of(expected))


def test_pictures_are_generated_as_in_the_whole_batch() -> None:
    model = gan()
    torch.manual_seed(0)
    expected = model.generate(8).pictures
    for rank in range(2):
        share = BatchShare(rank, 2)
        torch.manual_seed(0)
        torch.testing.assert_close(model.generate(4, share).pictures, share.of(expected))


def test_means_are_exchanged_at_once_and_read_by_nobody(one_process: None) -> None:
    """In a group of one, the mean over two devices is half of what there is."""
    tensors = [torch.tensor(3.0), torch.ones(2, 3, 4, 4).to(memory_format=torch.channels_last)]
    average(tensors, 1)
    assert float(tensors[0]) == 3
    with Waits() as waits:
        average(tensors, 2)
    assert waits.seen == []
    assert float(tensors[0]) == 1.5
    assert torch.equal(tensors[1], torch.full((2, 3, 4, 4), 0.5))
