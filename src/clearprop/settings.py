"""Settings: frozen dataclasses that can be named by a user, compared, printed, and written to a model file.

Every layer, activation, loss, optimiser, initialiser and schedule is one. There is no registry: a name is looked up
among the subclasses that exist, so a person's own class is found like any of ours, and a file can name a class but
never bring one.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from abc import ABCMeta
from collections.abc import Iterator, Mapping
from math import inf
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from clearprop.errors import InputError, InputTypeError, unknown_name


class _PlainNumbers(ABCMeta):
    """Makes NumPy scalars among the arguments Python's own: np.float64(0.1) would turn float32 arrays into float64."""

    if not TYPE_CHECKING:  # a checker should see each class's own arguments

        def __call__(cls, *args, **more):
            return super().__call__(*map(_python, args), **{name: _python(value) for name, value in more.items()})


def _python(value: Any) -> Any:
    return cast(Any, value).item() if isinstance(value, np.generic) else value


class Settings(metaclass=_PlainNumbers):
    """Base of all settings; subclasses are frozen dataclasses.

    ``name`` is the class name in snake case, or the one given as ``class LeakyReLU(Activation, name="leaky_relu")``.
    """

    name: ClassVar[str] = "setting"

    def __init_subclass__(cls, name: str | None = None, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def known(cls) -> dict[str, type[Self]]:
        """Return every usable subclass by its name; of two with one name, the one defined last."""
        return {
            kind.name: kind for kind in _descendants(cls) if not inspect.isabstract(kind) and kind.__name__[0] != "_"
        }

    @classmethod
    def resolve(cls, value: object) -> Self:
        """Return ``value`` if it is such an object already, else the one of that name with its default settings.

        Raises
        ------
        InputError
            For a name that isn't known: the nearest right one, then the list.
        InputTypeError
            For anything that is neither a name nor such an object.
        """
        if isinstance(value, cls):
            return value
        kind = _words(cls)
        if isinstance(value, type) and issubclass(value, cls):
            raise InputTypeError(f"the {kind} is the class {value.__name__}; make an object of it: {value.__name__}()")
        if not isinstance(value, str):
            raise InputTypeError(
                f"a {kind} is a name such as {min(cls.known())!r} or a {cls.__name__} object; got {value!r}"
            )
        if value not in cls.known():
            raise unknown_name(kind, value, cls.known())
        try:
            return cls.known()[value]()
        except TypeError as error:
            example = cls.known()[value].__name__
            raise InputTypeError(f"the {kind} {value!r} needs settings: give an object, {example}(...)") from error

    def __str__(self) -> str:
        """Return the name, with the settings that aren't the defaults: ``leaky_relu(slope=0.1)``."""
        values = {f.name: getattr(self, f.name) for f in self._fields()}
        changed = [f"{f.name}={values[f.name]}" for f in self._fields() if values[f.name] != f.default]
        return f"{self.name}({', '.join(changed)})" if changed else self.name

    def _fields(self) -> tuple[dataclasses.Field[Any], ...]:
        return dataclasses.fields(cast(Any, self))

    def describe(self) -> dict[str, Any]:
        """Return the settings as plain JSON values, with the class's name under ``"type"``."""
        return {"type": f"{_kind(type(self)).name}.{self.name}"} | {
            f.name: _plain(getattr(self, f.name)) for f in self._fields()
        }

    @classmethod
    def from_description(cls, description: object) -> Self:
        """Build the object that :meth:`describe` described.

        Raises
        ------
        InputError
            If the description isn't one, or names a class that doesn't exist here.
        """
        if not isinstance(description, Mapping) or not isinstance(cast(Any, description).get("type"), str):
            raise InputError(f"expected the description of a {_words(cls)}, with its 'type'; got {description!r:.80}")
        values = dict(cast(Mapping[str, Any], description))
        root, _, name = str(values.pop("type")).partition(".")
        kinds = {kind.name: kind for kind in Settings.__subclasses__()}
        kind = kinds.get(root, cls)
        found = kind.known() or {kind.name: kind}  # a kind without subclasses stands for itself: a network
        if root not in kinds or name not in found or not issubclass(found[name], cls):
            hint = "; a class of your own must be defined before its file is loaded"
            known = (f"{kind.name}.{other}" for other in found)
            raise InputError(f"{unknown_name(_words(kind if cls is Settings else cls), f'{root}.{name}', known)}{hint}")
        try:
            return cast(Self, found[name](**{key: _rebuilt(value) for key, value in values.items()}))
        except TypeError as error:
            raise InputError(f"the {_words(cls)} {name!r} can't be built from {sorted(values)}: {error}") from error


def check_whole(value: object, what: str) -> int:
    """Return a user's whole number, at least 1, as an int.

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 1:
        raise InputError(f"{what} must be a whole number, at least 1; got {value!r:.60}")
    return int(value)


def check_number(
    value: object, what: str, *, least: float = -inf, above: float = -inf, most: float = inf, below: float = inf
) -> None:
    """Raise InputError or InputTypeError unless a user's value is a finite number within the bounds.

    Examples
    --------
    >>> check_number(-1, "SGD's rate", above=0)
    Traceback (most recent call last):
    clearprop.errors.InputError: SGD's rate must be above 0; got -1
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputTypeError(f"{what} must be a number; got {value!r:.60}")
    if not (least <= float(value) <= most and above < float(value) < below):
        bounds = {"at least": least, "above": above, "at most": most, "below": below}
        words = " and ".join(f"{word} {bound:g}" for word, bound in bounds.items() if abs(bound) < inf)
        raise InputError(f"{what} must be {words or 'finite'}; got {value!r}")


def _kind(cls: type[Settings]) -> type[Settings]:
    """Return the kind of thing that a class is: its ancestor right below Settings."""
    return cls.__mro__[cls.__mro__.index(Settings) - 1]


def _descendants(cls: type[Any]) -> Iterator[type[Any]]:
    for child in cls.__subclasses__():
        yield child
        yield from _descendants(child)


def _words(cls: type[Settings]) -> str:
    return cls.name.replace("_", " ")


def _plain(value: Any) -> Any:
    if isinstance(value, Settings):
        return value.describe()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in cast(list[Any], value)]
    return _python(value)


def _rebuilt(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Settings.from_description(cast(object, value))
    if isinstance(value, list):
        return tuple(_rebuilt(item) for item in cast(list[Any], value))
    return value
