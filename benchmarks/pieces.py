"""The compiled engine's pieces, each called again and again from machine code, so that it can be timed alone.

Also the plainer ways that they were measured against. What the numbers mean: ``clearprop.engines.kernels.codes``.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from clearprop.engines.kernels import blocks, dense, losses, products, steps
from clearprop.engines.kernels import codes as c
from clearprop.engines.kernels.activations import activate, differentiate
from clearprop.engines.kernels.exponentials import tanh
from clearprop.engines.kernels.vectors import lanes, load, multiply_add, spread, store
from clearprop.engines.kernels.views import part

FORWARD, ACTIVATE, DIFFERENTIATE, SUM, GRADIENT, INPUT, ROWS, LOSS, UPDATE = range(9)

# a kernel's parts are inlined there: here they are taken one by one
_dense, _dense_gradient, _dense_input = dense.dense, dense.dense_gradient, dense.dense_input
_update, _bias_gradient = steps._update, dense.bias_gradient
_gather, _weigh, _padded, _value = blocks.gather, blocks.weigh, blocks.padded, losses.value_and_derivative
_tiles = products.tile_product


@njit(error_model="numpy")
def repeat(
    n: int, what: int, k: int, plan: Any, layers: Any, settings: Any, p: Any, g: Any, first: Any, second: Any, x: Any,
    y: Any, weight: Any, order: Any, hyper: Any, w: Any, rows: int,
) -> None:  # fmt: skip
    """Do one piece of a step n times: layer k's for a block of rows, or what there is once a block or a step."""
    m, layer, end = _padded(rows, w), layers[k], layers[len(layers) - 1]
    rowwise = plan[c.ROWWISE] != 0
    z, a, d, spare, size = layer[c.Z] * m, layer[c.A] * m, plan[c.D] * m, plan[c.SPARE] * m, layer[c.N_OUT] * m
    scratch = part(w, plan[c.SCRATCH] * m, 2 * m)
    source, at = (x, 0) if rowwise and k == 0 else (w, layers[k - 1, c.A] * m if k else 0)
    here = rowwise and k == 0
    for _ in range(n):
        if what == FORWARD:
            _dense(layer, p, source, at, here, w, z, m, rows)
        elif what == ACTIVATE:
            activate(layer[c.ACTIVATION], settings[k], part(w, z, size), part(w, a, size), scratch, m)
        elif what == DIFFERENTIATE:
            differentiate(
                layer[c.ACTIVATION], settings[k], part(w, z, size), part(w, a, size), part(w, d, size), scratch, m
            )
        elif what == SUM:
            _bias_gradient(layer, g, w, d, m, False)
        elif what == GRADIENT:
            _dense_gradient(layer, g, source, at, here, w, d, m, rows, False)
        elif what == INPUT:
            _dense_input(layer, p, w, d, spare, m, rows)
        elif what == ROWS:
            if not rowwise:
                _gather(x, plan[c.INPUTS], rows, True, order, False, 0, rows, w, 0, m)
            _gather(y, plan[c.OUTPUTS], rows, True, order, False, 0, rows, w, plan[c.Y] * m, m)
            _weigh(weight, order, False, 0, rows, 1.0, w, plan[c.SHARE] * m, m)
        elif what == LOSS:
            _value(
                plan[c.LOSS], 0.0, part(w, end[c.Z] * m, size), part(w, end[c.A] * m, size),
                part(w, plan[c.Y] * m, size), part(w, plan[c.SHARE] * m, m), part(w, d, size),
                part(w, plan[c.VALUES] * m, size), scratch, m, rows,
            )  # fmt: skip
        else:
            _update(plan[c.RULE], hyper, p, g, first, second, 0, len(p), 1_000, 0.0)


@njit(error_model="numpy", fastmath={"contract"})
def plain_product(repeats: int, out: Any, x: Any, w: Any, n: int, n_in: int, n_out: int) -> None:
    """Add x W to out unit by unit, as one would write it; the inner loop is along the rows."""
    for _ in range(repeats):
        for j in range(n_out):
            for k in range(n_in):
                s = w[k * n_out + j]
                for r in range(n):
                    out[j * n + r] += x[k * n + r] * s


@njit(error_model="numpy", fastmath={"contract"})
def plain_product_by_row(repeats: int, out: Any, x: Any, w: Any, n: int, n_in: int, n_out: int) -> None:
    """Add x W to out row by row, the inner loop along the units."""
    for _ in range(repeats):
        for r in range(n):
            for k in range(n_in):
                s = x[r * n_in + k]
                for j in range(n_out):
                    out[r * n_out + j] += s * w[k * n_out + j]


@njit(error_model="numpy")
def tiled_product(repeats: int, out: Any, x: Any, w: Any, n: int, n_in: int, n_out: int) -> None:
    """Write x W to out by the engine's tiles."""
    for _ in range(repeats):
        _tiles(out, 0, x, 0, n, w, 0, n_out, 1, -1, n_in, n_out)


@njit(error_model="numpy")
def peak(repeats: int, out: Any) -> int:
    """Multiply and add in registers, ten vectors at once, and nothing else; return how many numbers a vector holds."""
    s, wide = spread(out, 0), lanes(out)
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = load(out, 0)
    for _ in range(repeats):
        a0, a1, a2 = multiply_add(a0, s, s), multiply_add(a1, s, s), multiply_add(a2, s, s)
        a3, a4, a5 = multiply_add(a3, s, s), multiply_add(a4, s, s), multiply_add(a5, s, s)
        a6, a7, a8, a9 = multiply_add(a6, s, s), multiply_add(a7, s, s), multiply_add(a8, s, s), multiply_add(a9, s, s)
    store(out, 0, a0)
    store(out, wide, a1)
    store(out, 2 * wide, a2)
    store(out, 3 * wide, a3)
    store(out, 4 * wide, a4)
    store(out, 5 * wide, a5)
    store(out, 6 * wide, a6)
    store(out, 7 * wide, a7)
    store(out, 8 * wide, a8)
    store(out, 9 * wide, a9)
    return wide


@njit(error_model="numpy")
def library_tanh(repeats: int, x: Any, out: Any) -> None:
    """Call the C library's tanh for each number."""
    for _ in range(repeats):
        for i in range(len(x)):
            out[i] = math.tanh(x[i])


@njit(error_model="numpy")
def polynomial_tanh(repeats: int, x: Any, out: Any) -> None:
    """Call the engine's tanh for each number."""
    for _ in range(repeats):
        for i in range(len(x)):
            out[i] = tanh(x[i])


@njit(error_model="numpy")
def may_store(repeats: int, x: Any, slope: Any) -> None:
    """Multiply with a slope where x < 0, and leave the others alone."""
    for _ in range(repeats):
        for i in range(len(x)):
            if x[i] < 0:
                x[i] *= slope


@njit(error_model="numpy")
def must_store(repeats: int, x: Any, slope: Any, one: Any) -> None:
    """Multiply each number: with a slope where x < 0, else with 1."""
    for _ in range(repeats):
        for i in range(len(x)):
            x[i] *= slope if x[i] < 0 else one
