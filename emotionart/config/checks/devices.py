"""Checks that a run on several devices can share its work among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emotionart.errors import UserError

SHARED = "ddp"
"""The strategy by which several devices share the work of a run."""

_BESIDE = "and several runs beside each other: -m, or the same sweep in several terminals"


def device_count(trainer: Mapping[str, Any]) -> int:
    """The number of devices that a run trains on; `auto` is one.

    Args:
        trainer: settings of the group `trainer`.

    Raises:
        ValueError: for text that is not a number.
    """
    devices = trainer["devices"]
    if devices == "auto":
        return 1
    return int(devices) if isinstance(devices, int | str) else len(devices)


def check_devices(config: Mapping[str, Any]) -> list[UserError]:
    """Errors in the devices of a run."""
    trainer = config["trainer"]
    where = f"trainer.devices={trainer['devices']}"
    try:
        devices = device_count(trainer)
    except ValueError:
        devices = 0
    if devices < 1:
        return [UserError("Devices are a number, a list of numbers, or auto.", where=where, fix="trainer.devices=1")]
    if trainer["num_nodes"] != 1:
        what = "A run trains on one machine."
        return [UserError(what, where=f"trainer.num_nodes={trainer['num_nodes']}", fix="trainer.num_nodes=1")]
    return list(_check_shared(config, devices, where)) if devices > 1 else []


def training_devices(config: Mapping[str, Any]) -> int:
    """The number of devices that share each training batch: one for a head on stored features.

    Args:
        config: whole configuration.
    """
    return device_count(config["trainer"]) if _learns_from_pixels(config) else 1


def _check_shared(config: Mapping[str, Any], devices: int, where: str) -> Iterator[UserError]:
    if what := _alone(config):
        fix = f"trainer=default trainer.devices=1   {_BESIDE}"
        yield UserError(f"{what} trains on one device.", where=where, fix=fix)
        return
    if config["trainer"]["strategy"] != SHARED:
        what = f"Several devices share the work of a run by trainer={SHARED}."
        yield UserError(what, where=where, fix=f"trainer={SHARED} trainer.devices={devices}")
    if _learns_from_pixels(config) and (left := config["batch_size"] % devices):
        size = config["batch_size"] - left + devices
        what = f"A batch of {config['batch_size']} cannot be shared evenly by {devices} devices."
        yield UserError(what, where=f"batch_size={config['batch_size']}", fix=f"batch_size={size}")


def _alone(config: Mapping[str, Any]) -> str | None:
    """What cannot use several devices or gains nothing from them, as the subject of a sentence; else None."""
    if config["model"]["representation"]["_target_"].endswith(".VectorRepresentation"):
        return "A head on hand-engineered features, which all cores compute and which would gain nothing from more,"
    lbfgs = config["optimizer"]["_target_"].endswith("LBFGS")
    return "L-BFGS" if lbfgs and _learns_from_pixels(config) else None


def _learns_from_pixels(config: Mapping[str, Any]) -> bool:
    """Whether training passes pictures through a network, rather than stored features."""
    node = config["model"]["representation"]
    return "generator" in config or node["_target_"].endswith(".Pixels") or node.get("freeze", "all") != "all"
