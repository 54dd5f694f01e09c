"""The check of a whole network with its loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.engines.reference import ReferenceEngine
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.parameters import Parameters
from clearprop.testing.contracts import away_from_zero, draw_targets, must
from clearprop.testing.derivatives import Arrays, Report, compare


def check_network(
    network: Network,
    loss: str | Loss,
    *,
    x: Any = None,
    y: Any = None,
    parameters: Parameters | None = None,
    sample_weight: Any = None,
    rows: int = 6,
    entries: int = 64,
    rng: int = 0,
    tolerance: float | None = None,
) -> Report:
    """Check a loss's whole gradient through a network: by every parameter, and by the input.

    Parameters
    ----------
    network : Network
    loss : str or Loss
    x : array, shape (rows, n_inputs), optional
        By default normal numbers, each moved away from 0 by 0.1.
    y : array, optional
        As for ``train``; by default drawn within the loss's domain.
    parameters : Parameters, optional
        By default first values, moved by a tenth of normal numbers, so that no unit is exactly at a kink.
    sample_weight : array, shape (rows,), optional
    rows, entries, rng : int
        Rows drawn, entries looked at one by one in each array (a random direction through all of it comes on top), and
        the seed of all that is drawn, Dropout's too.
    tolerance : float, optional
        The largest scaled error, as for ``check_layer``.

    Returns
    -------
    Report

    Raises
    ------
    AssertionError
        Naming the array, such as ``"0.weight"`` or ``"input"``, the place and both values.
    InputError
        If the loss doesn't take this network's outputs, or the targets.

    Examples
    --------
    >>> from clearprop import Dense, Network
    >>> network = Network(2, [Dense(3, "silu"), Dense(1, "exponential")])
    >>> check_network(network, "poisson").error < 1e-12
    True
    """
    loss = Loss.resolve(loss)
    loss.check_outputs(network.output_activation)
    draw = np.random.default_rng(rng)
    x = away_from_zero(draw, (rows, network.n_inputs)) if x is None else np.asarray(x, dtype=np.float64)
    if parameters is None:
        parameters = network.first_parameters(draw)
        parameters.vector[...] += 0.1 * draw.normal(size=parameters.vector.shape)
    drawn = draw_targets(loss, draw, (len(x), network.n_outputs)) if y is None else y
    targets = loss.targets(drawn, network.n_outputs, np.float64)
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    from_z = ReferenceEngine(network, loss).from_z

    def passed(parameters: Parameters, x: Any) -> Any:
        stream = np.random.default_rng(rng) if any(layer.draws for layer in network.layers) else None
        output, cache = network.forward(parameters, x, stream)
        return cache, *loss.value_and_gradient(output, targets, weight, z=cache[-1].z if from_z else None)

    cache, value, derivative = passed(parameters, x)
    must(
        bool(np.isfinite(value)), f"the loss is {value}, so there is no derivative; give x, y or parameters of your own"
    )
    into = parameters.like(np.full_like(parameters.vector, np.nan))
    dx = network.backward(parameters, cache, derivative, into, from_z=from_z)

    def mean_loss(arrays: Arrays) -> Any:
        return passed(parameters.like(network.layout.gather(arrays)), arrays["input"])[1]

    arrays, gradients = {**parameters, "input": x}, {**into, "input": dx}
    return compare(mean_loss, arrays, gradients, terms=derivative, rng=draw, entries=entries, tolerance=tolerance)
