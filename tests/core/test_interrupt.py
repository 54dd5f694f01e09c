"""Ctrl-C ends a run at a step's boundary, with a result."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import ClearpropWarning
from clearprop.training.interrupt import INTERRUPTED, interruptible

X = np.random.default_rng(0).normal(size=(23, 2))
Y = (X[:, 0] > X[:, 1]).astype(float)
NETWORK = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
LINEAR = cp.Network(2, [cp.Dense(1)])


def run(network: cp.Network = NETWORK, y: Any = Y, **more: Any) -> cp.Result:
    return cp.train(network, X, y, **({"loss": "binary_cross_entropy", "steps": 12, "rng": 0} | more))


def test_ctrl_c_ends_at_a_steps_boundary() -> None:
    code = """
        import signal, sys, warnings
        import numpy as np
        import clearprop as cp

        signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background, it would be ignored

        class Say(cp.Callback):
            def on_step(self, training):
                if training.progress.step == 3:
                    print("running", flush=True)

        x = np.random.default_rng(0).normal(size=(50, 2))
        network = cp.Network(2, [cp.Dense(8, "tanh"), cp.Dense(1, "sigmoid")])
        y = (x[:, 0] > 0).astype(float)
        more = {"loss": "binary_cross_entropy", "rng": 0, "batch_size": 7, "engine": "reference"}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = cp.train(network, x, y, steps=10**9, callbacks=[Say()], **more)
        again = cp.train(network, x, y, steps=result.progress.step, **more)
        print(result.stopped)
        print(result.progress.step == len(result.history["loss"]) > 2)
        print(np.array_equal(result.parameters.vector, again.parameters.vector))
        print([str(w.message) for w in caught])
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter, our own code
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "running\n"
        child.send_signal(signal.SIGINT)
        lines = child.communicate(timeout=60)[0].splitlines()
    finally:
        child.kill()
    assert child.returncode == 0
    assert lines[:3] == ["interrupted by Ctrl-C", "True", "True"]
    assert "of 1,000,000,000 steps: interrupted by Ctrl-C" in lines[3]


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    reasons: list[str] = []

    def press_twice() -> None:
        with interruptible(reasons.append):
            signal.raise_signal(signal.SIGINT)
            assert reasons == [INTERRUPTED]
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        press_twice()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_while_training() -> None:
    class Press(cp.Callback):
        def on_step(self, training):
            if training.progress.step == 5:
                signal.raise_signal(signal.SIGINT)

    with pytest.warns(ClearpropWarning, match="stopped after 5 of 12 steps: interrupted by Ctrl-C"):
        result = run(callbacks=[Press()])
    assert (result.progress.step, result.stopped) == (5, INTERRUPTED)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    whole = run(rng=None, resume=result)
    np.testing.assert_array_equal(whole.parameters.vector, run().parameters.vector)


def test_somebody_elses_handler_is_left_alone() -> None:
    def mine(*_: object) -> None:
        pass

    before = signal.signal(signal.SIGINT, mine)
    try:
        with interruptible(lambda _: None):
            assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)
