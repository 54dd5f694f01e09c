"""Ctrl-C ends a compiled run at a step's boundary, soon, and with what an uninterrupted run of that many steps has."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from typing import Any

import pytest

SOON = 2.0  # seconds; 0.2 on a machine that has nothing else to do

BEGIN = """
import signal, sys, time, warnings
import numpy as np
import clearprop as cp
from clearprop.streams import stream

signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background, it would be ignored

class Say(cp.Callback):
    every = 10**12
    def on_start(self, training):
        print("running", flush=True)
    def on_end(self, training):
        print("ended", training.progress.step, flush=True)

rng = np.random.default_rng(0)
"""
SMALL = """
x = rng.normal(size=(50, 2))
y = (x[:, 0] > 0).astype(float)
network = cp.Network(2, [cp.Dense(8, "tanh"), cp.Dropout(0.1), cp.Dense(1, "sigmoid")])
more = {"loss": "binary_cross_entropy", "rng": 0, "batch_size": 7, "engine": "compiled"}
"""
LARGE = """
x = rng.normal(size=(6_000, 20)).astype("float32")
y = x[:, :1] * x[:, 1:2]
network = cp.Network(20, [cp.Dense(1_500, "relu"), cp.Dense(1_500, "relu"), cp.Dense(1)])
more = {"loss": "squared", "rng": 0, "batch_size": 2_048, "engine": "compiled", "deterministic": True}
"""
END = """
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    result = cp.train(network, x, y, steps=10**9, callbacks=[Say()], **more)
steps = result.progress.step
print(result.stopped)
print(steps == len(result.history["loss"]) == len(result.history["rate"]))
if steps == 0:
    expected = network.first_parameters(stream(0, "init"), x.dtype)
elif steps <= limit:
    expected = cp.train(network, x, y, steps=steps, **more).parameters
else:
    expected = result.parameters
print(np.array_equal(result.parameters.vector, expected.vector))
"""


def interrupted(job: str, wait: float, limit: int) -> tuple[float, list[str]]:
    """Start a run, press Ctrl-C after a while; return the seconds until it had ended, and what it then said."""
    code = BEGIN + job + f"limit = {limit}\n" + END
    line = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own interpreter, our own code
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "running\n"
            time.sleep(wait)
            pressed = time.perf_counter()
            child.send_signal(signal.SIGINT)
            assert child.stdout.readline().startswith("ended ")
            seconds = time.perf_counter() - pressed
            lines = child.stdout.read().splitlines()
            child.wait(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 0
    return seconds, lines


@pytest.mark.parametrize(("job", "wait", "limit"), [(SMALL, 0.3, 10**6), (LARGE, 1.5, 40)], ids=["small", "large"])
def test_ctrl_c_is_heard(job: str, wait: float, limit: int, record_property: Any) -> None:
    seconds, lines = interrupted(job, wait, limit)
    record_property("seconds", seconds)
    assert lines == ["interrupted by Ctrl-C", "True", "True"]
    assert seconds < SOON


@pytest.mark.long
def test_ctrl_c_is_heard_at_any_time() -> None:
    """From the first step on."""
    for wait in (0.0, 0.01, 0.05, 0.15, 0.6):
        for job in (SMALL, LARGE):
            seconds, lines = interrupted(job, wait, 10**5 if job is SMALL else 20)
            assert lines == ["interrupted by Ctrl-C", "True", "True"]
            assert seconds < SOON
