from dataclasses import replace

import pytest

from emotionart.config.compose import compose
from emotionart.gan.build import build_gan
from emotionart.gan.health.monitor import ADVICE, STATES, Limits, Monitor, Observation
from emotionart.run.data import build_representation

LIMITS = Limits(
    patience=3,
    grace=1_000,
    winning=0.95,
    vanished=0.01,
    gap=0.6,
    losing=0.8,
    diversity=0.3,
    nearness=0.4,
    action="warn",
)
WELL = Observation(
    sign_real=0.4,
    sign_heldout=0.3,
    sign_fake=-0.3,
    accuracy=0.65,
    diversity=0.9,
    nearness=0.9,
    gradient=0.5,
    finite=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "healthy"),
        ({"accuracy": 0.96}, "discriminator winning"),
        ({"sign_real": 0.9, "sign_heldout": 0.2}, "discriminator winning"),
        ({"sign_fake": 0.9, "accuracy": 0.3}, "generator winning"),
        ({"sign_fake": 0.9, "sign_real": 1.0, "sign_heldout": 1.0}, "healthy"),
        ({"diversity": 0.1}, "collapsed"),
        ({"diversity": 0.1, "accuracy": 1.0}, "discriminator winning"),
        ({"diversity": 0.0, "accuracy": 1.0}, "collapsed"),
        ({"diversity": 0.0, "accuracy": 1.0, "gradient": 0.003}, "discriminator winning"),
        ({"gradient": 0.003}, "healthy"),
        ({"nearness": 0.2}, "memorising"),
        ({"finite": False, "diversity": float("nan")}, "not finite"),
    ],
)
def test_each_state_is_known_by_its_signs(change: dict, state: str) -> None:
    assert LIMITS.classify(replace(WELL, **change), 5_000) == state


def test_before_the_grace_is_over_only_numbers_count() -> None:
    assert LIMITS.classify(replace(WELL, diversity=0.0, accuracy=1.0), 1_000) == "healthy"
    assert LIMITS.classify(replace(WELL, finite=False), 10) == "not finite"


def test_a_state_is_told_once_it_has_lasted_and_again_when_it_ends() -> None:
    monitor, bad = Monitor(LIMITS), replace(WELL, accuracy=1.0)
    told = [monitor.follow(seen, 2_000 + 100 * n) for n, seen in enumerate([bad, bad, WELL, *[bad] * 4, *[WELL] * 4])]
    assert told == [*[None] * 5, "discriminator winning", *[None] * 3, "healthy", None]
    assert monitor.told == [
        {"images": 2_500, "state": "discriminator winning"},
        {"images": 2_900, "state": "healthy"},
    ]


def test_what_is_not_a_number_is_told_at_once() -> None:
    assert Monitor(LIMITS).follow(replace(WELL, finite=False), 10) == "not finite"


def test_a_monitor_goes_on_where_it_stopped() -> None:
    bad = replace(WELL, diversity=0.0)
    first = Monitor(LIMITS)
    for images in (2_000, 2_100):
        first.follow(bad, images)
    second = Monitor(LIMITS)
    second.load_state_dict(first.state_dict())
    assert second.follow(bad, 2_200) == first.follow(bad, 2_200) == "collapsed"
    assert second == first


def test_there_is_advice_for_every_state_that_is_not_healthy() -> None:
    assert set(ADVICE) == set(STATES) - {"healthy"}


def test_no_advice_against_overfitting_makes_augmentation_rarer() -> None:
    settings = ["model=gan", "generator.width=2", "discriminator.width=2"]
    often = []
    for more in ([], ["model.adaptive=true"]):
        config = compose([*settings, *more]).config
        often.append(float(build_gan(config, build_representation(config).input_transform()).adaptation[0]))
    assert often == [1, 0]
    assert not any("adaptive" in advice for advice in ADVICE.values())
