"""A small layer's products, z = x W, dW = xᵀ dz and dx = dz Wᵀ, by vectors; large layers' are BLAS's.

Tiles for blocks of rows: four units by two vectors of rows stay in registers. For a single row, vectors
along the units.
A block's values lie unit by unit (n values each); W is (inputs, units) in C order.
"""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.jit import kernel, reduction
from clearprop.engines.kernels.vectors import add, lanes, load, multiply_add, spread, store, total, zeros_like
from clearprop.engines.kernels.views import part


@kernel
def tile_product(
    out: Any, o: int, x: Any, i: int, n: int, w: Any, p: int, along: int, across: int, b: int, n_in: int, n_out: int
) -> None:
    """Write Σ_k x[k] w[p + k · along + j · across], plus w[b + j] unless b < 0, to the rows' values of each out[j].

    n is a multiple of two vectors.
    """
    wide = lanes(out)
    zero = zeros_like(out)
    j = 0
    while j + 4 <= n_out:
        for r in range(0, n, 2 * wide):
            q = o + j * n + r
            a0 = b0 = spread(w, b + j) if b >= 0 else zero
            a1 = b1 = spread(w, b + j + 1) if b >= 0 else zero
            a2 = b2 = spread(w, b + j + 2) if b >= 0 else zero
            a3 = b3 = spread(w, b + j + 3) if b >= 0 else zero
            k, v = i + r, p + j * across
            for _ in range(n_in):
                u0, u1 = load(x, k), load(x, k + wide)
                s = spread(w, v)
                a0, b0 = multiply_add(u0, s, a0), multiply_add(u1, s, b0)
                s = spread(w, v + across)
                a1, b1 = multiply_add(u0, s, a1), multiply_add(u1, s, b1)
                s = spread(w, v + 2 * across)
                a2, b2 = multiply_add(u0, s, a2), multiply_add(u1, s, b2)
                s = spread(w, v + 3 * across)
                a3, b3 = multiply_add(u0, s, a3), multiply_add(u1, s, b3)
                k += n
                v += along
            store(out, q, a0)
            store(out, q + wide, b0)
            store(out, q + n, a1)
            store(out, q + n + wide, b1)
            store(out, q + 2 * n, a2)
            store(out, q + 2 * n + wide, b2)
            store(out, q + 3 * n, a3)
            store(out, q + 3 * n + wide, b3)
        j += 4
    while j < n_out:
        for r in range(0, n, 2 * wide):
            q = o + j * n + r
            a0 = b0 = spread(w, b + j) if b >= 0 else zero
            k, v = i + r, p + j * across
            for _ in range(n_in):
                s = spread(w, v)
                a0, b0 = multiply_add(load(x, k), s, a0), multiply_add(load(x, k + wide), s, b0)
                k += n
                v += along
            store(out, q, a0)
            store(out, q + wide, b0)
        j += 1


