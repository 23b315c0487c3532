from collections.abc import Callable

import numpy as np
import pytest

from emotionart.data.loader import (
    ArtworkDataset,
    Batch,
    BatchKey,
    EpochOrder,
    PixelInputs,
    StepOrder,
    load_batches,
)
from emotionart.data.pictures.views import parse_views
from emotionart.data.share import BatchShare


def dataset(random: Callable | None = None, views: tuple[str, ...] = ("identity", "flip")) -> ArtworkDataset:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    inputs = PixelInputs(pixels, np.arange(20)[::-1], parse_views(views), random)
    rows = np.arange(2, 19)
    ids = [f"art{row}" for row in rows]
    target = np.eye(3, dtype=np.float32)[rows % 3]
    return ArtworkDataset(inputs, rows, ids, target, (rows % 3).astype(np.int64), len(views), seed=5)


def epoch(data: ArtworkDataset, number: int, workers: int) -> list[Batch]:
    loader = load_batches(data, 4, seed=5, workers=workers)
    loader.sampler.set_epoch(number)
    return list(loader)


def same(left: list[Batch], right: list[Batch]) -> bool:
    pairs = zip(left, right, strict=True)
    return all(all((x == y).all() for x, y in zip(a, b, strict=True)) for a, b in pairs if len(a.label) == len(b.label))


def test_an_epoch_has_every_artwork_once() -> None:
    order = np.concatenate([key.rows for key in EpochOrder(17, 4, seed=1)])
    assert sorted(order) == list(range(17))
    assert len(EpochOrder(17, 4, seed=1)) == 5


def test_batches_are_a_function_of_seed_and_epoch_whatever_the_workers() -> None:
    first = epoch(dataset(), 3, workers=0)
    assert same(first, epoch(dataset(), 3, workers=2))
    assert not same(first, epoch(dataset(), 4, workers=0))


def test_both_views_occur_and_do_not_depend_on_the_batch() -> None:
    data, plain = dataset(), dataset(views=("identity",))
    whole = data[BatchKey(2, np.arange(17))].inputs.numpy()
    original = plain[BatchKey(2, np.arange(17))].inputs.numpy()
    flipped = (whole == original[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 0 < flipped.sum() < 17
    assert (whole[~flipped] == original[~flipped]).all()
    assert (data[BatchKey(2, np.array([11]))].inputs.numpy()[0] == whole[11]).all()


def test_random_augmentation_repeats_for_the_same_seed_epoch_and_artwork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_ALBUMENTATIONS_UPDATE", "1")
    import albumentations

    random = albumentations.Compose([albumentations.RandomBrightnessContrast(p=1.0)])
    first = epoch(dataset(random), 1, workers=0)
    assert same(first, epoch(dataset(random), 1, workers=2))
    assert not same(first, epoch(dataset(), 1, workers=0))


def test_endless_batches_are_full_and_a_function_of_the_step_alone() -> None:
    """Ten artworks in batches of four: two batches a pass, in epochs of three steps."""
    whole = [key for epoch in range(4) for key in StepOrder(10, 4, seed=1, steps=3, epoch=epoch)]
    assert [key.epoch for key in whole] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert all(len(set(key.rows)) == 4 for key in whole)
    for first, second in zip(whole[::2], whole[1::2], strict=True):
        assert not set(first.rows) & set(second.rows)
    assert {tuple(key.rows) for key in whole} != {tuple(whole[0].rows), tuple(whole[1].rows)}
    order = StepOrder(10, 4, seed=1, steps=3)
    order.set_epoch(2)
    assert len(order) == 3
    for key, expected in zip(order, whole[6:9], strict=True):
        assert (key.rows == expected.rows).all()


@pytest.mark.parametrize(("count", "devices"), [(8, 2), (7, 2), (1, 2), (10, 4), (2, 3)])
def test_the_devices_share_a_batch_in_shares_that_are_equally_large_and_put_together_in_order(
    count: int, devices: int
) -> None:
    shares = np.stack([BatchShare(rank, devices).rows(count) for rank in range(devices)])
    assert (shares.T.ravel()[:count] == np.arange(count)).all()
    assert shares.shape == (devices, -(-count // devices))
