"""A block of rows through the layers of a plan, forwards and backwards.

A workspace is one flat array; what lies at column c of a plan begins at ``c * n`` (n values, one a row, a column).
"""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.activations import activate, differentiate
from clearprop.engines.kernels.blas import gemm
from clearprop.engines.kernels.codes import (
    ACTIVATION,
    BIAS,
    BLAS,
    DENSE,
    DRAWN,
    DROPOUT,
    EXTRA,
    KIND,
    N_IN,
    N_OUT,
    SCALE,
    WAY,
    WEIGHT,
    A,
    Z,
)
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined, kernel, reduction
from clearprop.engines.kernels.products import (
    row_gradient,
    row_input,
    row_product,
    tile_gradient,
    tile_product,
)
from clearprop.engines.kernels.random import advance, fill_mask
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
            _dense(layer, p, x, x_at, rowwise and i == 0, w, z, n, rows)
            size = n_out * n
            if up_to_z and i == len(layers) - 1:
                return
            activate(layer[ACTIVATION], settings[i], part(w, z, size), part(w, a, size), scratch, n)
        elif layer[KIND] == DROPOUT:
            copy(part(w, a, n_in * n), part(x, x_at, n_in * n))
            if training:
                mask = layer[EXTRA] * n
                scale_by(part(w, a, n_in * n), part(w, mask, n_in * n))
        elif layer[KIND] == SCALE:
            _scale(layer, p, x, x_at, w, a, n)
        else:
            _normalise(layer, settings[i], p, x, x_at, w, n)
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
    need_input: bool,
) -> int:
    """Write (or add) the loss's derivative by every parameter to g, given that by the output at column d of w.

    ``spare`` is the other column for derivatives. Returns the column of the derivative by x, where it is needed.
    """
    for i in range(len(layers) - 1, -1, -1):
        layer = layers[i]
        n_in, n_out, z, a = layer[N_IN], layer[N_OUT], layer[Z] * n, layer[A] * n
        source, at = (x, x_at) if i == 0 else (w, layers[i - 1][A] * n)
        wanted = i > 0 or need_input
        if layer[KIND] == DENSE:
            size, here = n_out * n, d * n
            if not (from_z and i == len(layers) - 1):
                differentiate(
                    layer[ACTIVATION], settings[i], part(w, z, size), part(w, a, size), part(w, here, size), scratch, n
                )
            sum_columns(g, layer[BIAS], w, here, n_out, n, more)
            _dense_gradient(layer, g, source, at, rowwise and i == 0, w, here, n, rows, more)
            if wanted:
                _dense_input(layer, p, w, here, spare * n, n, rows)
                d, spare = spare, d
        elif layer[KIND] == DROPOUT:
            if wanted:
                mask = layer[EXTRA] * n
                scale_by(part(w, d * n, n_in * n), part(w, mask, n_in * n))
        elif layer[KIND] == SCALE:
            _scale_backward(layer, p, g, source, at, w, d * n, n, more)
        else:
            _normalise_backward(layer, p, g, w, d * n, scratch, n, rows, more)
    return d


@inlined
def _dense(layer: Any, p: Any, x: Any, x_at: int, rowwise: bool, w: Any, z: int, n: int, rows: int) -> None:
    n_in, n_out, weight, bias = layer[N_IN], layer[N_OUT], layer[WEIGHT], layer[BIAS]
    if n > 1 and layer[WAY] != BLAS:
        tile_product(w, z, x, x_at, n, p, weight, n_out, 1, bias, n_in, n_out)
        return
    zero, one = number(w[0], 0.0), number(w[0], 1.0)
    for j in range(n_out):
        fill(part(w, z + j * n, rows), p[bias + j])
        fill(part(w, z + j * n + rows, n - rows), zero)  # BLAS leaves them: 0 stays finite in every activation
    if n == 1:
        row_product(w, z, x, x_at, p, weight, n_in, n_out)
    else:
        width = n_in if rowwise else n
        gemm(rowwise, True, rows, n_out, n_in, x, x_at, width, p, weight, n_out, one, w, z, n)


@inlined
def _dense_gradient(
    layer: Any, g: Any, x: Any, x_at: int, rowwise: bool, w: Any, d: int, n: int, rows: int, more: bool
) -> None:
    n_in, n_out, weight = layer[N_IN], layer[N_OUT], layer[WEIGHT]
    if n == 1:
        row_gradient(g, weight, x, x_at, w, d, n_in, n_out, more)
    elif layer[WAY] == BLAS:
        beta = number(w[0], 1.0 if more else 0.0)
        width = n_in if rowwise else n
        gemm(True, rowwise, n_out, n_in, rows, w, d, n, x, x_at, width, beta, g, weight, n_out)
    else:
        tile_gradient(g, weight, x, x_at, w, d, n, n_in, n_out, more)


