"""Ctrl-C: a run ends at the next step's boundary, with nothing half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

INTERRUPTED = "interrupted by Ctrl-C"


@contextmanager
def interruptible(stop: Callable[[str], None]) -> Generator[None]:
    """Have Ctrl-C call ``stop`` with the reason; a second one interrupts at once."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop(INTERRUPTED)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
