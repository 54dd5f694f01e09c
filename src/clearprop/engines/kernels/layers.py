"""A block of rows through the layers of a plan, forwards and backwards.

A workspace is one flat array; what lies at column c of a plan begins at ``c * n`` (n values, one a row, a column).
"""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.activations import activate, differentiate
from clearprop.engines.kernels.codes import (
    ACTIVATION,
    BY_TABLE,
    DENSE,
    DRAWN,
    DROPOUT,
    EMBEDDING,
    EXTRA,
    KIND,
    MEMBERS,
    N_IN,
    N_OUT,
    PERIODIC,
    PIECEWISE,
    PLACES,
    SCALE,
    WAY,
    WEIGHT,
    A,
    Z,
)
from clearprop.engines.kernels.columns import encode, locate, multiply_columns, scale_columns, slopes, sum_by_columns
from clearprop.engines.kernels.dense import bias_gradient, dense, dense_gradient, dense_input
from clearprop.engines.kernels.elementwise import add, multiply
from clearprop.engines.kernels.embedding import add_by_code, look_up, pass_back
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined
from clearprop.engines.kernels.normalise import normalise, normalise_backward
from clearprop.engines.kernels.periodic import waves, waves_backward
from clearprop.engines.kernels.random import advance, fill_mask
from clearprop.engines.kernels.tables import table_gradient, table_input, table_product
from clearprop.engines.kernels.views import copy, fill, part


