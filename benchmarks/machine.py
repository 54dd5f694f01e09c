"""The machine that a figure was measured on, and its threads."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

OVERRIDES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # where set, OpenBLAS runs other kernels than this CPU's


@contextmanager
def threads(count: int) -> Generator[None]:
    """Keep BLAS, OpenMP and PyTorch (if it is imported) to so many threads."""
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 0
    with threadpool_limits(count):
        if torch:
            torch.set_num_threads(count)
        try:
            yield
        finally:
            if torch:
                torch.set_num_threads(before)


def kernels() -> str:
    """Return which BLAS NumPy runs, and which kernels it chose for this CPU."""
    import numpy as np
    from threadpoolctl import threadpool_info

    folder = str(Path(np.__file__).parent.parent)
    for library in threadpool_info():
        if library["user_api"] == "blas" and str(library["filepath"]).startswith(folder):
            return f"{library['internal_api']} {library['version']}, {library.get('architecture', 'unknown')} kernels"
    return "unknown BLAS"


def cpu() -> str:
    """Return the processor's name."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def state() -> str:
    """Return the machine, its load, and the versions, in a line."""
    packages = ("numpy", "scikit-learn", "torch")
    load = f"load {os.getloadavg()[0]:.1f} at the start, " if hasattr(os, "getloadavg") else ""
    return (
        f"{cpu()}, {os.cpu_count()} cores, {load}{kernels()}; "
        f"Python {platform.python_version()}, {', '.join(f'{name} {_version(name)}' for name in packages)}"
    )


def peak_memory() -> float:
    """Return the most memory that this process has held, in MiB; nan where the system doesn't say."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")]
    return peaks[0] if peaks else float("nan")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
