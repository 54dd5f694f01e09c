"""SIGTERM: a command ends as it does at Ctrl-C, with what it has done kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import typer

TERMINATED = 143


@contextmanager
def terminable() -> Generator[None]:
    """Have SIGTERM do what Ctrl-C does meanwhile; the command then ends with 143.

    What stands outside of this, and where somebody listens to SIGTERM already, stays as it is.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    terminated = False

    def terminate(_: int, frame: FrameType | None) -> None:
        nonlocal terminated
        terminated = True
        interrupt = signal.getsignal(signal.SIGINT)
        if not callable(interrupt):  # a shell's job in the background doesn't hear Ctrl-C
            raise KeyboardInterrupt
        interrupt(signal.SIGINT, frame)

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except KeyboardInterrupt:
        if not terminated:
            raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if terminated:
        raise typer.Exit(TERMINATED)
