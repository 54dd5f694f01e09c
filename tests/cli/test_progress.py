"""The progress line: plain lines in a file, one changing line on a terminal, which is given back however a run ends."""

import io

import pytest
from rich.console import Console

import clearprop as cp
from clearprop.cli import progress
from clearprop.cli.progress import ProgressLine
from clearprop.cli.runaway import Runaway
from clearprop.errors import DivergenceError

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Let each look at the clock find it a second later."""
    seconds = iter(range(10**6))
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(seconds)))


def written(*, terminal, rate=0.1, steps=100):
    file = io.StringIO()
    x, y = cp.datasets.make("moons", 40)
    network = cp.Network(2, [cp.Dense(4, "leaky_relu"), cp.Dense(4, "leaky_relu"), cp.Dense(1, "sigmoid")])
    ended = None
    try:
        with ProgressLine(Console(file=file, force_terminal=terminal, width=100)) as line:
            cp.train(
                network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(rate), steps=steps, rng=0,
                clip=cp.ClipValue(1.0), callbacks=[line, Runaway()],
            )  # fmt: skip
    except DivergenceError as error:
        ended = error
    return file.getvalue(), ended


def test_without_a_terminal_it_writes_plain_lines_less_and_less_often():
    text, _ = written(terminal=False)
    lines = text.splitlines()
    assert "\x1b" not in text
    assert "\r" not in text
    assert [line.split()[1] for line in lines] == [f"{step}/100" for step in (1, 3, 7, 15, 31, 61, 91, 100)]
    assert all(line.endswith(" s left") for line in lines[:-1])
    assert lines[0].split("  ")[-1] == "99 s left"
    assert "left" not in lines[-1]
    assert lines[-1].endswith("rate 0.1")


@pytest.mark.parametrize("rate", [0.1, 1e9])
def test_a_terminal_gets_its_cursor_back(rate):
    text, ended = written(terminal=True, rate=rate)
    assert (ended is not None) == (rate == 1e9)
    assert text.count(HIDE) == 1
    assert text.rindex(SHOW) > text.index(HIDE)
    assert "\r" in text
    if ended is None:
        assert "step 100/100" in text.split("\r")[-1]
