"""Checks that the parts of a GAN's configuration fit together, and that a classifier has none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emotionart.errors import UserError

_SIDES = (16, 32, 64, 128, 256)
_NOT_FLOAT32 = ("64", "64-true", "16-true", "bf16-true")  # precisions of weights, in Lightning's words
_PLAYERS = "emotionart.gan.step.optimizers.GANOptimizers"


def check_gan(config: Mapping[str, Any]) -> list[UserError]:
    """Errors between model, generator, discriminator and optimiser; none for a classifier with its own optimiser."""
    playing = {"generator", "discriminator"} <= config.keys()
    checks = [_check_sides, _check_explained, _check_trainer, _check_unvalidated] if playing else [_check_judge]
    mistakes = [mistake for check in checks for mistake in check(config)]
    if playing == (config["optimizer"]["_target_"] == _PLAYERS):
        return mistakes
    if playing:
        return [
            *mistakes,
            UserError(
                "A GAN has two players, each with a learning rate of its own.",
                where="optimizer",
                fix="optimizer=adam_gan",
            ),
        ]
    return [
        *mistakes,
        UserError("This optimizer is for the two players of a GAN.", where="optimizer", fix="optimizer=adam"),
    ]


def _check_judge(config: Mapping[str, Any]) -> list[UserError]:
    if config["judge"] is None:
        return []
    return [
        UserError(
            "A judge evaluates what a GAN generates, and this model generates nothing.",
            where=f"judge={config['judge']}",
            fix="without judge, or model=gan, or model=acgan",
        )
    ]


def _check_explained(config: Mapping[str, Any]) -> list[UserError]:
    """An error for `explain`, since a GAN predicts no classes."""
    if not config["explain"]:
        return []
    return [
        UserError("A GAN predicts no classes, so there is nothing to explain.", where="explain", fix="explain=false")
    ]


def _check_trainer(config: Mapping[str, Any]) -> list[UserError]:
    """Errors for Trainer settings that need a single optimiser, or other networks than those in float32."""
    trainer = config["trainer"]
    precision = trainer["precision"]
    if str(precision) in _NOT_FLOAT32:
        what = f"A GAN's noise and pictures are float32, and its networks would not be with {precision}."
        where = f"trainer.precision={precision}"
        return [UserError(what, where=where, fix="trainer.precision=bf16-mixed   or trainer.precision=32-true")]
    without = {"gradient_clip_val": None, "gradient_clip_algorithm": None, "accumulate_grad_batches": 1}
    return [
        UserError(
            "A GAN's two players take their steps in turn, which Lightning neither clips nor accumulates.",
            where=f"trainer.{key}={trainer[key]}",
            fix=f"without trainer.{key}",
        )
        for key, value in without.items()
        if trainer[key] != value
    ]


def _check_unvalidated(config: Mapping[str, Any]) -> list[UserError]:
    """Errors for settings of validation, which a GAN has none of."""
    trainer = config["trainer"]
    return [
        UserError(
            "A GAN is not validated; it reports after every model.report_every images, and KID on model.features "
            "chooses its best weights.",
            where=key,
            fix=f"{key}={value}",
        )
        for key, value, is_set in (
            ("monitor", "val/loss", config["monitor"] != "val/loss"),
            ("trainer.val_check_interval", "null", trainer["val_check_interval"] is not None),
            ("trainer.check_val_every_n_epoch", "1", trainer["check_val_every_n_epoch"] != 1),
        )
        if is_set
    ]


def _check_sides(config: Mapping[str, Any]) -> list[UserError]:
    """Errors for picture sides that doubling cannot reach, or that differ between the networks and the data."""
    size = config["model"]["representation"]["size"]
    if size not in _SIDES:
        close = min(_SIDES, key=lambda side: abs(side - size))
        return [
            UserError(
                f"Generated pictures have a side of {', '.join(map(str, _SIDES[:-1]))} or {_SIDES[-1]} pixels, "
                f"not {size}.",
                where="model.representation.size",
                fix=f"model.representation.size={close}",
            )
        ]
    sides = {f"{player}.size": config[player].get("size", size) for player in ("generator", "discriminator")}
    return [
        UserError(
            f"{key} is {side}, but the pictures have {size} pixels: both networks must fit them.",
            where=key,
            fix=f"model.representation.size={side} alone, which sets all three",
        )
        for key, side in sides.items()
        if side != size
    ]
