"""Rows through a network without training: predictions, and the two halves of a pass one by one."""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels import updates
from clearprop.engines.kernels.blocks import gather, padded, scatter
from clearprop.engines.kernels.codes import BLOCK, INPUTS, LOWEST, OUTPUTS, ROWWISE, SCRATCH, SPARE, A, D, Z
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import entry
from clearprop.engines.kernels.layers import backward, forward
from clearprop.engines.kernels.views import fill, part


@entry
def predict(
    plan: Any,
    layers: Any,
    settings: Any,
    p: Any,
    x: Any,
    out: Any,
    scores: Any,
    order: Any,
    w: Any,
    first: int,
    last: int,
) -> bool:
    """Write the outputs (and the last z, unless ``scores`` is empty) for rows first … last − 1.

    Tells whether all inputs and outputs were finite.
    """
    n_in, n_out, rowwise = plan[INPUTS], plan[OUTPUTS], plan[ROWWISE] != 0
    end, broken = layers[len(layers) - 1], 0.0
    while first < last:
        rows = min(plan[BLOCK], last - first)
        n = padded(rows, w)
        broken += updates.brokenness(part(x, first * n_in, rows * n_in))
        source, x_at = w, 0
        if rowwise:
            source, x_at = x, first * n_in
        else:
            gather(x, n_in, len(x), False, order, False, first, rows, w, 0, n)
        scratch = part(w, plan[SCRATCH] * n, 2 * n)
        forward(layers, settings, p, source, x_at, rowwise, w, scratch, n, rows, False, False)
        scatter(w, end[A] * n, n_out, n, first, rows, out)
        broken += updates.brokenness(part(out, first * n_out, rows * n_out))
        if len(scores) > 0:
            scatter(w, end[Z] * n, n_out, n, first, rows, scores)
        first += rows
    return broken == 0.0


@entry
def forward_rows(
    plan: Any, layers: Any, settings: Any, p: Any, x: Any, out: Any, z: Any, order: Any, w: Any, rows: int
) -> None:
    """Compute all rows as one block, write outputs and last z; the workspace keeps what ``backward_rows`` needs."""
    n = padded(rows, w)
    rowwise, end = plan[ROWWISE] != 0, layers[len(layers) - 1]
    source = x if rowwise else w
    if not rowwise:
        gather(x, plan[INPUTS], rows, False, order, False, 0, rows, w, 0, n)
    forward(layers, settings, p, source, 0, rowwise, w, part(w, plan[SCRATCH] * n, 2 * n), n, rows, False, False)
    scatter(w, end[A] * n, plan[OUTPUTS], n, 0, rows, out)
    scatter(w, end[Z] * n, plan[OUTPUTS], n, 0, rows, z)


@entry
def backward_rows(
    plan: Any, layers: Any, settings: Any, p: Any, g: Any, x: Any, d_out: Any, d_in: Any, order: Any, w: Any, rows: int,
    from_z: bool, need_input: bool,
) -> None:  # fmt: skip
    """Write the derivative by every parameter, given that by ``forward_rows``' outputs (or last z); if needed by x."""
    n = padded(rows, w)
    rowwise = plan[ROWWISE] != 0
    source = x if rowwise else w
    d = plan[D] * n
    gather(d_out, plan[OUTPUTS], rows, False, order, False, 0, rows, w, d, n)
    for j in range(plan[OUTPUTS]):
        fill(part(w, d + j * n + rows, n - rows), number(w[0], 0.0))
    column = backward(
        layers, settings, p, g, source, 0, rowwise, w, plan[D], plan[SPARE], part(w, plan[SCRATCH] * n, 2 * n), n, rows,
        from_z, False, -1 if need_input else plan[LOWEST],
    )  # fmt: skip
    if need_input:
        scatter(w, column * n, plan[INPUTS], n, 0, rows, d_in)
