"""Gradient checks for layers, activations, losses and networks of your own, and for ours.

Each compares a derivative written by hand with one that is computed from the formula itself, checks what the rest of
Clearprop relies on (shapes, dtypes, nothing changed that was handed in), and returns a ``Report``.

Examples
--------
>>> from clearprop import Dense, LayerNorm, Network, testing
>>> testing.check_layer(LayerNorm(), 4).method
'complex step'
>>> network = Network(3, [Dense(4, "tanh"), Dense(2, "softmax")])
>>> testing.check_network(network, "categorical_cross_entropy").error < 1e-12
True
"""

from clearprop.testing.activations import check_activation
from clearprop.testing.derivatives import Report
from clearprop.testing.layers import check_layer
from clearprop.testing.losses import check_loss
from clearprop.testing.networks import check_network

__all__ = ["Report", "check_activation", "check_layer", "check_loss", "check_network"]
