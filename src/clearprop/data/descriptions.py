"""What was learned from a table, as plain JSON values: written exactly, read back with every value checked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

from clearprop.errors import InputError

T = TypeVar("T")


def plain(thing: Any) -> dict[str, Any]:
    """Return the fields of a dataclass of plain values, tuples as lists."""
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {name: [*cast(Any, value)] if isinstance(value, tuple) else value for name, value in values.items()}


def rebuild(cls: type[T], description: object) -> T:
    """Build a dataclass from a mapping that has exactly its fields, of the right types.

    Raises
    ------
    InputError
        If a field is missing, unknown, or of another type, or the class refuses the values.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Scale:
    ...     center: float
    >>> rebuild(Scale, {"center": 1.5})
    Scale(center=1.5)
    >>> rebuild(Scale, {"center": "1.5"})
    Traceback (most recent call last):
    clearprop.errors.InputError: expected 'center' to be a number; got '1.5'
    """
    known = {field.name: str(getattr(field.type, "__name__", field.type)) for field in fields(cast(Any, cls))}
    values = dict(cast(Mapping[Any, Any], description)) if isinstance(description, Mapping) else None
    if values is None or set(values) != set(known):
        raise InputError(f"expected the fields {', '.join(known)}; got {description!r:.200}")
    return cls(**{name: _read(values[name], kind, name) for name, kind in known.items()})


def _read(value: Any, kind: str, name: str) -> Any:
    expected = "text"
    if kind == "float":
        expected = "a number"
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max:
            return float(value)
    elif kind == "bool":
        expected = "true or false"
        if isinstance(value, bool):
            return value
    elif kind.startswith("tuple"):
        expected = "a list of different values of one kind"
        items = cast(list[object], value) if isinstance(value, list) else [None]
        types = {type(item) for item in items}
        if types in ({str}, {int}, {bool}, set()) and len(set(items)) == len(items):
            return tuple(items)
    elif isinstance(value, str):
        return value
    raise InputError(f"expected {name!r} to be {expected}; got {value!r:.100}")
