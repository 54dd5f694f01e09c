"""A fully connected layer over a block: its products, in one of three ways, group after group."""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.blas import gemm
from clearprop.engines.kernels.codes import BIAS, BLAS, GROUPS, N_IN, N_OUT, SHARED, WAY, WEIGHT
from clearprop.engines.kernels.elementwise import sum_of
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined, kernel
from clearprop.engines.kernels.products import row_gradient, row_input, row_product, tile_gradient, tile_product
from clearprop.engines.kernels.views import fill, part


@inlined
def dense(layer: Any, p: Any, x: Any, x_at: int, rowwise: bool, w: Any, z: int, n: int, rows: int) -> None:
    """Write z = x W + b."""
    groups, shared, bias, weight = layer[GROUPS], layer[SHARED] != 0, layer[BIAS], layer[WEIGHT]
    n_in, n_out = layer[N_IN] // groups, layer[N_OUT] // groups
    zero, one = number(w[0], 0.0), number(w[0], 1.0)
    for _ in range(groups):
        if n > 1 and layer[WAY] != BLAS:
            tile_product(w, z, x, x_at, n, p, weight, n_out, 1, bias, n_in, n_out)
        else:
            for j in range(n_out):
                fill(part(w, z + j * n, rows), p[bias + j])
                fill(part(w, z + j * n + rows, n - rows), zero)  # BLAS leaves them: 0 stays finite in every activation
            if n == 1:
                row_product(w, z, x, x_at, p, weight, n_in, n_out)
            else:
                width = n_in if rowwise else n
                gemm(rowwise, True, rows, n_out, n_in, x, x_at, width, p, weight, n_out, one, w, z, n)
        x_at, z = x_at + n_in * n, z + n_out * n
        if not shared:
            weight, bias = weight + n_in * n_out, bias + n_out


@inlined
def dense_gradient(
    layer: Any, g: Any, x: Any, x_at: int, rowwise: bool, w: Any, d: int, n: int, rows: int, more: bool
) -> None:
    """Write (or add) dW = xᵀ dz."""
    groups, weight = layer[GROUPS], layer[WEIGHT]
    n_in, n_out = layer[N_IN] // groups, layer[N_OUT] // groups
    for _ in range(groups):
        if n == 1:
            row_gradient(g, weight, x, x_at, w, d, n_in, n_out, more)
        elif layer[WAY] == BLAS:
            beta = number(w[0], 1.0 if more else 0.0)
            width = n_in if rowwise else n
            gemm(True, rowwise, n_out, n_in, rows, w, d, n, x, x_at, width, beta, g, weight, n_out)
        else:
            tile_gradient(g, weight, x, x_at, w, d, n, n_in, n_out, more)
        x_at, d = x_at + n_in * n, d + n_out * n
        if layer[SHARED] != 0:
            more = True
        else:
            weight += n_in * n_out


@inlined
def dense_input(layer: Any, p: Any, w: Any, d: int, into: int, n: int, rows: int) -> None:
    """Write dx = dz Wᵀ."""
    groups, weight = layer[GROUPS], layer[WEIGHT]
    n_in, n_out = layer[N_IN] // groups, layer[N_OUT] // groups
    zero = number(w[0], 0.0)
    for _ in range(groups):
        if n == 1:
            row_input(w, into, w, d, p, weight, n_in, n_out)
        elif layer[WAY] == BLAS:
            gemm(False, False, rows, n_in, n_out, w, d, n, p, weight, n_out, zero, w, into, n)
            for j in range(n_in):  # sums over the rows go over the padded ones too
                fill(part(w, into + j * n + rows, n - rows), zero)
        else:
            tile_product(w, into, w, d, n, p, weight, 1, n_out, -1, n_out, n_in)
        d, into = d + n_out * n, into + n_in * n
        if layer[SHARED] == 0:
            weight += n_in * n_out


@kernel
def bias_gradient(layer: Any, g: Any, w: Any, d: int, n: int, more: bool) -> None:
    """Write (or add) db = Σ dz over the rows; of shared biases over the groups, too."""
    n_out, at = layer[N_OUT], layer[BIAS]
    units = n_out // layer[GROUPS] if layer[SHARED] != 0 else n_out
    for j in range(n_out):
        total = sum_of(part(w, d + j * n, n))
        place = at + j % units
        g[place] = g[place] + total if more or j >= units else total
