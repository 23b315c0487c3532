"""A search space: the keys that a search varies, each with its distribution."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from emotionart.config.overrides import override_key
from emotionart.errors import UserError, raise_together

Space = dict[str, BaseDistribution]


def read_space(tree: Mapping[str, Any], overrides: Sequence[str]) -> Space:
    """The dotted keys of a search space, each with its distribution.

    Args:
        tree: the setting `search.space`.
        overrides: overrides of every trial.

    Raises:
        UserError: for a key without a distribution, a space without keys, or an override of a key in it, which each
            trial would replace.
    """
    space = dict(_distributions(tree))
    if not space:
        raise UserError("There is nothing to search for.", where="search.space", fix="search=optuna   the shipped one")
    raise_together(
        UserError(
            f"The search varies {key}, so that no trial would keep this value.",
            where=text,
            fix=f"without {text}; or {shlex.join([f'~search.space.{key}', text])}   to search with this value",
        )
        for text in overrides
        if (key := override_key(text)) in space
    )
    return space


def _distributions(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, BaseDistribution]]:
    for name, values in tree.items():
        if isinstance(values, Mapping) and "low" not in values and "high" not in values:
            yield from _distributions(values, f"{prefix}{name}.")
        else:
            yield prefix + name, _distribution(prefix + name, values)


def _distribution(key: str, values: Any) -> BaseDistribution:
    if isinstance(values, list) and values:
        return CategoricalDistribution(values)
    if isinstance(values, Mapping) and {"low", "high"} <= values.keys() <= {"low", "high", "log"}:
        ends = (values["low"], values["high"])
        if all(isinstance(end, int | float) for end in ends):
            try:
                return (IntDistribution if all(isinstance(end, int) for end in ends) else FloatDistribution)(**values)
            except ValueError as error:
                raise UserError(f"{error}.", where=f"search.space.{key}") from None
    raise UserError(
        f"{values!r} is neither a range nor a list of choices.",
        where=f"search.space.{key}",
        fix=f"search.space.{key}={{low: 1e-5, high: 1e-2, log: true}}",
    )
