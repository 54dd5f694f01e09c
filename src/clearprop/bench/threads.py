"""How many threads everybody gets: by environment before a process starts, and by limits while it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NoReturn

OVERRIDES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # where set, OpenBLAS runs other kernels than this CPU's
COUNTS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NPROC")  # NPROC is XLA's


def environment(count: int) -> dict[str, str]:
    """Return this process's environment with so many threads, and with OpenBLAS free to choose this CPU's kernels.

    Examples
    --------
    >>> environment(2)["OMP_NUM_THREADS"]
    '2'
    """
    kept = {name: value for name, value in os.environ.items() if name not in OVERRIDES}
    return kept | dict.fromkeys(COUNTS, str(count))


def restart(count: int) -> None:
    """Start this program anew in ``environment(count)``, unless it runs in it: OpenBLAS reads it at its start."""
    wanted = environment(count)
    if wanted != dict(os.environ):
        _replace([sys.executable, *sys.orig_argv[1:]], wanted)


def _replace(command: list[str], wanted: dict[str, str]) -> NoReturn:
    if sys.platform == "win32":  # where exec gives the terminal back before the new process has ended
        sys.exit(subprocess.run(command, env=wanted, check=False).returncode)  # noqa: S603 - this program itself
    os.execve(command[0], command, wanted)  # noqa: S606 - this program itself


@contextmanager
def limited(count: int) -> Generator[None]:
    """Keep BLAS, OpenMP and PyTorch (if it is imported) to so many threads."""
    from threadpoolctl import threadpool_limits

    torch: Any = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    with threadpool_limits(count):
        if torch:
            torch.set_num_threads(count)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(before)