@inlined
def _dense_input(layer: Any, p: Any, w: Any, d: int, into: int, n: int, rows: int) -> None:
    n_in, n_out, weight = layer[N_IN], layer[N_OUT], layer[WEIGHT]
    if n == 1:
        row_input(w, into, w, d, p, weight, n_in, n_out)
    elif layer[WAY] == BLAS:
        zero = number(w[0], 0.0)
        gemm(False, False, rows, n_in, n_out, w, d, n, p, weight, n_out, zero, w, into, n)
        for j in range(n_in):  # sums over the rows go over the padded ones too
            fill(part(w, into + j * n + rows, n - rows), zero)
    else:
        tile_product(w, into, w, d, n, p, weight, 1, n_out, -1, n_out, n_in)


@kernel
def scale_by(x: Any, y: Any) -> None:
    """x ← x ⊙ y."""
    for i in range(len(x)):
        x[i] *= y[i]


@kernel
def sum_columns(g: Any, at: int, w: Any, d: int, n_out: int, n: int, more: bool) -> None:
    """Write (or add) the sum over the rows of each unit's derivative: db = Σ dz."""
    for j in range(n_out):
        total = _sum(part(w, d + j * n, n))
        g[at + j] = g[at + j] + total if more else total


@reduction
def _sum(x: Any) -> Any:
    total = x[0] - x[0]
    for i in range(len(x)):
        total += x[i]
    return total


@reduction
def _sum_of_products(x: Any, y: Any) -> Any:
    total = x[0] - x[0]
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@kernel
def _scale(layer: Any, p: Any, x: Any, x_at: int, w: Any, a: int, n: int) -> None:
    """Write a = x ⊙ scale."""
    for j in range(layer[N_IN]):
        column, out, factor = part(x, x_at + j * n, n), part(w, a + j * n, n), p[layer[WEIGHT] + j]
        for r in range(n):
            out[r] = column[r] * factor


@kernel
def _scale_backward(layer: Any, p: Any, g: Any, x: Any, x_at: int, w: Any, d: int, n: int, more: bool) -> None:
    """dscale = Σ d ⊙ x, and dx = d ⊙ scale in place of d."""
    for j in range(layer[N_IN]):
        here, at = part(w, d + j * n, n), layer[WEIGHT] + j
        by_scale = _sum_of_products(here, part(x, x_at + j * n, n))
        g[at] = g[at] + by_scale if more else by_scale
        factor = p[at]
        for r in range(n):
            here[r] *= factor


@kernel
def _normalise(layer: Any, epsilon: float, p: Any, x: Any, x_at: int, w: Any, n: int) -> None:
    """z = (x − mean) / √(variance + epsilon) over a row's units; a = scale · z + shift."""
    units, z, a = layer[N_IN], layer[Z] * n, layer[A] * n
    inverse = part(w, layer[EXTRA] * n, n)
    mean = part(w, a, n)  # a is written last, so its first column serves until then
    fill(mean, number(w[0], 0.0))
    share = number(w[0], 1.0 / units)
    for j in range(units):
        for r in range(n):
            mean[r] += x[x_at + j * n + r]
    for r in range(n):
        mean[r] *= share
        inverse[r] = 0.0
    for j in range(units):
        column = part(w, z + j * n, n)
        for r in range(n):
            centred = x[x_at + j * n + r] - mean[r]
            column[r] = centred
            inverse[r] += centred * centred
    one = number(w[0], 1.0)
    for r in range(n):
        inverse[r] = one / (inverse[r] * share + number(w[0], epsilon)) ** number(w[0], 0.5)
    for j in range(units):
        column, out = part(w, z + j * n, n), part(w, a + j * n, n)
        factor, shift = p[layer[WEIGHT] + j], p[layer[BIAS] + j]
        for r in range(n):
            column[r] *= inverse[r]
            out[r] = column[r] * factor + shift


@kernel
def _normalise_backward(
    layer: Any, p: Any, g: Any, w: Any, d: int, scratch: Any, n: int, rows: int, more: bool
) -> None:
    """dx = inverse (h − mean h − z mean(h z)) with h = d ⊙ scale, in place of d."""
    units, z = layer[N_IN], layer[Z] * n
    inverse = part(w, layer[EXTRA] * n, n)
    mean, product = part(scratch, 0, n), part(scratch, n, n)
    fill(mean, number(w[0], 0.0))
    fill(product, number(w[0], 0.0))
    for j in range(units):
        here, column = part(w, d + j * n, n), part(w, z + j * n, n)
        by_scale, by_shift = _sum_of_products(here, column), _sum(here)
        scale, shift = layer[WEIGHT] + j, layer[BIAS] + j
        g[scale] = g[scale] + by_scale if more else by_scale
        g[shift] = g[shift] + by_shift if more else by_shift
        factor = p[scale]
        for r in range(n):
            h = here[r] * factor
            here[r] = h
            mean[r] += h
            product[r] += h * column[r]
    share = number(w[0], 1.0 / units)
    for r in range(n):
        mean[r] *= share
        product[r] *= share
    for j in range(units):
        here, column = part(w, d + j * n, n), part(w, z + j * n, n)
        for r in range(n):
            here[r] = inverse[r] * (here[r] - mean[r] - column[r] * product[r])
