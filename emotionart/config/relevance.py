"""Which keys can change a result, and the comparison of configurations by these keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from emotionart.config.composed import flat

NEUTRAL = (
    *("logger", "cache", "resume", "workers", "explain", "figures", "labels.noun"),
    *("trainer.enable_progress_bar", "hydra"),
)
"""Keys that cannot change a result, with all keys below them."""


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The keys whose values differ, as "key: old → new", without keys that cannot change a result."""
    before, after = flat(old), flat(new)
    return [
        f"{key}: {before.get(key, 'absent')} → {after.get(key, 'absent')}"
        for key in sorted({*before, *after})
        if before.get(key, ...) != after.get(key, ...) and not is_neutral(key)
    ]


def fingerprint(config: Mapping[str, Any]) -> str:
    """A hash of a resolved configuration in eight hexadecimal digits, without keys that cannot change a result."""
    relevant = {key: value for key, value in sorted(flat(config).items()) if not is_neutral(key)}
    return hashlib.blake2b(json.dumps(relevant).encode(), digest_size=4).hexdigest()


def is_neutral(key: str) -> bool:
    """Whether a dotted key cannot change a result: one of `NEUTRAL`, or below it."""
    return any(key == part or key.startswith(f"{part}.") for part in NEUTRAL)
