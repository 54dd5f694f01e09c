"""Layer normalisation over a block."""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.codes import BIAS, EXTRA, N_IN, WEIGHT, A, Z
from clearprop.engines.kernels.elementwise import sum_of, sum_of_products
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import kernel
from clearprop.engines.kernels.views import fill, part


@kernel
def normalise(layer: Any, epsilon: float, p: Any, x: Any, x_at: int, w: Any, n: int) -> None:
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
def normalise_backward(layer: Any, p: Any, g: Any, w: Any, d: int, scratch: Any, n: int, rows: int, more: bool) -> None:
    """dx = inverse (h − mean h − z mean(h z)) with h = d ⊙ scale, in place of d."""
    units, z = layer[N_IN], layer[Z] * n
    inverse = part(w, layer[EXTRA] * n, n)
    mean, product = part(scratch, 0, n), part(scratch, n, n)
    fill(mean, number(w[0], 0.0))
    fill(product, number(w[0], 0.0))
    for j in range(units):
        here, column = part(w, d + j * n, n), part(w, z + j * n, n)
        by_scale, by_shift = sum_of_products(here, column), sum_of(here)
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