@inlined
def forward(
    layers: Any,
    settings: Any,
    p: Any,
    x: Any,
    x_at: int,
    rowwise: bool,
    w: Any,
    scratch: Any,
    n: int,
    rows: int,
    training: bool,
    up_to_z: bool,
) -> None:
    """Compute every layer's z and a, or all but the last a, where the loss computes it.

    ``x[x_at:]`` is the block's input: row by row, or as in a workspace.
    """
    for i in range(len(layers)):
        layer = layers[i]
        n_in, n_out, z, a = layer[N_IN], layer[N_OUT], layer[Z] * n, layer[A] * n
        if layer[KIND] == DENSE:
            if layer[WAY] == BY_TABLE:
                table_product(layer, settings, p, x, x_at, w, z, n, rows)
            else:
                dense(layer, p, x, x_at, rowwise and i == 0, w, z, n, rows)
            size = n_out * n
            if up_to_z and i == len(layers) - 1:
                return
            activate(layer[ACTIVATION], settings[i], part(w, z, size), part(w, a, size), scratch, n)
        elif layer[KIND] == DROPOUT:
            copy(part(w, a, n_in * n), part(x, x_at, n_in * n))
            if training:
                mask = layer[EXTRA] * n
                multiply(part(w, a, n_in * n), part(w, mask, n_in * n))
        elif layer[KIND] == SCALE:
            multiply_columns(p, layer[WEIGHT], x, x_at, n_in, w, a, n)
        elif layer[KIND] == MEMBERS:
            for m in range(n_out // n_in):
                multiply_columns(p, layer[WEIGHT] + m * n_in, x, x_at, n_in, w, a + m * n_in * n, n)
        elif layer[KIND] == PIECEWISE:
            encode(settings, layer[EXTRA], x, x_at, n_in, w, a, n)
        elif layer[KIND] == PLACES:
            locate(settings, layer[EXTRA], x, x_at, n_in, w, a, n)
        elif layer[KIND] == PERIODIC:
            waves(layer, settings, int(settings[i]), p, x, x_at, w, a, scratch, n)
        elif layer[KIND] == EMBEDDING:
            look_up(layer, settings, int(settings[i]), p, x, x_at, w, a, n)
        else:
            normalise(layer, settings[i], p, x, x_at, w, n)
        x, x_at = w, a


@inlined
def draw_masks(
    layers: Any,
    settings: Any,
    w: Any,
    n: int,
    rows: int,
    first: int,
    batch: int,
    stream: Any,
    generator: Any,
    draw: bool,
) -> None:
    """Write the factors of every Dropout layer for rows first … first + rows − 1 of a batch.

    ``stream`` is the step's generator at its beginning, ``generator`` scratch. Without ``draw`` all are 1.
    """
    for i in range(len(layers)):
        layer = layers[i]
        if layer[KIND] == DROPOUT:
            units, mask, rate = layer[N_IN], layer[EXTRA] * n, settings[i]
            if rate == 0.0 or not draw:
                fill(part(w, mask, units * n), number(w[0], 1.0))
            else:
                copy(generator, stream)
                advance(generator, layer[DRAWN] * batch + first * units)
                keep = number(w[0], 1.0 / (1.0 - rate))
                fill_mask(part(w, mask, units * n), generator, rate, keep, units, rows, n)


@inlined
def backward(
    layers: Any,
    settings: Any,
    p: Any,
    g: Any,
    x: Any,
    x_at: int,
    rowwise: bool,
    w: Any,
    d: int,
    spare: int,
    scratch: Any,
    n: int,
    rows: int,
    from_z: bool,
    more: bool,
    lowest: int,
) -> int:
    """Write (or add) the loss's derivative by every parameter to g, given that by the output at column d of w.

    ``spare`` is the other column for derivatives. ``lowest`` is the layer to end with, whose input's derivative isn't
    needed; -1 where that by x is: then its column is returned.
    """
    for i in range(len(layers) - 1, max(lowest, 0) - 1, -1):
        layer = layers[i]
        n_in, n_out, z, a = layer[N_IN], layer[N_OUT], layer[Z] * n, layer[A] * n
        source, at = (x, x_at) if i == 0 else (w, layers[i - 1][A] * n)
        wanted = i > lowest
        if layer[KIND] == DENSE:
            size, here = n_out * n, d * n
            if not (from_z and i == len(layers) - 1):
                differentiate(
                    layer[ACTIVATION], settings[i], part(w, z, size), part(w, a, size), part(w, here, size), scratch, n
                )
            bias_gradient(layer, g, w, here, n, more)
            if layer[WAY] == BY_TABLE:
                table_gradient(layer, settings, p, g, source, at, w, here, n, rows, more)
            else:
                dense_gradient(layer, g, source, at, rowwise and i == 0, w, here, n, rows, more)
            if wanted:
                if layer[WAY] == BY_TABLE:
                    table_input(layer, settings, p, w, here, spare * n, n, rows)
                else:
                    dense_input(layer, p, w, here, spare * n, n, rows)
                d, spare = spare, d
        elif layer[KIND] == DROPOUT:
            if wanted:
                mask = layer[EXTRA] * n
                multiply(part(w, d * n, n_in * n), part(w, mask, n_in * n))
        elif layer[KIND] == SCALE:
            sum_by_columns(g, layer[WEIGHT], source, at, n_in, w, d * n, n, more)
            if wanted:
                scale_columns(p, layer[WEIGHT], w, d * n, n_in, n)
        elif layer[KIND] == MEMBERS:
            for m in range(n_out // n_in):
                here = (d + m * n_in) * n
                sum_by_columns(g, layer[WEIGHT] + m * n_in, source, at, n_in, w, here, n, more)
                if wanted:
                    scale_columns(p, layer[WEIGHT] + m * n_in, w, here, n_in, n)
                    if m > 0:  # the derivative by x is the sum over the members, in the place of the first
                        add(part(w, d * n, n_in * n), part(w, here, n_in * n))
        elif layer[KIND] == PIECEWISE:
            if wanted:
                slopes(settings, layer[EXTRA], w, a, n_in, d * n, spare * n, n)
                d, spare = spare, d
        elif layer[KIND] == PERIODIC:
            waves_backward(layer, settings, int(settings[i]), p, g, source, at, w, d * n, scratch, n, more, wanted)
        elif layer[KIND] == EMBEDDING:
            add_by_code(layer, settings, int(settings[i]), g, source, at, w, d * n, n, rows, more)
            if wanted:
                pass_back(settings, layer[EXTRA], n_in, w, d * n, spare * n, n)
                d, spare = spare, d
        else:
            normalise_backward(layer, p, g, w, d * n, scratch, n, rows, more)
    return d
