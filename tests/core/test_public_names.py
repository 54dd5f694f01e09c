"""Nothing becomes public by accident, and importing Clearprop costs little."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

import pytest

import clearprop as cp

NAMES = """
Absolute Activation Adam AdamW BinaryCrossEntropy Cache Callback CategoricalCrossEntropy Clip ClipGlobalNorm ClipNorm
ClipValue Dense Dropout ELU EarlyStopping Embedding Exponential GELU GroupedDense History Huber Identity Initializer
LBFGS Layer LayerNorm Layout LeakyReLU Live Loss MLPClassifier MLPRegressor Members Mish Momentum Nesterov Network
Optimizer Parameters Periodic PiecewiseLinear Poisson Quantile RMSProp ReLU ReduceOnPlateau Result Rprop SELU SGD
Scale Schedule SiLU Sigmoid Softmax Softplus Squared TabularClassifier TabularRegressor Tanh UpdateRule datasets
diagnose errors initializers input_gradients load plots schedules testing train value_and_gradient
watch
""".split()  # noqa: SIM905 - read as a list by people

TESTING = ["Report", "check_activation", "check_layer", "check_loss", "check_network"]


def python(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return run.stdout


def test_public_names() -> None:
    assert sorted(cp.__all__) == sorted(NAMES)
    assert len(cp.__all__) == len(set(cp.__all__))
    for name in NAMES:
        assert getattr(cp, name) is not None
    assert cp.testing.__all__ == TESTING


def test_what_else_can_be_reached_is_no_class_or_function_of_ours() -> None:
    ours = {
        name
        for name, value in vars(cp).items()
        if not name.startswith("_")
        and not isinstance(value, ModuleType)
        and getattr(value, "__module__", "").startswith("clearprop")
    }
    assert ours <= set(NAMES)


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="module 'clearprop' has no attribute 'Dens'"):
        cp.Dens  # noqa: B018 - that is the test


def test_version() -> None:
    from importlib.metadata import version

    assert cp.__version__ == version("clearprop")


HEAVY = [
    "sklearn",
    "scipy",
    "matplotlib",
    "safetensors",
    "pandas",
    "torch",
    "typer",
    "rich",
    "pyarrow",
    "threadpoolctl",
]


def test_import_loads_numpy_and_nothing_else_that_is_heavy() -> None:
    code = "import json, sys, clearprop; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    loaded = set(json.loads(python(code)))
    assert "numpy" in loaded
    assert not loaded & set(HEAVY)


def test_training_needs_numpy_alone() -> None:
    code = """
import sys
import clearprop as cp
network = cp.Network(2, [cp.Dense(3, "tanh"), cp.LayerNorm(), cp.Dropout(0.1), cp.Dense(1, "sigmoid")])
result = cp.train(network, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], loss="binary_cross_entropy", steps=5,
                  validation_data=0.25, callbacks=[cp.EarlyStopping("validation_accuracy")])
result.predict([[0, 1]])
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""
    run = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert run.stdout.strip() == ""


def test_checks_need_numpy_alone() -> None:
    code = "import sys, clearprop as cp; cp.testing.check_activation('relu'); print('scipy' in sys.modules)"
    assert python(code).strip() == "False"
