"""Settings as the Python that makes them: ``cp.Dense(16, "tanh")``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, cast

import numpy as np

import clearprop
from clearprop import initializers, schedules
from clearprop.layers.layer import Layer
from clearprop.settings import Settings

WIDTH = 110


def expression(value: Any) -> str:
    """Return Python that makes a value: a setting with as few arguments as give the same, or a plain value.

    Examples
    --------
    >>> from clearprop import Dense, LeakyReLU, SGD
    >>> print(expression(Dense(4, LeakyReLU(0.2))))
    cp.Dense(4, cp.LeakyReLU(0.2))
    >>> print(expression(Dense(4, "tanh", bias="he_normal")), expression(SGD(0.25)))
    cp.Dense(4, "tanh", bias="he_normal") cp.SGD(0.25)
    """
    if isinstance(value, Settings):
        return _setting(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _call(value, {each.name: getattr(value, each.name) for each in fields(value)}, _same_fields)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, np.ndarray):
        return repr(cast(Any, value).tolist())
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return "{" + ", ".join(f"{expression(k)}: {expression(v)}" for k, v in pairs) + "}"
    if isinstance(value, tuple):
        items = [expression(each) for each in cast("tuple[Any, ...]", value)]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(value, list):
        return f"[{', '.join(expression(each) for each in cast('list[Any]', value))}]"
    return repr(value)


def name_of(kind: type[Any]) -> str:
    """Return where a class is found by somebody who has imported clearprop as cp; its bare name if it isn't ours."""
    name = kind.__name__
    for prefix, module in (("cp", clearprop), ("cp.initializers", initializers), ("cp.schedules", schedules)):
        if getattr(module, name, None) is kind:
            return f"{prefix}.{name}"
    return name


def is_ours(kind: type[Any]) -> bool:
    """Tell whether a class comes with Clearprop."""
    return "." in name_of(kind)


def call(function: str, arguments: Sequence[str]) -> str:
    """Return a call, on one line or, where that would be long, with its arguments on lines of their own.

    Examples
    --------
    >>> print(call("f", ["1", "b=2"]))
    f(1, b=2)
    """
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    lines = [""]
    for argument in arguments:
        if lines[-1] and len(lines[-1]) + len(argument) > WIDTH:
            lines.append("")
        lines[-1] += f"{argument}, "
    return "\n".join([f"{function}(", *(f"    {each.rstrip()}" for each in lines), ")"])


def _setting(value: Settings) -> str:
    kind = type(value)
    if not isinstance(value, Layer):  # a layer is never given by its name
        try:
            if kind().describe() == value.describe() and is_ours(kind):
                return json.dumps(kind.name)
        except TypeError:
            pass  # it can't be made without arguments
    named = {each.name: getattr(value, each.name) for each in fields(cast(Any, value))}
    return _call(value, named, _same_description)


def _call(value: Any, named: dict[str, Any], same: Any) -> str:
    """Return a call of the value's class, without the arguments that it takes by itself."""
    needed = dict(named)
    for name in named:
        fewer = {key: each for key, each in needed.items() if key != name}
        try:
            if same(type(value)(**fewer), value):
                needed = fewer
        except TypeError:
            continue  # this one can't be left out
    arguments: list[str] = []
    by_place = True
    for name, parameter in inspect.signature(value.__init__).parameters.items():
        by_place = by_place and name in needed and parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        if name in needed:
            arguments.append(expression(needed[name]) if by_place else f"{name}={expression(needed[name])}")
    return f"{name_of(cast('type[Any]', type(value)))}({', '.join(arguments)})"


def _same_description(one: Settings, other: Settings) -> bool:
    return one.describe() == other.describe()


def _same_fields(one: Any, other: Any) -> bool:
    return all(getattr(one, each.name) == getattr(other, each.name) for each in fields(other))
