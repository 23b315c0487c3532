import numpy as np

from emotionart.draws import artwork_keys, draw, draw_seed


def test_draws_are_the_published_splitmix64() -> None:
    # First outputs for the state 0 of the reference implementation by Vigna (splitmix64.c).
    assert draw_seed(0) == 0xE220A8397B1DCDAF >> 1


def test_draws_do_not_depend_on_their_company() -> None:
    keys = artwork_keys(["a", "b", "c"])
    assert (draw(keys, 3, 7)[::-1] == draw(keys[::-1], 3, 7)).all()


def test_draws_differ_between_contexts_and_are_uniform() -> None:
    keys = artwork_keys(map(str, range(20_000)))
    views = draw(keys, 0, 1) % np.uint64(4)
    counts = np.bincount(views.astype(int), minlength=4)
    assert np.abs(counts - 5_000).max() < 300
    agreement = (views == draw(keys, 0, 2) % np.uint64(4)).mean()
    assert abs(agreement - 0.25) < 0.02
