"""The command ``clearprop``, such that Ctrl-C ends it quietly from its first moment on.

It lies beside the package: to import a part of that imports all of NumPy first.
"""

from __future__ import annotations

import os
import signal

_INTERRUPTED = 130


def run() -> None:
    """Import the command line and run it; until it listens to Ctrl-C itself, nothing has been done that could break."""
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listens:
        signal.signal(signal.SIGINT, _end)
    from clearprop.cli.main import run as command

    if listens:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command()


def _end(*_: object) -> None:
    os._exit(_INTERRUPTED)
