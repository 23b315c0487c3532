"""What a run is, in flat columns of W&B's table of runs, by which its users filter and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emotionart.config.compose import is_neutral
from emotionart.config.composed import flat
from emotionart.config.overrides import override_key


@dataclass(frozen=True)
class Membership:
    """What a run is among those that it is compared with.

    Attributes:
        group: name of the sweep, or of the multirun.
        row: what sets it apart, its seed aside.
        name: that people call it by; None for its folder's.
    """

    group: str
    row: str
    name: str | None = None

    @classmethod
    def of_multirun(cls, group: str, varied: Sequence[str], choices: Mapping[str, str]) -> Membership:
        """That of a job of `train.py -m`, given its overrides of the keys that vary."""
        row = [text for text in varied if override_key(text) != "seed"]
        return cls(group, ", ".join(row) or choices["model"], ", ".join(varied) or None)


def flat_columns(
    config: Mapping[str, Any], choices: Mapping[str, str], overrides: Sequence[str], membership: Membership | None
) -> dict[str, Any]:
    """Row, sweep, seed, split, fold, every group's option, the overrides, learning rates, and plain values asked for.

    Args:
        config: resolved.
        choices: which option of each config group was taken.
        overrides: what was asked for on the command line.
        membership: None for a run alone.
    """
    values = flat(config)
    asked = [override_key(text) for text in overrides]
    return {
        **{key: values[key] for key in asked if key in values and not is_neutral(key)},
        **{key: value for key, value in values.items() if key.startswith("optimizer.lr")},
        **{group.rpartition("/")[2]: option for group, option in choices.items() if option is not None},
        "seed": config["seed"],
        "split_seed": config["data"].get("split_seed"),
        "fold": config["data"].get("fold"),
        "sweep": membership.group if membership else None,
        "row": membership.row if membership else choices["model"],
        "overrides": " ".join(overrides),
    }