@kernel
def tile_gradient(g: Any, p: int, x: Any, i: int, dz: Any, d: int, n: int, n_in: int, n_out: int, more: bool) -> None:
    """Write (or add) dW[k, j] = Σ_rows x[k] dz[j] to g[p + k · n_out + j].

    At the edges a tile repeats the last row or column of W: the same number is then written twice.
    """
    wide = lanes(g)
    for k in range(0, n_in, 4):
        i0 = i + k * n
        i1 = i + min(k + 1, n_in - 1) * n
        i2 = i + min(k + 2, n_in - 1) * n
        i3 = i + min(k + 3, n_in - 1) * n
        for j in range(0, n_out, 2):
            j1 = min(j + 1, n_out - 1)
            d0, d1 = d + j * n, d + j1 * n
            s00 = s01 = s10 = s11 = s20 = s21 = s30 = s31 = zeros_like(g)
            for r in range(0, n, wide):
                u, v = load(dz, d0 + r), load(dz, d1 + r)
                y = load(x, i0 + r)
                s00, s01 = multiply_add(y, u, s00), multiply_add(y, v, s01)
                y = load(x, i1 + r)
                s10, s11 = multiply_add(y, u, s10), multiply_add(y, v, s11)
                y = load(x, i2 + r)
                s20, s21 = multiply_add(y, u, s20), multiply_add(y, v, s21)
                y = load(x, i3 + r)
                s30, s31 = multiply_add(y, u, s30), multiply_add(y, v, s31)
            q = p + k * n_out
            q2, q4, q6 = (
                p + min(k + 1, n_in - 1) * n_out,
                p + min(k + 2, n_in - 1) * n_out,
                p + min(k + 3, n_in - 1) * n_out,
            )
            t0, t1, t2, t3 = total(s00), total(s01), total(s10), total(s11)
            t4, t5, t6, t7 = total(s20), total(s21), total(s30), total(s31)
            if more:
                t0, t1, t2, t3 = t0 + g[q + j], t1 + g[q + j1], t2 + g[q2 + j], t3 + g[q2 + j1]
                t4, t5, t6, t7 = t4 + g[q4 + j], t5 + g[q4 + j1], t6 + g[q6 + j], t7 + g[q6 + j1]
            g[q + j], g[q + j1], g[q2 + j], g[q2 + j1] = t0, t1, t2, t3
            g[q4 + j], g[q4 + j1], g[q6 + j], g[q6 + j1] = t4, t5, t6, t7


@kernel
def row_product(out: Any, o: int, x: Any, i: int, w: Any, p: int, n_in: int, n_out: int) -> None:
    """Add Σ_k x[k] W[k, j] to out[j]: one row, with vectors along the units."""
    wide = lanes(out)
    j = 0
    while j + 4 * wide <= n_out:
        a, b = load(out, o + j), load(out, o + j + wide)
        c, d = load(out, o + j + 2 * wide), load(out, o + j + 3 * wide)
        q = p + j
        for k in range(n_in):
            s = spread(x, i + k)
            a, b = multiply_add(load(w, q), s, a), multiply_add(load(w, q + wide), s, b)
            c, d = multiply_add(load(w, q + 2 * wide), s, c), multiply_add(load(w, q + 3 * wide), s, d)
            q += n_out
        store(out, o + j, a)
        store(out, o + j + wide, b)
        store(out, o + j + 2 * wide, c)
        store(out, o + j + 3 * wide, d)
        j += 4 * wide
    while j + wide <= n_out:
        a, b = load(out, o + j), zeros_like(out)
        q = p + j
        for k in range(0, n_in - 1, 2):
            a = multiply_add(load(w, q), spread(x, i + k), a)
            b = multiply_add(load(w, q + n_out), spread(x, i + k + 1), b)
            q += 2 * n_out
        if n_in % 2:
            a = multiply_add(load(w, q), spread(x, i + n_in - 1), a)
        store(out, o + j, add(a, b))
        j += wide
    while j < n_out:
        out[o + j] += _inner(x, i, 1, w, p + j, n_out, n_in)
        j += 1


@kernel
def row_gradient(g: Any, p: int, x: Any, i: int, dz: Any, d: int, n_in: int, n_out: int, more: bool) -> None:
    """Write (or add) dW[k, j] = x[k] dz[j]."""
    change = part(dz, d, n_out)
    for k in range(n_in):
        row = part(g, p + k * n_out, n_out)
        s = x[i + k]
        if more:
            for j in range(n_out):
                row[j] += s * change[j]
        else:
            for j in range(n_out):
                row[j] = s * change[j]


@kernel
def row_input(out: Any, o: int, dz: Any, d: int, w: Any, p: int, n_in: int, n_out: int) -> None:
    """Write dx[k] = Σ_j dz[j] W[k, j]."""
    for k in range(n_in):
        out[o + k] = _inner(dz, d, 1, w, p + k * n_out, 1, n_out)


@reduction
def _inner(x: Any, i: int, along: int, y: Any, j: int, across: int, n: int) -> Any:
    total = x[i] - x[i]
    for _ in range(n):
        total += x[i] * y[j]
        i += along
        j += across
    return total
