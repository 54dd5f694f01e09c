"""The quick start's text runs as it stands, and each line does what is said beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_moons

QUICK_START = """\
import clearprop as cp

network = cp.Network(2, [cp.Dense(16, "leaky_relu"), cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")])
result = cp.train(network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), steps=20_000, rng=0)

result.history["loss"]                                          # one value a step, taken before its update
result.predict(x_test)                                          # (n, 1) probabilities
output, cache = network.forward(result.parameters, x_test)      # cache[i] knows layer i's x, z and a
value, gradients = cp.value_and_gradient(network, result.parameters, x, y, loss="binary_cross_entropy")
gradients["0.weight"]                                           # (2, 16), a view of gradients.vector
result.save("moons.safetensors"); again = cp.load("moons.safetensors")
"""


def test_quick_start(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (x, y), (x_test, y_test) = (make_moons(150, noise=0.1, random_state=seed) for seed in (0, 1))
    names: dict[str, Any] = {"x": x, "y": y, "x_test": x_test}
    exec(QUICK_START, names)  # noqa: S102 - the text above

    cp, network, result, output, cache, gradients = (
        names[name] for name in ("cp", "network", "result", "output", "cache", "gradients")
    )
    losses, probabilities = result.history["loss"], result.predict(x_test)
    assert losses.shape == (20_000,)
    first = network.first_parameters(cp.streams.stream(0, "init"))
    value = cp.value_and_gradient(network, first, x, y, loss="binary_cross_entropy")[0]
    assert losses[0] == pytest.approx(value, rel=1e-12)  # the compiled engine's last bits may be others
    assert probabilities.shape == (150, 1)
    assert ((probabilities[:, 0] > 0.5) == y_test).mean() > 0.98
    np.testing.assert_allclose(output, probabilities, rtol=1e-10)
    assert cache[0].x is x_test
    np.testing.assert_array_equal(cache[1].x, cache[0].a)
    np.testing.assert_array_equal(cache[2].z, cache[1].a @ result.parameters["2.weight"] + result.parameters["2.bias"])
    assert names["value"] < losses[-1]
    assert gradients["0.weight"].shape == (2, 16)
    assert np.shares_memory(gradients["0.weight"], gradients.vector)
    np.testing.assert_array_equal(names["again"].predict(x_test), probabilities)
    assert str(network).splitlines()[-1] == "2 inputs, 1 output, 337 parameters"
