"""The terminal's view on a terminal of the system's own."""

import os
from threading import Thread

import pytest
from rich.console import Console

import clearprop as cp
from clearprop.live.terminal import TerminalView


@pytest.mark.skipif(
    not hasattr(os, "openpty"), reason="a terminal of the test's own needs openpty, which Windows lacks"
)
def test_on_a_real_terminal():
    x, y = cp.datasets.make("moons", 50)
    network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    master, slave = os.openpty()
    found = []

    def read():  # a terminal that nobody reads from blocks who writes
        while b"\x1b[?1049l" not in b"".join(found):
            found.append(os.read(master, 65536))

    reader = Thread(target=read)
    reader.start()
    with os.fdopen(slave, "w", encoding="utf-8") as file:
        console = Console(file=file, _environ={"TERM": "xterm-256color", "COLUMNS": "60", "LINES": "20"})
        with TerminalView(console=console) as view:
            cp.train(network, x, y, loss="binary_cross_entropy", steps=5, rng=0, callbacks=[view])
        reader.join(30)
    os.close(master)
    assert not reader.is_alive()
    assert b"".join(found).decode(errors="replace").startswith("\x1b[?1049h")
