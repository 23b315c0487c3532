"""Flat columns of W&B's table of runs, for filters and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emotionart.config.composed import flat
from emotionart.config.overrides import override_key
from emotionart.config.relevance import is_neutral


@dataclass(frozen=True)
class Membership:
    """A run's place in a sweep or multirun.

    Attributes:
        group: name of the sweep or multirun.
        row: the settings that vary, without the seed.
        name: display name; None for the folder's.
    """

    group: str
    row: str
    name: str | None = None

    @classmethod
    def of_multirun(cls, group: str, varied: Sequence[str], choices: Mapping[str, str]) -> Membership:
        """The membership of a job of `train.py -m`, from its overrides of the keys that vary."""
        row = [text for text in varied if override_key(text) != "seed"]
        return cls(group, ", ".join(row) or choices["model"], ", ".join(varied) or None)


def flat_columns(
    config: Mapping[str, Any], choices: Mapping[str, str], overrides: Sequence[str], membership: Membership | None
) -> dict[str, Any]:
    """Row, sweep, seed, split, fold, every group's option, learning rates, and the overridden values.

    Args:
        config: resolved configuration.
        choices: chosen option of each config group.
        overrides: overrides of the command line.
        membership: place in a sweep or multirun; None for a single run.
    """
    values = flat(config)
    overridden = [override_key(text) for text in overrides]
    return {
        **{key: values[key] for key in overridden if key in values and not is_neutral(key)},
        **{key: value for key, value in values.items() if key.startswith("optimizer.lr")},
        **{group.rpartition("/")[2]: option for group, option in choices.items() if option is not None},
        "seed": config["seed"],
        "split_seed": config["data"].get("split_seed"),
        "fold": config["data"].get("fold"),
        "sweep": membership.group if membership else None,
        "row": membership.row if membership else choices["model"],
        "overrides": " ".join(overrides),
    }
