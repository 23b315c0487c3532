"""Checks a value from YAML against a type hint, and explains what is wrong with it."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from emotionart.errors import UserError, suggest

_CONFIG = ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False)
_BOUNDS = {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}
_LENGTHS = {"too_short", "too_long"}
_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "null"}


def check_value(key: str, value: Any, hint: Any) -> list[UserError]:
    """The error of a value, at most one; none for a node with a `_target_`, which is checked by itself.

    The value is validated strictly, as JSON: a list may become a tuple, but neither "1" nor true becomes a number.
    """
    if isinstance(value, dict) and "_target_" in value:
        return []
    try:
        read = TypeAdapter(hint, config=_CONFIG).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        # The contents of a mapping are checked where it is used, with better messages.
        details = [detail for detail in error.errors() if not (isinstance(value, dict) and detail["loc"])]
        return [_mistake(key, value, hint, details)] if details else []
    # Pydantic accepts True for Literal[1].
    return [_wrong_type(key, value, hint)] if isinstance(value, bool) and not isinstance(read, bool) else []


def _mistake(key: str, value: Any, hint: Any, details: Any) -> UserError:
    kinds = {detail["type"] for detail in details}
    index = next((part for part in details[0]["loc"] if isinstance(part, int)), None)
    limits = list(_limits(hint))
    if kinds <= _BOUNDS:
        where = key if index is None else f"{key}[{index}]"
        return UserError(f"{where} must be {_range(limits)}, not {details[0]['input']}.", where=where)
    if kinds <= _LENGTHS:
        least, most = (next((getattr(one, name) for one in limits if isinstance(one, kind)), None)
                       for kind, name in ((MinLen, "min_length"), (MaxLen, "max_length")))  # fmt: skip
        expected = f"{least} values" if least == most else f"at least {least} value{'s' * (least != 1)}"
        return UserError(f"{key} must have {expected}, not {value!r}.", where=key)
    return _wrong_type(key, value, hint)


def _limits(hint: Any) -> Iterator[Any]:
    """The constraints anywhere in a type, outermost first."""
    if typing.get_origin(hint) is Annotated:
        for note in hint.__metadata__:
            yield from note.metadata if isinstance(note, FieldInfo) else [note]
    for argument in typing.get_args(hint):
        yield from _limits(argument)


def _range(limits: list[Any]) -> str:
    low = next((limit.ge for limit in limits if isinstance(limit, Ge)), None)
    above = next((limit.gt for limit in limits if isinstance(limit, Gt)), None)
    high = next((limit.le for limit in limits if isinstance(limit, Le)), None)
    if low is None:
        return f"above {_number(above)}"
    return f"at least {_number(low)}" if high is None else f"from {_number(low)} to {_number(high)}"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _wrong_type(key: str, value: Any, hint: Any) -> UserError:
    choices = _choices(hint)
    if choices:
        close = suggest(str(value), choices)
        return UserError(
            f"{key} is one of {', '.join(choices)}, not {value!r}.",
            where=key,
            suggestions=close,
            fix=f"{key}={close[0]}" if close else None,
        )
    return UserError(f"{key} must be {_describe(hint)}, not {value!r}.", where=key)


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _choices(hint: Any) -> list[str]:
    """The values of a type with finitely many choices; empty for any other type."""
    if typing.get_origin(hint) is Literal:
        return [str(choice) for choice in typing.get_args(hint)]
    if _is_union(hint):
        parts = [["null"] if part is type(None) else _choices(part) for part in typing.get_args(hint)]
        return [choice for part in parts for choice in part] if all(parts) else []
    return []


def _describe(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _describe(arguments[0])
    if _is_union(hint):
        names = dict.fromkeys(_describe(argument) for argument in arguments)
        return " or ".join(name for name in names if name)
    if origin is Callable or (isinstance(origin, type) and issubclass(origin, Callable)):  # type: ignore[arg-type]
        return "a part with a _target_"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "a mapping"
    if origin is not None:
        items = [argument for argument in arguments if argument is not Ellipsis]
        if len(items) == 1 and _choices(items[0]):
            return f"a list of {', '.join(_choices(items[0]))}"
        kinds = {"a whole number": "whole numbers", "a number": "numbers", "text": "texts"}
        of = kinds.get(_describe(items[0])) if len(items) == 1 else None
        return f"a list of {of}" if of else "a list"
    return _NAMES.get(hint, getattr(hint, "__name__", str(hint)))
