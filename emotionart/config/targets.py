"""The classes and functions that `_target_` names, and their parameters."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable
from typing import Any

from emotionart.errors import UserError, suggest


def locate(name: str) -> Callable[..., Any]:
    """The object with a dotted name.

    Raises:
        UserError: naming the missing module or attribute.
    """
    module, _, attribute = name.rpartition(".")
    try:
        home = importlib.import_module(module)
    except ImportError as error:
        raise UserError(f"{name!r} cannot be imported: {error}.") from None
    except ValueError:
        raise UserError(f"{name!r} is not the dotted name of a class or function.") from None
    if not hasattr(home, attribute):
        raise UserError(f"Module {module!r} has no {attribute!r}.", suggestions=suggest(attribute, dir(home)))
    target: Callable[..., Any] = getattr(home, attribute)
    return target


def parameters(target: Callable[..., Any]) -> frozenset[str]:
    """The names of a target's parameters; a class with `**kwargs` also has those of its base."""
    names: set[str] = set()
    for function in target.__mro__ if inspect.isclass(target) else [target]:
        declared = inspect.signature(function).parameters.values()
        names |= {one.name for one in declared if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}
        if not _open_ended(function):
            break
    return frozenset(names)


def needs(target: Callable[..., Any], name: str) -> bool:
    """Whether a target cannot be called without a parameter of this name."""
    parameter = inspect.signature(target).parameters.get(name)
    return parameter is not None and parameter.default is parameter.empty


def takes(target: Callable[..., Any], name: str) -> bool:
    """Whether a target can be called with a parameter of this name."""
    return _open_ended(target) or name in parameters(target)


def hints(target: Callable[..., Any]) -> dict[str, Any]:
    """The types of a target's parameters, with their ranges."""
    return typing.get_type_hints(target.__init__ if inspect.isclass(target) else target, include_extras=True)


def _open_ended(target: Callable[..., Any]) -> bool:
    return any(one.kind is one.VAR_KEYWORD for one in inspect.signature(target).parameters.values())
