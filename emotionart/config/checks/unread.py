"""Keys of a configuration that nothing reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emotionart.config.composed import Composed
from emotionart.config.groups import contains_key, options_with_key
from emotionart.config.nearest import nearest_keys
from emotionart.config.targets import parameters
from emotionart.data.tables.wording import some
from emotionart.errors import UserError, suggest


def unread(
    key: str, name: str | None, target: Callable[..., Any] | None, node: Mapping[str, Any], composed: Composed
) -> UserError:
    """The error for a key that nothing reads: who sets it, and where it belongs.

    Args:
        key: dotted key.
        name: name of the target beside the key; None without one.
        target: that target.
        node: the node of the configuration that holds the key.
        composed: the configuration.
    """
    last, written = key.rpartition(".")[2], _written_in(key, composed)
    if target is None:
        close = nearest_keys(last, [one for one in node if one != last])
        return UserError(f"Nothing uses the key {key!r}{written}.", where=key, suggestions=close)
    group = key.partition(".")[0]
    options = [f"{group}={option}" for option in options_with_key(group, last, composed.sources[0])]
    belongs = f" It is a key of {some(options, 3)}." if options else ""
    what = f"{name} has no parameter {last!r}{written}.{belongs}"
    return UserError(what, where=key, suggestions=suggest(last, parameters(target)))


def _written_in(key: str, composed: Composed) -> str:
    """The user's files that may set a key, as part of a sentence."""
    options = [f"{group}/{option}.yaml" for group, option in composed.choices.items() if option is not None]
    files = [folder / option for folder in composed.sources[1:] for option in options]
    matches = [str(file) for file in files if file.is_file() and contains_key(file, key.rpartition(".")[2])]
    return f", which is set in {some(matches)}" if matches else ""
