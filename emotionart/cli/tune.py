"""`emotionart tune`: searches for hyperparameters, chosen on validation data alone."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from typing import Any

from emotionart.cli.console import log_to_console
from emotionart.cli.guard import repeatable
from emotionart.config.groups import key_names
from emotionart.config.overrides import override_key, without_config_dir
from emotionart.errors import UserError

_SWEEP_KEYS = {"hydra", "seeds", "rows", "grid", "common", *key_names("sweep")}


def add_to(subparsers: Any) -> None:
    """Adds the subcommand to the parser of `emotionart`."""
    parser = subparsers.add_parser("tune", help="search for hyperparameters with Optuna")
    parser.add_argument(
        "overrides",
        nargs="*",
        default=[],
        help="of every trial, as for train.py, and of the search: model=cv_fc search.trials=30",
    )
    parser.set_defaults(run=_tune)


def _tune(arguments: argparse.Namespace) -> int:
    with repeatable(f"emotionart tune {shlex.join(arguments.overrides)}"):
        return run_search(without_config_dir(arguments.overrides))


def run_search(overrides: Sequence[str]) -> int:
    """Runs a search and returns the exit code: 0, or 1 if no trial was completed.

    Args:
        overrides: keys of `conf/search.yaml`, `search.KEY` and `search=NAME`; all others apply to every trial.

    Raises:
        UserError: for a sweep's key, or one that `compose` refuses.
    """
    from emotionart.config.compose import compose
    from emotionart.run.devices.launcher import require_single_process
    from emotionart.sweeps.search import search

    require_single_process(os.environ)
    own, shared = _split_overrides(overrides)
    composed = compose(own, "search")
    with log_to_console():
        return search(composed.config, shared, composed.choices["search"])


def _split_overrides(overrides: Sequence[str]) -> tuple[list[str], list[str]]:
    """Sorts overrides into those of the search and of every trial."""
    keys = {"search", *key_names("search")}
    own: list[str] = []
    shared: list[str] = []
    for text in overrides:
        key = override_key(text)
        first = key.replace("/", ".").partition(".")[0]
        if key == "hydra.searchpath":  # may hold the search space and a trial's options
            own.append(text)
            shared.append(text)
        elif text.startswith("-"):
            raise UserError(f"A search has no option {text}.", where=text, fix="emotionart tune --help")
        elif first == "sweep":
            raise UserError("A search takes its model from overrides, not from a sweep.", where=text)
        elif first in _SWEEP_KEYS - keys:
            raise UserError("A search does not use this.", where=text, fix=f"without {text}")
        else:
            (own if first in keys else shared).append(text)
    return own, shared
