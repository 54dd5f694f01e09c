"""How a network's outputs move with its inputs: the exact derivative, by the network's own backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array, as_matrix, check_memory
from clearprop.network import ROWS
from clearprop.result import Result


def input_gradients(result: Result, x: Any) -> Array:
    """Return ∂output_k/∂x_j at each row: one backward pass an output, from its unit vector.

    Parameters
    ----------
    result : Result
        A trained network; its best parameters count where early stopping kept them, as for ``predict``.
    x : array-like, shape (rows, n_inputs)

    Returns
    -------
    array, shape (rows, n_outputs, n_inputs)
        In the parameters' dtype, in units of the output per unit of the input.

    Raises
    ------
    InputError, InputTypeError
        For another number of columns, NaN, text and the like.
    TooLargeError
        If the answer would not fit in memory.

    Examples
    --------
    >>> import clearprop as cp
    >>> network = cp.Network(2, [cp.Dense(1)])
    >>> x, y = [[0, 0], [0, 1], [1, 0]], [0, -1, 3]
    >>> result = cp.train(network, x, y, loss="squared", optimizer="lbfgs", steps=50, rng=0)
    >>> input_gradients(result, [[5.0, 7.0]]).round(3)  # y = 3 x_0 − x_1
    array([[[ 3., -1.]]])
    """
    network, parameters = result.network, result.parameters
    dtype = parameters.vector.dtype
    matrix = as_matrix(x, "x", dtype=dtype, features=network.n_inputs)
    shape = (len(matrix), network.n_outputs, network.n_inputs)
    check_memory(float(dtype.itemsize) * np.prod(shape, dtype=np.float64), "the input gradients of so many rows")
    slopes = np.empty(shape, dtype)
    unread = parameters.copy()  # backward writes the parameters' gradients somewhere
    with np.errstate(over="ignore", invalid="ignore"):
        for i in range(0, len(matrix), ROWS):
            outputs, cache = network.forward(parameters, matrix[i : i + ROWS])
            for k in range(network.n_outputs):
                direction = np.zeros_like(outputs)
                direction[:, k] = 1.0
                slopes[i : i + ROWS, k] = network.backward(parameters, cache, direction, unread, need_input=True)
    return slopes
