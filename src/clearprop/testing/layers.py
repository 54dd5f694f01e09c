"""The check of one layer: its derivative, and what a network relies on."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.layers.layer import Layer
from clearprop.parameters import Layout, Parameters
from clearprop.testing.contracts import away_from_zero, generator, must, normal, same, unchanged
from clearprop.testing.derivatives import Arrays, Report, compare


def check_layer(
    layer: Layer,
    n_inputs: int,
    *,
    x: Any = None,
    parameters: Any = None,
    rows: int = 5,
    entries: int = 64,
    rng: int = 0,
    tolerance: float | None = None,
) -> Report:
    """Check a layer's ``backward`` against its ``forward``, and what a network relies on.

    That is: the output has ``n_outputs`` columns; the first values have the shapes of ``shapes``; the input's and
    every parameter's derivative are right; ``into`` is overwritten, not added to, whether or not the input's derivative
    is asked for; nothing handed in is changed; a second pass gives the same bits (for a layer that draws: with the same
    generator); float32 stays float32; a layer that doesn't say ``draws`` leaves the generator alone.

    Parameters
    ----------
    layer : Layer
    n_inputs : int
        Columns of the input.
    x : array, shape (rows, n_inputs), optional
        By default normal numbers, each moved away from 0 by 0.1, where activations such as ReLU have their kink. At a
        kink in other places there is no derivative to compare with: give an x away from it.
    parameters : mapping of str to array, optional
        By default the layer's own first values, moved by a tenth of normal numbers, so that none is exactly 0.
    rows, entries, rng : int
        Rows drawn, entries looked at one by one in each array, and the seed of all that is drawn.
    tolerance : float, optional
        The largest scaled error (see ``Report``): 1e-10, or 1e-6 for a formula that isn't complex-safe.

    Returns
    -------
    Report

    Raises
    ------
    AssertionError
        Naming what is wrong: an array, a place and both values, or the rule that is broken.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> from clearprop.layers.layer import Cache, Layer
    >>> @dataclass(frozen=True)
    ... class Twice(Layer):
    ...     def forward(self, parameters, x, rng=None):
    ...         return Cache(x, 2 * x, 2 * x)
    ...     def backward(self, parameters, cache, gradient, into, need_input=True):
    ...         return gradient  # forgot the 2
    >>> check_layer(Twice(), 3)
    Traceback (most recent call last):
    AssertionError: the derivative by 'input' is wrong ...
    """
    draw = np.random.default_rng(rng)
    x = away_from_zero(draw, (rows, n_inputs)) if x is None else np.asarray(x, dtype=np.float64)
    layout = Layout.of([layer.shapes(n_inputs)])
    views = _parameters(layer, n_inputs, layout, parameters, draw).layers[0]
    cache = _forward(layer, views, x, rng)
    gradient = normal(draw, cache.a.shape)
    dx, into = _backward(layer, layout, views, cache, gradient)
    _check_float32(layer, layout, views, x, gradient, rng)

    def weighted_output(arrays: Arrays) -> Any:
        return (layer.forward(arrays, arrays["input"], generator(layer, rng)).a * gradient).sum()

    arrays, gradients = {**views, "input": x}, {**into, "input": dx}
    return compare(weighted_output, arrays, gradients, terms=gradient, rng=draw, entries=entries, tolerance=tolerance)


def _parameters(layer: Layer, n_inputs: int, layout: Layout, given: Any, draw: np.random.Generator) -> Parameters:
    shapes = layer.shapes(n_inputs)
    first = layer.first_values(n_inputs, draw)
    must(first.keys() == shapes.keys(), f"first_values names {list(first)}, and shapes names {list(shapes)}")
    for name, shape in shapes.items():
        must(np.shape(first[name]) == shape, f"the first {name} has shape {np.shape(first[name])}; shapes says {shape}")
    if given is None:
        given = {name: values + 0.1 * draw.normal(size=shapes[name]) for name, values in first.items()}
    arrays = {f"0.{name}": np.asarray(given[name], dtype=np.float64) for name in shapes}
    return Parameters(layout, layout.gather(arrays).astype(np.float64))


def _forward(layer: Layer, views: Any, x: Array, rng: int) -> Any:
    with unchanged("forward", x=x, **views):
        cache = layer.forward(views, x, generator(layer, rng))
        again = layer.forward(views, x, generator(layer, rng))
        prediction = layer.forward(views, x).a
    shape = (len(x), layer.n_outputs(x.shape[1]))
    for a in (cache.a, prediction):
        must(np.shape(a) == shape, f"forward's output must have shape {shape}, as n_outputs says; got {np.shape(a)}")
    must(np.array_equal(cache.x, x), "the cache's x must be the input")
    same("forward's output", cache.a, again.a, "in a second pass")
    if not layer.draws:
        stream = np.random.default_rng(rng)
        layer.forward(views, x, stream)
        untouched = stream.bit_generator.state == np.random.default_rng(rng).bit_generator.state
        must(untouched, "forward drew from rng, but the layer doesn't say so: set draws = True")
    return cache


def _backward(layer: Layer, layout: Layout, views: Any, cache: Any, gradient: Array) -> tuple[Array, Any]:
    """Go back three times: over NaN, over other numbers, and without the input's derivative."""
    results: list[Any] = []
    intos = [Parameters(layout, np.full(layout.size, filling)) for filling in (np.nan, 7.0, 7.0)]
    with unchanged("backward", gradient=gradient, x=cache.x, z=cache.z, a=cache.a, **views):
        for into, need_input in zip(intos, (True, True, False), strict=True):
            results.append(layer.backward(views, cache, gradient, into.layers[0], need_input))
    must(
        np.shape(results[0]) == cache.x.shape,
        f"backward must return the input's derivative, shape {cache.x.shape}; got {np.shape(results[0])}",
    )
    for name in layout.places:
        own = name.partition(".")[2]
        must(bool(np.isfinite(intos[0][name]).all()), f"backward must write every number of into[{own!r}], not add")
        same(f"into[{own!r}]", intos[0][name], intos[1][name], "when it held other numbers: overwrite it, don't add")
        same(f"into[{own!r}]", intos[0][name], intos[2][name], "without need_input")
    same("the input's derivative", results[0], results[1], "in a second pass")
    return results[0], intos[0].layers[0]


def _check_float32(layer: Layer, layout: Layout, views: Any, x: Array, gradient: Array, rng: int) -> None:
    narrow = {name: array.astype(np.float32) for name, array in views.items()}
    cache = layer.forward(narrow, x.astype(np.float32), generator(layer, rng))
    into = Parameters(layout, np.zeros(layout.size, np.float32))
    dx = layer.backward(narrow, cache, gradient.astype(np.float32), into.layers[0])
    for what, array in {"output": cache.a, "input's derivative": dx}.items():
        must(array.dtype == np.float32, f"for float32 the {what} must be float32; got {array.dtype}")
