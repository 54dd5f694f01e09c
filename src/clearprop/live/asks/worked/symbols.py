"""How things are written: z₃⁽¹⁾ is the weighted sum of the third unit of the first layer. All of it counts from 1."""

from __future__ import annotations

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def low(*places: int) -> str:
    """Return places, counted from 0, as a subscript counted from 1.

    Examples
    --------
    >>> low(0), low(1, 2), low(11, 2)
    ('₁', '₂₃', '₁₂,₃')
    """
    texts = [str(place + 1).translate(_LOW) for place in places]
    return ("" if all(len(text) == 1 for text in texts) else ",").join(texts)


def high(layer: int) -> str:
    """Return a layer's place, counted from 0, as a superscript counted from 1."""
    return f"⁽{str(layer + 1).translate(_HIGH)}⁾"


def at(name: str, layer: int, *places: int) -> str:
    """Return a name with its layer and places: ``at("z", 0, 2)`` is z₃⁽¹⁾."""
    return f"{name}{low(*places)}{high(layer)}"


def slope(of: str) -> str:
    """Return what the derivative of this sample's loss by something is called."""
    return f"∂ℓ/∂{of}"
